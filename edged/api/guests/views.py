"""What guests look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from edged.api.guests.door import NO_STORE, Porter, Speaker
from edged.api.guests.forget_page import forget_page
from edged.api.guests.photo_page import photo_page
from edged.api.guests.reception import MOST_PHOTOS, Reception, Visit, is_id
from edged.api.guests.results_page import PER_PAGE, Results, Said, described, results_page
from edged.api.guests.sheet import Sheet
from edged.api.guests.turned_away import TurnedAway, Why

_MOST_PAGES: Final = MOST_PHOTOS // PER_PAGE + 1


class Views:
    """Answers with pages, and for scripts with what is on the next ones."""

    def __init__(self, reception: Reception, porter: Porter, speaker: Speaker, clock: Callable[[], float]) -> None:
        self._reception = reception
        self._porter = porter
        self._speaker = speaker
        self._clock = clock

    async def results(self, request: Request) -> Response:
        number = _page_of(request)
        visit, results = await self._porter.show(request, lambda visit: self._results(visit, number))
        sheet = self._speaker(request)
        page = results_page(sheet, visit, results, _said(request, sheet), self._clock())
        return HTMLResponse(page, headers=NO_STORE)

    async def more(self, request: Request) -> Response:
        """A page's photographs, for scripts."""
        number = _page_of(request)
        _visit, results = await self._porter.show(request, lambda visit: self._results(visit, number))
        return JSONResponse(results.document(), headers=NO_STORE)

    async def photo(self, request: Request) -> Response:
        """One photograph, for phones that run no scripts."""
        visit, shown = await self._porter.show(request, lambda visit: self._reception.shown(visit, visit.photos))
        at = next((at for at, photo in enumerate(shown) if photo.id == request.path_params["photo"]), None)
        if at is None:
            raise TurnedAway(Why.NO_PHOTO)
        sheet = self._speaker(request)
        page = photo_page(
            sheet,
            shown[at],
            described(sheet, shown[at], at + 1, len(shown)),
            before=shown[at - 1].id if at else "",
            after=shown[at + 1].id if at + 1 < len(shown) else "",
            downloads=visit.event.plan.features.downloads,
        )
        return HTMLResponse(page, headers=NO_STORE)

    async def forget(self, request: Request) -> Response:
        """What goes when a guest is forgotten."""
        visit, _nothing = await self._porter.show(request, lambda _visit: None)
        return HTMLResponse(forget_page(self._speaker(request), visit), headers=NO_STORE)

    def _results(self, visit: Visit, page: int) -> Results:
        shown = self._reception.shown(visit, visit.photos)
        return Results(page, shown[(page - 1) * PER_PAGE : page * PER_PAGE], len(shown))


def _page_of(request: Request) -> int:
    """Which page is asked for, from 1; the first where it is none."""
    page = request.query_params.get("page", "1")
    return min(int(page), _MOST_PAGES) if page.isascii() and page.isdigit() and len(page) < 5 and int(page) else 1


def _said(request: Request, sheet: Sheet) -> Said:
    """What a form that was sent before had as a result."""
    query = request.query_params
    match query.get("said", ""):
        case "denied":
            photo = query.get("photo", "")
            return Said(sheet.say("not_me_done"), photo if is_id(photo) else "")
        case "undone" | "reported" | "report_not" as key:
            return Said(sheet.say(key))
        case "looked":
            new = query.get("new", "")
            return Said(sheet.words.count("looked", int(new) if new.isdigit() and len(new) < 5 else 0, none=True))
    return Said()
