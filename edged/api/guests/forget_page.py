"""Before and after a guest is forgotten."""

from __future__ import annotations

from edged.api.guests.markup import Content, Html, el
from edged.api.guests.reception import Visit
from edged.api.guests.sheet import Sheet
from edged.photos.search import Removal


def forget_page(sheet: Sheet, visit: Visit) -> Html:
    """What goes, and a button: for phones that run no scripts."""
    back = el("a", {"class": "button", "href": sheet.address()}, sheet.say("cancel"))
    card = el("section", {"class": "card"}, forget_form(sheet, visit, back, heading="h1"))
    return sheet.whole(sheet.say("forget"), card, here="/forget")


def forget_form(sheet: Sheet, visit: Visit, *more: Content, heading: str = "h2") -> Html:
    """What goes, named, and the button that does it."""
    terms = visit.event.plan.terms
    goes = ["forget_search", "forget_selfie", *(["forget_faces"] if terms.forgets_faces else [])]
    return el(
        "form",
        {"method": "post", "action": sheet.address("/forget")},
        el(heading, {}, sheet.say("forget_title")),
        el("p", {}, sheet.say("forget_what")),
        el("ul", {}, [el("li", {}, sheet.say(key)) for key in goes]),
        el("p", {}, sheet.say("forget_stays" if terms.forgets_faces else "forget_keeps_faces")),
        sheet.field("sure", "yes"),
        el("p", {"class": "actions"}, el("button", {"class": "button bad"}, sheet.say("forget_sure")), *more),
    )


def forgotten_page(sheet: Sheet, removal: Removal) -> Html:
    """Goodbye."""
    selfie = el("p", {}, sheet.say("forgotten_selfie")) if removal.selfies else None
    return sheet.whole(
        sheet.say("forgotten_title"),
        el("h1", {}, sheet.say("forgotten_title")),
        el("p", {}, sheet.say("forgotten_what")),
        selfie,
        el("p", {}, sheet.say("forgotten_bye")),
    )
