"""What guests do: look again, say that it is not them, report, and be forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from edged.api.asked import body_of
from edged.api.guests.door import NO_STORE, Porter, Speaker, wants_json
from edged.api.guests.forget_page import forgotten_page
from edged.api.guests.pace import Deed
from edged.api.guests.port import GuestAlbums, GuestSearch
from edged.api.guests.reception import Reception, Visit
from edged.api.guests.turned_away import TurnedAway, Why
from edged.photos.album import Doer
from edged.photos.report import ReportReason
from edged.photos.search import Removal

_MOST_BYTES: Final = 1024
_REASONS: Final[Mapping[str, ReportReason]] = {reason.value: reason for reason in ReportReason}


class Deeds:
    """Does what guests ask for; answers scripts with JSON, and forms with the page that tells of it.

    Args:
        by: a guest, for the audit log.
    """

    def __init__(
        self,
        albums: GuestAlbums,
        search: GuestSearch,
        porter: Porter,
        reception: Reception,
        speaker: Speaker,
        by: Doer,
    ) -> None:
        self._albums = albums
        self._search = search
        self._porter = porter
        self._reception = reception
        self._speaker = speaker
        self._by = by

    async def again(self, request: Request) -> Response:
        """Looks for them among the photographs that there are now."""
        visit = await self._porter.let_in(request, Deed.AGAIN)
        if not visit.event.plan.features.selfie_search:
            raise TurnedAway(Why.NOT_OFFERED)
        new = await to_thread.run_sync(self._looked, visit)
        return self._done(request, "looked", new=new)

    async def deny(self, request: Request) -> Response:
        """It is not them."""
        visit, photo = await self._about(request)

        def deny() -> bool:
            return self._albums.deny(visit.event, visit.search.request_id, photo, by=self._by)

        if not await to_thread.run_sync(deny):
            raise TurnedAway(Why.NO_PHOTO)
        return self._done(request, "denied", photo=photo)

    async def withdraw(self, request: Request) -> Response:
        """It is them after all."""
        visit, photo = await self._about(request)

        def withdraw() -> bool:
            return self._albums.withdraw_denial(visit.event, visit.search.request_id, photo, by=self._by)

        if not await to_thread.run_sync(withdraw):
            raise TurnedAway(Why.NO_PHOTO)
        return self._done(request, "undone")

    async def report(self, request: Request) -> Response:
        """It should not be shown."""
        visit, photo = await self._about(request)
        reason = _REASONS.get((await _form(request)).get("reason", ""))
        if reason is None:
            raise TurnedAway(Why.UNCLEAR)

        def report() -> tuple[bool, bool]:
            noted = self._albums.report(visit.event, visit.search.request_id, photo, reason, by=self._by)
            return noted is not None, bool(self._reception.shown(visit, [photo]))

        if photo not in visit.photos:
            raise TurnedAway(Why.NO_PHOTO)
        noted, shown = await to_thread.run_sync(report)
        return self._done(request, "reported" if noted else "report_not", shown=shown)

    async def forget(self, request: Request) -> Response:
        """Forgets them; the last thing that their link does."""
        visit = await self._porter.let_in(request, Deed.SAY)
        if (await _form(request)).get("sure") != "yes":
            raise TurnedAway(Why.UNCLEAR)

        def forget() -> Removal | None:
            return self._search.forget(visit.event, visit.search.request_id, by=self._by)

        removal = await to_thread.run_sync(forget)
        if removal is None:
            raise TurnedAway(Why.FORGOTTEN)
        return HTMLResponse(forgotten_page(self._speaker(request).without_link(), removal), headers=NO_STORE)

    async def _about(self, request: Request) -> tuple[Visit, str]:
        visit = await self._porter.let_in(request, Deed.SAY)
        return visit, request.path_params["photo"]

    def _looked(self, visit: Visit) -> int:
        """How many photographs are shown that were not before."""
        before = {photo.id for photo in self._reception.shown(visit, visit.photos)}
        if self._search.again(visit.event, visit.search.request_id, by=self._by) is None:
            raise TurnedAway(Why.FORGOTTEN)
        later = self._reception.again(visit)
        return sum(photo.id not in before for photo in self._reception.shown(later, later.photos))

    def _done(self, request: Request, said: str, **told: Any) -> Response:
        if wants_json(request):
            return JSONResponse({"said": said, **told}, headers=NO_STORE)
        query = {name: value for name, value in told.items() if name != "shown"}
        address = self._speaker(request).address(said=said, **query)
        return RedirectResponse(address, HTTPStatus.SEE_OTHER, headers=NO_STORE)


async def _form(request: Request) -> Mapping[str, str]:
    body = await body_of(request, _MOST_BYTES)
    return dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=8))
