"""Whom the native interface lets at events and photographs, and what an address names."""

from __future__ import annotations

from uuid import UUID

from anyio import to_thread
from starlette.requests import Request

from edged.api.access import Cost, Denial, Denied, Grant, Right
from edged.api.addresses import segment
from edged.api.albums import Albums
from edged.api.centre import Centre
from edged.api.native.asking import let_in
from edged.domain.errors import Refused
from edged.photos.album import PhotoEvent
from edged.photos.photo import Photo


class AlbumDoor:
    """Lets requests in, and finds the organisation, event and photograph in their addresses.

    All methods raise Denied where the token is not good for it, and Refused `not_found` where there is no such thing.
    """

    def __init__(self, centre: Centre, albums: Albums) -> None:
        self._centre = centre
        self._albums = albums

    async def anybody(self, request: Request, right: Right) -> Grant:
        """Whoever has this right, whatever organisation they are of."""
        grant = await let_in(self._centre, request, right)
        _check_for_albums(grant)
        return grant

    async def organisation(self, request: Request, right: Right, cost: Cost = Cost.READING) -> tuple[str, Grant]:
        """Its slug, and who asks."""
        grant = await let_in(self._centre, request, right, cost)
        _check_for_albums(grant)
        slug = segment(request, "organisation")
        if grant.organisation not in (None, slug):
            raise Denied(Denial.NO_RIGHT, "this token is another organisation's")
        if await to_thread.run_sync(self._albums.organisation, slug) is None:
            raise Refused("not_found", "there is no such organisation")
        return slug, grant

    async def event(self, request: Request, right: Right, cost: Cost = Cost.READING) -> tuple[PhotoEvent, Grant]:
        """The event, and who asks."""
        organisation, grant = await self.organisation(request, right, cost)
        slug = segment(request, "event")
        event = await to_thread.run_sync(self._albums.event, organisation, slug)
        if event is None:
            raise no_event(slug)
        return event, grant

    async def photo(self, request: Request, right: Right) -> tuple[PhotoEvent, Photo, Grant]:
        """A photograph, shown or not, with its event, and who asks."""
        event, grant = await self.event(request, right)
        photo = await to_thread.run_sync(self._albums.any_photo, event, _uuid(segment(request, "photo")))
        if photo is None:
            raise no_photo()
        return event, photo, grant


def no_event(slug: str) -> Refused:
    return Refused("not_found", f"the organisation has no event {slug!r}")


def no_photo() -> Refused:
    return Refused("not_found", "the event has no such photograph")


def _check_for_albums(grant: Grant) -> None:
    if not grant.is_for_albums:
        raise Denied(Denial.NO_RIGHT, "this token is for a gallery of people, and sees no photographs")


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise Refused("not_found", "that is no photograph's id") from None
