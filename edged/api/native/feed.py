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

from edged.api.access import Grant, Right
from edged.api.addresses import segment
from edged.api.centre import Centre
from edged.api.cursor import cursor_of, read_cursor
from edged.api.fleet import Feed, Fleet, Place
from edged.api.native.answers import HEADERS, answer
from edged.api.native.asking import for_people, let_in, number
from edged.api.native.confinement import is_within, wanted_galleries
from edged.api.native.person_item import person_item
from edged.domain.errors import Refused
from edged.domain.person import ModelRef
from edged.wire.feed import Changes, GoneItem

_AT_ONCE: Final = 500
_MOST_AT_ONCE: Final = 2000
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
        """What has changed after a cursor, for a model; all that is there where none is given. With the limit 0 only
        whether there is anything, and who is to be forgotten at once.
        """
        grant = await self._reader(request)
        digest = request.query_params.get("model", "")
        if not _DIGEST.fullmatch(digest):
            raise Refused("bad_parameter", "model is not the sha256 of an embedding model", "Send 64 hex digits.")
        limit = number(request, "limit", _AT_ONCE, _MOST_AT_ONCE)
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
        wanted = wanted_galleries(self._fleet, grant)
        after = self._place(cursor)
        feed = self._fleet.changes(after, ModelRef("", digest, 0), limit, wanted)
        return _document(feed, after, keys=wanted is None)

    def _crop(self, grant: Grant, number: int) -> bytes | None:
        """None also where whose face it is does not stand in the changes that the grant may read."""
        wanted = wanted_galleries(self._fleet, grant)
        if wanted is not None:
            face = self._centre.directory.face(number)
            person = face and self._centre.directory.person_by_id(face.person)
            if not person or not any(is_within(face.galleries, wanted) for face in person.faces):
                return None
        return self._fleet.crop(number)

    async def _reader(self, request: Request) -> Grant:
        return for_people(await let_in(self._centre, request, Right.DEVICE))

    def _place(self, cursor: str) -> Place:
        if not cursor:
            return Place()
        read = read_cursor(cursor)
        if read is None:
            raise Refused("bad_parameter", "after is no cursor of this centre", "Begin without one.")
        epoch, place = read
        if epoch != self._fleet.epoch():
            raise Refused(
                "other_epoch",
                "this centre was put back from a backup since, and counts its changes anew",
                "Begin without a cursor, and compare with what is there before anybody is removed.",
            )
        return place


def _document(feed: Feed, after: Place, *, keys: bool) -> Changes:
    """The changes; without `keys`, of those who are gone the id alone: most of them the reader was never to know."""
    last = feed.items[-1].place if feed.items else after
    return Changes(
        cursor=cursor_of(feed.epoch, last),
        revision=feed.revision,
        more=feed.more,
        gone=tuple(
            GoneItem(id=item.id, customer_person_id=item.key if keys else "") for item in feed.items if item.gone
        ),
        people=tuple(person_item(item) for item in feed.items if not item.gone),
        ahead=feed.ahead,
    )
