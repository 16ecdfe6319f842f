"""What a booth and this centre tell each other of events: changes, and each thing as it is kept now."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Final

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from edged.api.access import Denial, Denied, Right
from edged.api.addresses import segment
from edged.api.albums import Albums
from edged.api.centre import Centre
from edged.api.fleet import Fleet
from edged.api.native.answers import HEADERS, answer
from edged.api.native.asking import let_in, number, read_json
from edged.domain.errors import Refused
from edged.photos.album import PhotoEvent
from edged.photos.feed import AlbumFeed
from edged.photos.inspection import check_inspected
from edged.photos.kept import KeptPhoto, KeptPurge
from edged.photos.photo import PhotoKind
from edged.wire.album_sync import (
    MOST_CHANGES,
    MOST_SMALL_BYTES,
    AlbumChanges,
    ChangeItem,
    KeptEventItem,
    KeptPhotoItem,
    KeptPurgeItem,
    KeptSearchItem,
    PhotoPut,
    PhotoTaken,
    as_file,
)

_SYNC: Final = "/edged/v1/organisations/{organisation}/sync"
_EVENT: Final = f"{_SYNC}/{{event}}"
_CURSOR: Final = re.compile(r"([0-9a-f-]{1,64})\.(\d{1,18})", re.ASCII)
_MOST_PUT: Final = 3 * MOST_SMALL_BYTES + 4 * 2**20
"""Of a photograph's record: two small files in base64, and 2,000 faces."""


def album_sync_routes(centre: Centre, albums: Albums, feed: AlbumFeed, fleet: Fleet) -> Sequence[Route]:
    """Routes under `organisations/{organisation}/sync`; for a token of the organisation."""
    desk = _Desk(centre, albums, feed, fleet)
    return (
        Route(f"{_SYNC}", desk.changes, methods=["GET"]),
        Route(_EVENT, desk.event, methods=["GET"]),
        Route(_EVENT, desk.put_event, methods=["PUT"]),
        Route(_EVENT, desk.purge_event, methods=["DELETE"]),
        Route(f"{_EVENT}/photos/{{photo}}", desk.photo, methods=["GET"]),
        Route(f"{_EVENT}/photos/{{photo}}", desk.put_photo, methods=["PUT"]),
        Route(f"{_EVENT}/photos/{{photo}}", desk.delete_photo, methods=["DELETE"]),
        Route(f"{_EVENT}/photos/{{photo}}/{{kind}}", desk.file, methods=["GET"]),
        Route(f"{_EVENT}/photos/{{photo}}/original", desk.put_original, methods=["PUT"]),
        Route(f"{_EVENT}/searches/{{search}}", desk.search, methods=["GET"]),
        Route(f"{_EVENT}/searches/{{search}}", desk.put_search, methods=["PUT"]),
        Route(f"{_EVENT}/searches/{{search}}", desk.delete_search, methods=["DELETE"]),
    )


@dataclass(frozen=True, slots=True)
class _Booth:
    """Who changes things here because they changed there: apart from who changes them with the same token otherwise."""

    id: str
    name: str


class _Desk:
    def __init__(self, centre: Centre, albums: Albums, feed: AlbumFeed, fleet: Fleet) -> None:
        self._centre = centre
        self._albums = albums
        self._feed = feed
        self._fleet = fleet

    async def changes(self, request: Request) -> Response:
        """What others than whoever asks have changed after a cursor; all that is there where none is given."""
        booth, organisation = await self._let_in(request)
        limit = max(1, number(request, "limit", MOST_CHANGES, MOST_CHANGES))
        epoch = await to_thread.run_sync(self._fleet.epoch)
        after = _place(request.query_params.get("after", ""), epoch)
        look = partial(self._feed.changes, organisation, after, limit, but=booth.id)
        reached, changes = await to_thread.run_sync(look)
        more = (await to_thread.run_sync(self._feed.changes, organisation, reached, 1))[0] > reached
        items = tuple(ChangeItem(kind=change.kind, event=change.event, id=change.id) for change in changes)
        return answer(AlbumChanges(cursor=f"{epoch}.{reached}", more=more, changes=items))

    async def event(self, request: Request) -> Response:
        event, _booth = await self._event(request)
        return await self._told(event)

    async def put_event(self, request: Request) -> Response:
        booth, organisation = await self._let_in(request)
        item = await read_json(request, KeptEventItem)
        if item.id != segment(request, "event"):
            raise Refused("bad_body", "the event is another one than the address names")
        event = await to_thread.run_sync(partial(self._feed.take_event, organisation, item.kept, by=booth))
        return await self._told(event)

    async def purge_event(self, request: Request) -> Response:
        """Purges an event, and says what was removed; of one that is purged already what was removed then."""
        booth, organisation = await self._let_in(request)
        work = partial(self._purged, organisation, segment(request, "event"), booth)
        return answer(KeptPurgeItem.of(await to_thread.run_sync(work)))

    def _purged(self, organisation: str, event_id: str, booth: _Booth) -> KeptPurge:
        event = self._feed.event_by_id(event_id)
        if event is not None and event.organisation == organisation:
            done = self._albums.purge_event(organisation, event.slug, by=booth)
            if done is not None:
                return KeptPurge(event_id, done.at, done.tally)
        for purge in self._albums.purges(organisation):
            if purge.event == event_id:
                return KeptPurge(event_id, purge.at, purge.tally)
        raise _not_found("event")

    async def photo(self, request: Request) -> Response:
        event, _booth = await self._event(request)
        kept = await to_thread.run_sync(self._feed.photo, event, segment(request, "photo"))
        if kept is None:
            raise _not_found("photograph")
        return answer(KeptPhotoItem.of(kept))

    async def put_photo(self, request: Request) -> Response:
        """Takes a photograph; where it is new, its smaller files must come with it, else they are said to be needed."""
        event, booth = await self._event(request)
        item = await read_json(request, PhotoPut, _MOST_PUT)
        if item.id != segment(request, "photo"):
            raise Refused("bad_body", "the photograph is another one than the address names")
        small = ((PhotoKind.PREVIEW, item.preview), (PhotoKind.THUMBNAIL, item.thumbnail))
        files = [(kind.value, _small(text)) for kind, text in small if text]
        needs = await to_thread.run_sync(partial(self._take_photo, event, item.kept, files, booth))
        return answer(PhotoTaken(needs=tuple(needs)))

    def _take_photo(
        self, event: PhotoEvent, photo: KeptPhoto, files: Sequence[tuple[str, bytes]], booth: _Booth
    ) -> Sequence[str]:
        missing = self._feed.missing_files(event, photo.photo.id, original=False)
        needs = [kind for kind in missing if kind not in dict(files)]
        if not needs:
            for _kind, content in files:
                check_inspected(content)
            self._feed.take_photo(event, photo, files, by=booth)
            wanted = event.plan.terms.keeps_originals
            needs = list(self._feed.missing_files(event, photo.photo.id, original=wanted))
        return needs

    async def put_original(self, request: Request) -> Response:
        """Takes the file as it came, of a photograph that is here."""
        event, booth = await self._event(request)
        content = await _body(request, self._centre.manners.max_photo_bytes)
        await to_thread.run_sync(check_inspected, content)
        take = partial(self._feed.take_original, event, segment(request, "photo"), content, by=booth)
        if not await to_thread.run_sync(take):
            raise _not_found("photograph")
        return _done()

    async def delete_photo(self, request: Request) -> Response:
        event, booth = await self._event(request)
        photo = segment(request, "photo")
        if await to_thread.run_sync(self._albums.any_photo, event, photo) is None:
            raise _not_found("photograph")
        await to_thread.run_sync(partial(self._albums.delete_photo, photo, by=booth))
        return _done()

    async def file(self, request: Request) -> Response:
        event, _booth = await self._event(request)
        photo, kind = segment(request, "photo"), segment(request, "kind")
        if kind not in {one.value for one in PhotoKind}:
            raise _not_found("file")
        missing = await to_thread.run_sync(partial(self._feed.missing_files, event, photo, original=True))
        file = None if kind in missing else await to_thread.run_sync(self._albums.content, photo, PhotoKind(kind))
        if file is None:
            raise _not_found("file")
        return Response(file.content, headers=HEADERS, media_type="application/octet-stream")

    async def search(self, request: Request) -> Response:
        event, _booth = await self._event(request)
        kept = await to_thread.run_sync(self._feed.kept_search, event, segment(request, "search"))
        if kept is None:
            raise _not_found("search")
        return answer(KeptSearchItem.of(kept))

    async def put_search(self, request: Request) -> Response:
        event, booth = await self._event(request)
        item = await read_json(request, KeptSearchItem, 2 * _MOST_PUT)
        if item.request_id != segment(request, "search"):
            raise Refused("bad_body", "the search is another one than the address names")
        await to_thread.run_sync(partial(self._feed.take_search, event, item.kept, by=booth))
        kept = await to_thread.run_sync(self._feed.kept_search, event, item.request_id)
        if kept is None:
            raise _not_found("search")
        return answer(KeptSearchItem.of(kept))

    async def delete_search(self, request: Request) -> Response:
        event, booth = await self._event(request)
        remove = partial(self._feed.remove_search, event, segment(request, "search"), by=booth)
        if not await to_thread.run_sync(remove):
            raise _not_found("search")
        return _done()

    async def _told(self, event: PhotoEvent) -> Response:
        kept = await to_thread.run_sync(self._feed.kept_event, event.id)
        if kept is None:
            raise _not_found("event")
        return answer(KeptEventItem.of(kept))

    async def _let_in(self, request: Request) -> tuple[_Booth, str]:
        """Who asks, of which organisation. Vectors are told here: not to whoever may look for people only."""
        grant = await let_in(self._centre, request, Right.ENROLL)
        organisation = segment(request, "organisation")
        if grant.organisation != organisation and not (grant.is_whole and grant.may(Right.ADMIN)):
            raise Denied(Denial.NO_RIGHT, "this token is not this organisation's")
        if await to_thread.run_sync(self._albums.organisation, organisation) is None:
            raise Refused("not_found", "there is no such organisation", "edged hub org create")
        return _Booth(f"sync:{grant.id}", grant.name), organisation

    async def _event(self, request: Request) -> tuple[PhotoEvent, _Booth]:
        booth, organisation = await self._let_in(request)
        event_id = segment(request, "event")
        event = await to_thread.run_sync(self._feed.event_by_id, event_id)
        if event is not None and event.organisation == organisation:
            return event, booth
        if await to_thread.run_sync(self._feed.is_purged, event_id):
            raise Refused("purged", "the event was purged, and stays so")
        raise _not_found("event")


def _place(cursor: str, epoch: str) -> int:
    if not cursor:
        return 0
    read = _CURSOR.fullmatch(cursor)
    if read is None:
        raise Refused("bad_parameter", "after is no cursor of this centre", "Begin without one.")
    if read[1] != epoch:
        raise Refused(
            "other_epoch",
            "this centre was put back from a backup since, and counts its changes anew",
            "Tell it of everything again, and begin without a cursor.",
        )
    return int(read[2])


def _small(text: str) -> bytes:
    try:
        return as_file(text)
    except ValueError:
        raise Refused("bad_body", "a file is not base64") from None


async def _body(request: Request, most_bytes: int) -> bytes:
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > most_bytes:
                raise Refused("too_large", f"the file is longer than {most_bytes:,} bytes")
    except ClientDisconnect as error:
        raise Refused("bad_body", "the connection ended before the file did") from error
    return bytes(body)


def _not_found(thing: str) -> Refused:
    return Refused("not_found", f"there is no such {thing}")


def _done() -> Response:
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=HEADERS)
