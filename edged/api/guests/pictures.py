"""The photographs themselves: each of them, and all together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from edged.api.guests.archive import Archive, entries_of
from edged.api.guests.door import NO_STORE, Porter
from edged.api.guests.pace import Deed, Pace
from edged.api.guests.pieces import PIECE, Pieces, pieces_of
from edged.api.guests.reception import Reception, Visit
from edged.api.guests.results_page import MOST_CHOSEN
from edged.api.guests.turned_away import TurnedAway, Why
from edged.photos.photo import OpenPhoto, PhotoKind
from edged.photos.photo_format import disposition

_KINDS: Final[Mapping[str, PhotoKind]] = {kind.value: kind for kind in PhotoKind}
_KEPT_S: Final = 3600
"""A phone need not ask again for so long; what was taken away meanwhile may be in its memory."""


class Pictures:
    """Sends files. What is long is sent piece by piece."""

    def __init__(self, reception: Reception, porter: Porter, pace: Pace, clock: Callable[[], float]) -> None:
        self._reception = reception
        self._porter = porter
        self._pace = pace
        self._clock = clock

    async def picture(self, request: Request) -> Response:
        """One file of one photograph."""
        kind = _KINDS.get(request.path_params["kind"])
        if kind is None:
            raise TurnedAway(Why.NO_LINK)
        which = request.path_params["photo"]
        visit, (photo, size, begin) = await self._porter.show(request, lambda visit: self._opened(visit, which, kind))
        manner = "attachment" if kind is PhotoKind.ORIGINAL else "inline"
        headers = {
            "cache-control": f"private, max-age={max(0, min(_KEPT_S, int(visit.end - self._clock())))}",
            "content-disposition": disposition(manner, photo.filename),
        }
        if begin is not None:
            return Response(begin, media_type=photo.media_type, headers=headers)
        return Pieces(pieces_of(photo), size, photo.media_type, headers)

    async def archive(self, request: Request) -> Response:
        """All photographs in one file, or those that were chosen."""
        visit = await self._porter.let_in(request, Deed.ARCHIVE)
        _check_downloads(visit)
        chosen = request.query_params.getlist("photo")
        if len(chosen) > MOST_CHOSEN:
            raise TurnedAway(Why.UNCLEAR)
        archive = await to_thread.run_sync(self._archive, visit, tuple(dict.fromkeys(chosen)))
        headers = {**NO_STORE, "content-disposition": disposition("attachment", f"{visit.event.slug}.zip")}
        places = self._pace.archive(visit.search.request_id)
        return Pieces(archive.pieces(), archive.length, "application/zip", headers, places)

    def _opened(self, visit: Visit, photo: str, kind: PhotoKind) -> tuple[OpenPhoto, int, bytes | None]:
        """A file, its size, and all of it where it is short: then it is closed."""
        if kind is PhotoKind.ORIGINAL:
            _check_downloads(visit)
        opened = self._reception.opened(visit, photo, kind)
        size = opened.size
        if size > PIECE:
            return opened, size, None
        with closing(opened.file):
            return opened, size, opened.file.read()

    def _archive(self, visit: Visit, chosen: tuple[str, ...]) -> Archive:
        photos = self._reception.shown(visit, chosen or visit.photos)
        if not photos:
            raise TurnedAway(Why.NO_PHOTO)
        return Archive(self._reception, visit, entries_of(self._reception, visit, photos))


def _check_downloads(visit: Visit) -> None:
    if not visit.event.plan.features.downloads:
        raise TurnedAway(Why.NOT_OFFERED)
