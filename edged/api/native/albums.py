"""Organisations and events: how they come into the centre and end, since 9Pic's dialect has no word for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edged.api.access import Right
from edged.api.albums import Albums
from edged.api.centre import Centre
from edged.api.native.album_door import AlbumDoor, no_event
from edged.api.native.album_items import event_item, plan_of, purge_item, tally_item
from edged.api.native.answers import answer
from edged.api.native.asking import let_in_whole, read_json, read_page
from edged.domain.errors import Refused
from edged.photos.album import Features, PhotoEvent
from edged.wire.album import (
    EventChange,
    EventList,
    EventOrder,
    FeatureSet,
    OrganisationItem,
    OrganisationList,
    OrganisationOrder,
    PurgeList,
)

MOST_ORDER_BYTES: Final = 64 * 1024
"""The longest text of consent takes half of it."""
EVENT: Final = "/edged/v1/organisations/{organisation}/events/{event}"


def album_routes(centre: Centre, albums: Albums, clock: Callable[[], float]) -> Sequence[Route]:
    """Routes under `organisations`, but those of photographs. `clock`: UTC seconds since the epoch."""
    desk = _Desk(centre, albums, clock)
    return (
        Route("/edged/v1/organisations", desk.organisations, methods=["GET"]),
        Route("/edged/v1/organisations", desk.create_organisation, methods=["POST"]),
        Route("/edged/v1/organisations/{organisation}/events", desk.events, methods=["GET"]),
        Route("/edged/v1/organisations/{organisation}/events", desk.create_event, methods=["POST"]),
        Route("/edged/v1/organisations/{organisation}/purges", desk.purges, methods=["GET"]),
        Route(EVENT, desk.event, methods=["GET"]),
        Route(EVENT, desk.change_event, methods=["PUT"]),
        Route(EVENT, desk.purge_event, methods=["DELETE"]),
        Route(f"{EVENT}/features", desk.set_features, methods=["PUT"]),
        Route(f"{EVENT}/close", desk.close_event, methods=["POST"]),
        Route(f"{EVENT}/open", desk.open_event, methods=["POST"]),
        Route(f"{EVENT}/tally", desk.tally, methods=["GET"]),
    )


class _Desk:
    def __init__(self, centre: Centre, albums: Albums, clock: Callable[[], float]) -> None:
        self._centre = centre
        self._albums = albums
        self._door = AlbumDoor(centre, albums)
        self._clock = clock

    async def organisations(self, request: Request) -> Response:
        grant = await self._door.anybody(request, Right.READ)
        found = await to_thread.run_sync(self._albums.organisations)
        own = [item for item in found if grant.organisation in (None, item.slug)]
        items = tuple(OrganisationItem(slug=item.slug, name=item.name) for item in own)
        return answer(OrganisationList(organisations=items))

    async def create_organisation(self, request: Request) -> Response:
        grant = await let_in_whole(self._centre, request, Right.ADMIN)
        order = await read_json(request, OrganisationOrder, MOST_ORDER_BYTES)
        if not await to_thread.run_sync(partial(self._albums.create_organisation, order.slug, order.name, by=grant)):
            raise Refused("taken", f"there is an organisation {order.slug} already", "Choose another slug.")
        return answer(OrganisationItem(slug=order.slug, name=order.name), HTTPStatus.CREATED)

    async def events(self, request: Request) -> Response:
        """The newest first."""
        organisation, _grant = await self._door.organisation(request, Right.READ)
        total, events = await to_thread.run_sync(self._albums.events, organisation, *read_page(request))
        now = self._clock()
        return answer(EventList(total=total, events=tuple(event_item(event, now) for event in events)))

    async def create_event(self, request: Request) -> Response:
        organisation, grant = await self._door.organisation(request, Right.ENROLL)
        order = await read_json(request, EventOrder, MOST_ORDER_BYTES)
        create = partial(self._albums.create_event, by=grant, event_id=str(order.id) if order.id else "")
        event = await to_thread.run_sync(create, organisation, order.slug, plan_of(order))
        return answer(event_item(event, self._clock()), HTTPStatus.CREATED)

    async def event(self, request: Request) -> Response:
        event, _grant = await self._door.event(request, Right.READ)
        return answer(event_item(event, self._clock()))

    async def change_event(self, request: Request) -> Response:
        """The whole plan; what is left out is as in a new event."""
        event, grant = await self._door.event(request, Right.ENROLL)
        plan = plan_of(await read_json(request, EventChange, MOST_ORDER_BYTES))
        return await self._changed(event, partial(self._albums.change_event, plan=plan, by=grant))

    async def set_features(self, request: Request) -> Response:
        event, grant = await self._door.event(request, Right.ENROLL)
        features = Features(**(await read_json(request, FeatureSet, MOST_ORDER_BYTES)).model_dump())
        plan = replace(event.plan, features=features)
        return await self._changed(event, partial(self._albums.change_event, plan=plan, by=grant))

    async def close_event(self, request: Request) -> Response:
        event, grant = await self._door.event(request, Right.ENROLL)
        return await self._changed(event, partial(self._albums.close_event, closed=True, by=grant))

    async def open_event(self, request: Request) -> Response:
        event, grant = await self._door.event(request, Right.ENROLL)
        return await self._changed(event, partial(self._albums.close_event, closed=False, by=grant))

    async def purge_event(self, request: Request) -> Response:
        """With all photographs and searches."""
        event, grant = await self._door.event(request, Right.ENROLL)
        purge = await to_thread.run_sync(partial(self._albums.purge_event, event.organisation, event.slug, by=grant))
        if purge is None:
            raise no_event(event.slug)
        return answer(purge_item(purge))

    async def purges(self, request: Request) -> Response:
        """The latest first."""
        organisation, _grant = await self._door.organisation(request, Right.READ)
        purges = await to_thread.run_sync(self._albums.purges, organisation)
        return answer(PurgeList(purges=tuple(purge_item(purge) for purge in purges)))

    async def tally(self, request: Request) -> Response:
        event, _grant = await self._door.event(request, Right.READ)
        return answer(tally_item(await to_thread.run_sync(self._albums.tally, event)))

    async def _changed(self, event: PhotoEvent, change: Callable[[str, str], PhotoEvent | None]) -> Response:
        changed = await to_thread.run_sync(change, event.organisation, event.slug)
        if changed is None:
            raise no_event(event.slug)
        return answer(event_item(changed, self._clock()))
