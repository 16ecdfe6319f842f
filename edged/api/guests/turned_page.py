"""What a guest reads who does not get what they ask for."""

from __future__ import annotations

from edged.api.guests.markup import Content, Html, el
from edged.api.guests.sheet import Sheet


def turned_page(sheet: Sheet, word: str, *, seconds: int = 0, back: bool = False) -> Html:
    """The page.

    Args:
        word: of `Why`, or `bug`: under which the words are.
        seconds: after which it may be tried again.
        back: the link is a good one: it is offered once more.
    """
    key = f"{word}_what" if sheet.words.has(f"{word}_what") else "forgotten_what"
    again: Content = None
    if back:
        again = el("p", {}, el("a", {"class": "button", "href": sheet.address()}, sheet.say("try_again")))
    return sheet.whole(
        sheet.say(word),
        el("h1", {}, sheet.say(word)),
        el("p", {}, sheet.say(key, seconds=seconds)),
        again,
    )
