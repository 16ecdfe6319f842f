"""Photographs of an event: how they come into it, who may see them, and how they go."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edged.api.access import Cost, Denial, Denied, Right
from edged.api.addresses import segment
from edged.api.albums import Albums
from edged.api.centre import Centre
from edged.api.native.album_door import AlbumDoor, no_photo
from edged.api.native.album_items import photo_item
from edged.api.native.albums import EVENT, MOST_ORDER_BYTES
from edged.api.native.answers import HEADERS, answer
from edged.api.native.asking import read_json, read_page
from edged.api.parameters import read_parameters
from edged.api.photo_intake import add_photo
from edged.domain.errors import Refused
from edged.photos.photo import Photo, PhotoKind, Standing
from edged.wire.album import PhotoList, StandingOrder

ALL: Final = "all"
"""In the place of a standing: photographs of every one."""
_PHOTO: Final = f"{EVENT}/photos/{{photo}}"


def photo_routes(centre: Centre, albums: Albums) -> Sequence[Route]:
    """Routes under `photos` of an event."""
    desk = _Desk(centre, albums)
    return (
        Route(f"{EVENT}/photos", desk.photos, methods=["GET"]),
        Route(f"{EVENT}/photos", desk.add, methods=["POST"]),
        Route(_PHOTO, desk.photo, methods=["GET"]),
        Route(_PHOTO, desk.delete, methods=["DELETE"]),
        Route(f"{_PHOTO}/standing", desk.set_standing, methods=["PUT"]),
        Route(f"{_PHOTO}/{{kind}}", desk.file, methods=["GET"]),
    )


class _Desk:
    def __init__(self, centre: Centre, albums: Albums) -> None:
        self._centre = centre
        self._albums = albums
        self._door = AlbumDoor(centre, albums)

    async def photos(self, request: Request) -> Response:
        """By the time they were taken; those that guests do not see for whoever may let them through."""
        event, grant = await self._door.event(request, Right.READ)
        standing = _standing(request)
        if standing is not Standing.SHOWN and not grant.may(Right.ENROLL):
            raise Denied(Denial.NO_RIGHT, "this token sees no photographs that are not shown")
        page = await to_thread.run_sync(self._albums.photos, event, *read_page(request), standing)
        return answer(PhotoList(total=page.total, photos=tuple(photo_item(photo) for photo in page.photos)))

    async def add(self, request: Request) -> Response:
        """A photograph, multipart, as `file`; the same one again is the one that is there."""
        event, grant = await self._door.event(request, Right.ENROLL, Cost.LOOKING)
        parameters = await read_parameters(request, self._centre.manners.max_photo_bytes)
        upload = parameters.uploads.get("file")
        if upload is None:
            raise Refused("no_file", "there is no file in the request", "Send the photograph as the part `file`.")
        photo = await to_thread.run_sync(
            partial(add_photo, self._centre, event, upload.content, filename=upload.name, taken=None, by=grant)
        )
        return answer(photo_item(photo), HTTPStatus.CREATED)

    async def photo(self, request: Request) -> Response:
        return answer(photo_item(await self._visible(request)))

    async def delete(self, request: Request) -> Response:
        _event, photo, grant = await self._door.photo(request, Right.ENROLL)
        await to_thread.run_sync(partial(self._albums.delete_photo, photo.id, by=grant))
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=HEADERS)

    async def set_standing(self, request: Request) -> Response:
        event, photo, grant = await self._door.photo(request, Right.ENROLL)
        standing = Standing((await read_json(request, StandingOrder, MOST_ORDER_BYTES)).standing)
        await to_thread.run_sync(partial(self._albums.set_standing, event, photo.id, standing, by=grant))
        changed = await to_thread.run_sync(self._albums.any_photo, event, photo.id)
        if changed is None:
            raise no_photo()
        return answer(photo_item(changed))

    async def file(self, request: Request) -> Response:
        photo = await self._visible(request)
        kind = _KINDS.get(segment(request, "kind"))
        file = await to_thread.run_sync(self._albums.content, photo.id, kind) if kind else None
        if file is None:
            raise Refused("not_found", "the photograph has no such file", f"There are {', '.join(_KINDS)}")
        return Response(file.content, media_type=file.media_type, headers=HEADERS)

    async def _visible(self, request: Request) -> Photo:
        """A photograph that is shown, or, for whoever may let it through, any."""
        _event, photo, grant = await self._door.photo(request, Right.READ)
        if photo.standing is not Standing.SHOWN and not grant.may(Right.ENROLL):
            raise no_photo()
        return photo


_KINDS: Final = {kind.value: kind for kind in PhotoKind}


def _standing(request: Request) -> Standing | None:
    """Which are wanted; None: all."""
    wanted = request.query_params.get("standing", Standing.SHOWN)
    if wanted == ALL:
        return None
    if wanted not in [*Standing]:
        raise Refused("bad_parameter", f"standing is none of {', '.join(Standing)} and {ALL}")
    return Standing(wanted)
