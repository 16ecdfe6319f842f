"""The page of what was found: photographs, and what a guest can do with them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from edged.api.guests.forget_page import forget_form
from edged.api.guests.markup import Attributes, Content, Html, el
from edged.api.guests.photo_page import report_form
from edged.api.guests.reception import Visit
from edged.api.guests.sheet import Sheet, moment
from edged.photos.album import EventState
from edged.photos.photo import Photo

PER_PAGE: Final = 24
MOST_CHOSEN: Final = 200
"""Photographs that are downloaded together: their ids stand in the address."""
_AT_ONCE: Final = 6
"""Thumbnails that are asked for before any is scrolled to."""
_LIVE: Final = (
    *("selected", "select_most", "select_photo", "not_me_done", "undo", "undone", "reported", "report_not"),
    *("failed", "wait", "more", "found", "found_1", "photo_alt", "photo_alt_at", "too_often_what"),
)
"""Words that scripts need."""


@dataclass(frozen=True, slots=True)
class Results:
    """Some of what a guest is shown. `page`: from 1; `photos`: of this page; `total`: of all."""

    page: int
    photos: Sequence[Photo]
    total: int

    @property
    def left(self) -> int:
        """How many come after this page."""
        return max(0, self.total - self.page * PER_PAGE)

    def number(self, at: int) -> int:
        """Of the photograph at a place of this page, among all, from 1."""
        return (self.page - 1) * PER_PAGE + at + 1

    def document(self) -> Mapping[str, Any]:
        """What scripts are told."""
        return {
            "page": self.page,
            "total": self.total,
            "left": self.left,
            "photos": [
                {"id": photo.id, "width": photo.width, "height": photo.height, "taken": photo.taken}
                for photo in self.photos
            ],
        }


@dataclass(frozen=True, slots=True)
class Said:
    """What was done just now, for a page without scripts. `photo`: that it was done to, where it can be undone."""

    words: str = ""
    photo: str = ""


def results_page(sheet: Sheet, visit: Visit, results: Results, said: Said, now: float) -> Html:
    """The page."""
    features = visit.event.plan.features
    main: list[Content] = [_head(sheet, visit, results.total), _notice(sheet, said)]
    if results.total:
        main += [
            _actions(sheet, results, again=features.selfie_search, downloads=features.downloads),
            _photos(sheet, results, downloads=features.downloads),
            _more(sheet, results),
        ]
    else:
        is_open = visit.event.state(now) is EventState.OPEN
        main += [
            el("p", {"class": "nothing"}, sheet.say("none_open" if is_open else "none_closed")),
            _again(sheet, first=True) if features.selfie_search else None,
        ]
    main += [_foot(sheet, visit), _viewer(sheet, downloads=features.downloads), _dialogs(sheet, visit)]
    return sheet.whole(visit.event.plan.name, *main, live=_live(sheet, results))


def _head(sheet: Sheet, visit: Visit, total: int) -> Html:
    title = sheet.words.count("found", total) if total else sheet.say("none")
    return el(
        "header",
        {},
        el("p", {"class": "event"}, visit.event.plan.name),
        el("h1", {"id": "title", "tabindex": -1}, title),
    )


def _notice(sheet: Sheet, said: Said) -> Html:
    """Empty where there is nothing to say: scripts speak here as well."""
    undo = None
    if said.photo:
        address = sheet.address(f"/photos/{said.photo}/not-me/undo")
        undo = el("form", {"method": "post", "action": address}, el("button", {"class": "link"}, sheet.say("undo")))
    words = el("span", {}, said.words) if said.words else None
    return el("div", {"id": "notice", "role": "status", "class": "notice"}, words, undo)


def _actions(sheet: Sheet, results: Results, *, again: bool, downloads: bool) -> Html:
    whole = None
    if downloads:
        title = sheet.say("downloads_as", count=results.total)
        link: Attributes = {"class": "button main", "id": "all", "href": sheet.address("/photos.zip"), "title": title}
        whole = el("a", {**link, "download": True}, sheet.say("download_all"))
    choose: Attributes = {"type": "button", "class": "button", "id": "choose", "hidden": True}
    return el(
        "div",
        {"class": "actions"},
        whole,
        el("button", choose, sheet.say("select")) if downloads else None,
        _again(sheet) if again else None,
    )


def _again(sheet: Sheet, *, first: bool = False) -> Html:
    button = el("button", {"class": "button main" if first else "button"}, sheet.say("look_again"))
    return el("form", {"method": "post", "action": sheet.address("/again"), "class": "again"}, button)


def _photos(sheet: Sheet, results: Results, *, downloads: bool) -> Html:
    tiles = [
        tile(sheet, photo, results.number(at), results.total, eager=at < _AT_ONCE, downloads=downloads)
        for at, photo in enumerate(results.photos)
    ]
    photos = el("ol", {"class": "photos", "id": "photos", "start": results.number(0)}, tiles)
    if not downloads:
        return photos
    bar = el(
        "div",
        {"class": "chosen", "id": "chosen"},
        el("output", {"id": "count"}),
        el("button", {"type": "button", "class": "button", "id": "unchoose", "hidden": True}, sheet.say("select_end")),
        el("button", {"class": "button main", "id": "fetch"}, sheet.say("download_selected")),
    )
    language = sheet.field("lang", sheet.words.language) if sheet.chosen else None
    form: Attributes = {"action": f"{sheet.path}/photos.zip", "method": "get", "id": "choice", "data-most": MOST_CHOSEN}
    return el("form", form, sheet.field("t", sheet.token), language, photos, bar)


def tile(sheet: Sheet, photo: Photo, number: int, total: int, *, eager: bool, downloads: bool) -> Html:
    """A photograph among the others."""
    picture: Attributes = {
        "src": sheet.address(f"/photos/{photo.id}/thumbnail"),
        "alt": described(sheet, photo, number, total),
        "width": 320,
        "height": 320,
        "loading": "eager" if eager else "lazy",
        "decoding": "async",
    }
    link = el("a", {"href": sheet.address(f"/photos/{photo.id}")}, el("img", picture))
    box = None
    if downloads:
        name = sheet.say("select_photo", number=number)
        box = el("input", {"type": "checkbox", "name": "photo", "value": photo.id, "aria-label": name})
    return el("li", {"data-photo": photo.id, "data-taken": _taken(photo)}, link, box)


def described(sheet: Sheet, photo: Photo, number: int, total: int) -> str:
    """A photograph, for whoever does not see it."""
    if photo.taken is None:
        return sheet.say("photo_alt", number=number, count=total)
    at = time.strftime("%H:%M", time.localtime(photo.taken))
    return sheet.say("photo_alt_at", number=number, count=total, time=at)


def _taken(photo: Photo) -> str | None:
    return None if photo.taken is None else str(photo.taken)


def _more(sheet: Sheet, results: Results) -> Content:
    """Real links: scripts follow the first by themselves."""
    links: list[Content] = []
    if results.left:
        words = sheet.say("more", count=results.left)
        address = sheet.address(page=results.page + 1)
        link: Attributes = {"class": "button", "id": "more", "rel": "next", "href": address}
        links.append(el("a", link, words))
    if results.page > 1:
        links.append(el("a", {"class": "button", "href": sheet.address()}, sheet.say("earlier")))
    return el("nav", {"class": "more"}, links) if links else None


def _foot(sheet: Sheet, visit: Visit) -> Html:
    before, after = sheet.say("good_until", time="\0").split("\0")
    forget: Attributes = {"class": "link danger", "id": "forget", "href": sheet.address("/forget")}
    return el(
        "footer",
        {},
        el("p", {}, before, moment(visit.end), after, ". ", sheet.say("whose")),
        el("p", {}, el("a", forget, sheet.say("forget"))),
    )


def _viewer(sheet: Sheet, *, downloads: bool) -> Html:
    """A photograph as large as the screen; scripts open it."""

    def button(name: str, words: str, mark: str = "", **more: bool) -> Html:
        shown = el("span", {"aria-hidden": "true"}, mark) if mark else words
        label = words if mark else None
        return el("button", {"type": "button", "data-do": name, "aria-label": label, **more}, shown)

    download = el("a", {"data-do": "download", "download": True, "href": ""}, sheet.say("download"))
    return el(
        "dialog",
        {"id": "viewer", "class": "viewer", "aria-labelledby": "which"},
        el("p", {"id": "which", "class": "which", "aria-live": "polite"}),
        button("close", sheet.say("close"), "✕"),
        el("div", {"id": "over-notice", "role": "status", "class": "notice"}),
        el("div", {"class": "stage"}, el("img", {"id": "large", "alt": ""})),
        button("previous", sheet.say("previous"), "‹"),
        button("next", sheet.say("next"), "›"),
        el(
            "div",
            {"class": "bar"},
            download if downloads else None,
            button("share", sheet.say("share"), hidden=True) if downloads else None,
            button("not-me", sheet.say("not_me")),
            button("report", sheet.say("report")),
        ),
    )


def _dialogs(sheet: Sheet, visit: Visit) -> Content:
    close: Attributes = {"type": "button", "class": "button", "data-close": True}
    cancel = el("button", close, sheet.say("cancel"))
    keep = el("button", {**close, "autofocus": True}, sheet.say("cancel"))
    return [
        el("dialog", {"id": "reporting", "class": "dialog"}, report_form(sheet, "", cancel)),
        el("dialog", {"id": "forgetting", "class": "dialog"}, forget_form(sheet, visit, keep)),
    ]


def _live(sheet: Sheet, results: Results) -> str:
    words = {key: sheet.say(key) for key in _LIVE}
    there = {"total": results.total, "left": results.left, "page": results.page, "per_page": PER_PAGE}
    return json.dumps({"words": words, **there})
