"""One page for one guest: in their language, with links that lead on."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from edged.api.guests.markup import Content, Html, el, joined
from edged.api.guests.words import NAMES, Words

_SCRIPTS: Final = ("guests.js", "tiles.js", "viewer.js", "telling.js", "choosing.js")
"""Asked for at once, so that a slow link is waited for once."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What all of a page is made with.

    Attributes:
        chosen: somebody chose the language: links keep it.
        path: of the guest's page, `/g/<request id>`; empty where there is no good link.
        token: of the link.
    """

    words: Words
    chosen: bool = False
    path: str = ""
    token: str = ""

    def address(self, tail: str = "", **query: str | int) -> str:
        """The address of a part of the guest's page."""
        more = {"lang": self.words.language} if self.chosen else {}
        return f"{self.path}{tail}?{urlencode({'t': self.token, **query, **more})}"

    def without_link(self) -> Sheet:
        """The same for somebody whose link is no more."""
        return replace(self, path="", token="")

    def say(self, key: str, **values: str | int) -> str:
        return self.words.say(key, **values)

    def whole(self, title: str, *main: Content, here: str = "", live: str = "") -> Html:
        """A whole page.

        Args:
            title: of the window.
            here: what this page's address ends with, after the guest's own; for the chooser of languages.
            live: words for scripts, JSON; empty: the page has none.
        """
        head = el(
            "head",
            {},
            el("meta", {"charset": "utf-8"}),
            el("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1, viewport-fit=cover"}),
            el("meta", {"name": "color-scheme", "content": "light dark"}),
            el("meta", {"name": "robots", "content": "noindex"}),
            el("title", {}, title),
            el("link", {"rel": "icon", "href": "/static/icon.svg"}),
            el("link", {"rel": "stylesheet", "href": "/static/tokens.css"}),
            el("link", {"rel": "stylesheet", "href": "/static/guests.css"}),
            [el("link", {"rel": "modulepreload", "href": f"/static/{script}"}) for script in _SCRIPTS if live],
            el("script", {"type": "module", "src": f"/static/{_SCRIPTS[0]}"}) if live else None,
        )
        body = el("body", {"data-words": live or None}, el("main", {}, *main), self._languages(here))
        return joined(Html("<!doctype html>\n"), el("html", {"lang": self.words.language}, head, body))

    def field(self, name: str, value: str) -> Html:
        return el("input", {"type": "hidden", "name": name, "value": value})

    def _languages(self, here: str) -> Html:
        links = []
        for language, name in NAMES.items():
            query = {**({"t": self.token} if self.path else {}), "lang": language}
            link = {"href": f"{self.path}{here}?{urlencode(query)}", "lang": language, "hreflang": language}
            current = "true" if language == self.words.language else None
            links.append(el("li", {}, el("a", {**link, "aria-current": current}, name)))
        return el("nav", {"class": "languages", "aria-label": self.say("language")}, el("ul", {}, links))


def moment(instant: float) -> Html:
    """A moment as the device's own place has it; scripts put it into the guest's words."""
    told = time.strftime("%Y-%m-%d %H:%M", time.localtime(instant))
    exactly = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(instant))
    return el("time", {"datetime": exactly}, told)
