"""The page of one photograph, for phones that run no scripts, and for links."""

from __future__ import annotations

from edged.api.guests.markup import Attributes, Content, Html, el
from edged.api.guests.sheet import Sheet
from edged.photos.photo import Photo
from edged.photos.report import ReportReason


def photo_page(
    sheet: Sheet, photo: Photo, title: str, *, before: str = "", after: str = "", downloads: bool = True
) -> Html:
    """The page.

    Args:
        title: which one it is.
        before, after: ids of its neighbours, empty where there is none.
    """
    tail = f"/photos/{photo.id}"
    source = sheet.address(f"{tail}/preview")
    picture: Attributes = {"src": source, "alt": title, "width": photo.width, "height": photo.height}
    original: Attributes = {"class": "button main", "href": sheet.address(f"{tail}/original"), "download": True}
    not_me = el("button", {"class": "button"}, sheet.say("not_me"))
    return sheet.whole(
        title,
        el("p", {}, el("a", {"href": sheet.address()}, sheet.say("back"))),
        el("h1", {}, title),
        el("p", {"class": "single"}, el("img", picture)),
        el("nav", {"class": "more"}, _neighbour(sheet, before, "previous"), _neighbour(sheet, after, "next")),
        el(
            "div",
            {"class": "actions"},
            el("a", original, sheet.say("download")) if downloads else None,
            el("form", {"method": "post", "action": sheet.address(f"{tail}/not-me")}, not_me),
        ),
        el("section", {"class": "card"}, report_form(sheet, photo.id)),
        here=tail,
    )


def report_form(sheet: Sheet, photo: str, *more: Content) -> Html:
    """Why a photograph should not be shown. `photo`: its id; empty where scripts say which."""
    reasons = [
        el(
            "label",
            {"class": "choice"},
            el("input", {"type": "radio", "name": "reason", "value": reason, "required": True}),
            sheet.say(f"report_{reason}"),
        )
        for reason in ReportReason
    ]
    return el(
        "form",
        {"method": "post", "action": sheet.address(f"/photos/{photo}/report") if photo else None},
        el("fieldset", {}, el("legend", {}, sheet.say("report_title")), reasons),
        el("p", {"class": "soft"}, sheet.say("report_what")),
        el("p", {"class": "actions"}, el("button", {"class": "button main"}, sheet.say("report_send")), *more),
    )


def _neighbour(sheet: Sheet, photo: str, key: str) -> Content:
    return el("a", {"class": "button", "href": sheet.address(f"/photos/{photo}")}, sheet.say(key)) if photo else None
