"""The list of changes that devices follow, and the faces behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edged.api.access import Denial, Denied, Grant, Right
from edged.api.addresses import segment
from edged.api.centre import Centre
from edged.api.directory import DEFAULT_GALLERY
from edged.api.fleet import Fed, FedFace, Feed, Fleet, Place
from edged.api.native.answers import HEADERS, answer
from edged.api.native.asking import let_in, number
from edged.domain.errors import Refused
from edged.domain.person import ModelRef
from edged.wire.feed import Changes, FaceItem, GoneItem, PersonItem, written
from edged.wire.payload import instant

_AT_ONCE: Final = 500
_MOST_AT_ONCE: Final = 2000
_CURSOR: Final = re.compile(r"([0-9a-f-]{1,64})\.(\d{1,18})\.(\d{1,18})", re.ASCII)
_NUMBER: Final = re.compile(r"\d{1,10}", re.ASCII)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


def feed_routes(centre: Centre, fleet: Fleet) -> Sequence[Route]:
    """Routes of `GET changes` and `GET faces/{number}/crop`."""
    reader = _Reader(centre, fleet)
    return (
        Route("/edged/v1/changes", reader.changes),
        Route("/edged/v1/faces/{number}/crop", reader.crop),
    )


class _Reader:
    def __init__(self, centre: Centre, fleet: Fleet) -> None:
        self._centre = centre
        self._fleet = fleet

    async def changes(self, request: Request) -> Response:
        """What has changed after a cursor, for a model; all that is there where none is given."""
        grant = await self._reader(request)
        digest = request.query_params.get("model", "")
        if not _DIGEST.fullmatch(digest):
            raise Refused("bad_parameter", "model is not the sha256 of an embedding model", "Send 64 hex digits.")
        limit = max(1, number(request, "limit", _AT_ONCE, _MOST_AT_ONCE))
        text = request.query_params.get("after", "")
        return answer(await to_thread.run_sync(partial(self._changes, grant, text, digest, limit)))

    async def crop(self, request: Request) -> Response:
        """A face with a margin, for a model that the centre has no vectors of."""
        grant, face = await self._reader(request), segment(request, "number")
        jpeg = await to_thread.run_sync(self._crop, grant, int(face)) if _NUMBER.fullmatch(face) else None
        if jpeg is None:
            raise Refused("not_found", "no crop is kept of such a face")
        return Response(jpeg, headers=HEADERS, media_type="image/jpeg")

    def _changes(self, grant: Grant, cursor: str, digest: str, limit: int) -> Changes:
        wanted = self._wanted(grant)
        after = self._place(cursor)
        feed = self._fleet.changes(after, ModelRef("", digest, 0), limit, wanted)
        return _document(feed, after, keys=wanted is None)

    def _crop(self, grant: Grant, number: int) -> bytes | None:
        """None also where whose face it is does not stand in the changes that the grant may read."""
        wanted = self._wanted(grant)
        if wanted is not None:
            face = self._centre.directory.face(number)
            person = face and self._centre.directory.person_by_id(face.person)
            if not person or all(set(wanted).isdisjoint(face.galleries) for face in person.faces):
                return None
        return self._fleet.crop(number)

    def _wanted(self, grant: Grant) -> tuple[str, ...] | None:
        """The galleries whose people may be known: the device's groups, the token's gallery, or both; None: all."""
        device = self._fleet.device(grant.device) if grant.device else None
        groups = device.galleries if device and DEFAULT_GALLERY not in (device.galleries or ()) else None
        if grant.gallery in (None, DEFAULT_GALLERY):
            return groups
        return (grant.gallery,) if groups is None or grant.gallery in groups else ()

    async def _reader(self, request: Request) -> Grant:
        grant = await let_in(self._centre, request, Right.DEVICE)
        if not grant.is_for_people:
            raise Denied(Denial.NO_RIGHT, "this token is for the photographs of an organisation only")
        return grant

    def _place(self, cursor: str) -> Place:
        if not cursor:
            return Place()
        match = _CURSOR.fullmatch(cursor)
        if match is None:
            raise Refused("bad_parameter", "after is no cursor of this centre", "Begin without one.")
        if match[1] != self._fleet.epoch():
            raise Refused(
                "other_epoch",
                "this centre was put back from a backup since, and counts its changes anew",
                "Begin without a cursor, and compare with what is there before anybody is removed.",
            )
        return Place(int(match[2]), int(match[3]))


def _document(feed: Feed, after: Place, *, keys: bool) -> Changes:
    """The changes; without `keys`, of those who are gone the id alone: most of them the reader was never to know."""
    last = feed.items[-1].place if feed.items else after
    return Changes(
        cursor=f"{feed.epoch}.{last.revision}.{last.number}",
        revision=feed.revision,
        more=feed.more,
        gone=tuple(
            GoneItem(id=item.id, customer_person_id=item.key if keys else "") for item in feed.items if item.gone
        ),
        people=tuple(_person(item) for item in feed.items if not item.gone),
    )


def _person(item: Fed) -> PersonItem:
    fields = item.fields
    return PersonItem(
        id=item.id,
        customer_person_id=item.key,
        first_name=fields.first_name,
        last_name=fields.last_name,
        email=fields.email,
        phone=fields.phone,
        groups=item.galleries,
        faces=tuple(_face(face) for face in item.faces),
    )


def _face(face: FedFace) -> FaceItem:
    return FaceItem(
        number=face.number,
        photo_hash=face.photo_hash,
        created=instant(face.created),
        quality=round(face.quality, 4),
        vector=None if face.vector is None else written(face.vector),
    )
