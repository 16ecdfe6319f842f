"""Organisations, events and photographs: how they come into the centre, since 9Pic's dialect has no word for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Final
from uuid import UUID

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edged.api.access import Cost, Denial, Denied, Grant, Right
from edged.api.addresses import segment
from edged.api.albums import Albums
from edged.api.centre import Centre
from edged.api.native.answers import HEADERS, answer
from edged.api.native.asking import let_in, let_in_whole, number, read_json
from edged.api.parameters import read_parameters
from edged.api.photo_intake import add_photo
from edged.domain.errors import Refused
from edged.photos.album import EventPlan, Features, Photo, PhotoEvent
from edged.wire.album import (
    EventItem,
    EventList,
    EventOrder,
    FeatureSet,
    OrganisationItem,
    OrganisationList,
    OrganisationOrder,
    PhotoItem,
    PhotoList,
)
from edged.wire.payload import instant

_AT_ONCE: Final = 100
_MOST_AT_ONCE: Final = 1000
_MOST_ORDER_BYTES: Final = 16 * 1024
_FARTHEST: Final = 2**40
_EVENT: Final = "/edged/v1/organisations/{organisation}/events/{event}"


def album_routes(centre: Centre, albums: Albums) -> Sequence[Route]:
    """Routes under `organisations`."""
    desk = _Desk(centre, albums)
    return (
        Route("/edged/v1/organisations", desk.organisations, methods=["GET"]),
        Route("/edged/v1/organisations", desk.create_organisation, methods=["POST"]),
        Route("/edged/v1/organisations/{organisation}/events", desk.events, methods=["GET"]),
        Route("/edged/v1/organisations/{organisation}/events", desk.create_event, methods=["POST"]),
        Route(_EVENT, desk.event, methods=["GET"]),
        Route(_EVENT, desk.delete_event, methods=["DELETE"]),
        Route(f"{_EVENT}/features", desk.set_features, methods=["PUT"]),
        Route(f"{_EVENT}/photos", desk.photos, methods=["GET"]),
        Route(f"{_EVENT}/photos", desk.add, methods=["POST"]),
        Route(f"{_EVENT}/photos/{{photo}}", desk.delete, methods=["DELETE"]),
    )


class _Desk:
    def __init__(self, centre: Centre, albums: Albums) -> None:
        self._centre = centre
        self._albums = albums

    async def organisations(self, request: Request) -> Response:
        grant = await let_in(self._centre, request, Right.READ)
        _check_for_albums(grant)
        found = await to_thread.run_sync(self._albums.organisations)
        own = [item for item in found if grant.organisation in (None, item.slug)]
        items = tuple(OrganisationItem(slug=item.slug, name=item.name) for item in own)
        return answer(OrganisationList(organisations=items))

    async def create_organisation(self, request: Request) -> Response:
        grant = await let_in_whole(self._centre, request, Right.ADMIN)
        order = await read_json(request, OrganisationOrder, _MOST_ORDER_BYTES)
        if not await to_thread.run_sync(partial(self._albums.create_organisation, order.slug, order.name, by=grant)):
            raise Refused("taken", f"there is an organisation {order.slug} already", "Choose another slug.")
        return answer(OrganisationItem(slug=order.slug, name=order.name), HTTPStatus.CREATED)

    async def events(self, request: Request) -> Response:
        """The newest first."""
        organisation, _grant = await self._organisation(request, Right.READ)
        offset = number(request, "offset", 0, _FARTHEST)
        limit = max(1, number(request, "limit", _AT_ONCE, _MOST_AT_ONCE))
        total, events = await to_thread.run_sync(self._albums.events, organisation, offset, limit)
        return answer(EventList(total=total, events=tuple(_event_item(event) for event in events)))

    async def create_event(self, request: Request) -> Response:
        organisation, grant = await self._organisation(request, Right.ENROLL)
        order = await read_json(request, EventOrder, _MOST_ORDER_BYTES)
        create = partial(self._albums.create_event, by=grant)
        plan = EventPlan(order.name, Features(**order.features.model_dump()), order.threshold)
        event = await to_thread.run_sync(create, organisation, order.slug, plan)
        return answer(_event_item(event), HTTPStatus.CREATED)

    async def event(self, request: Request) -> Response:
        event, _grant = await self._event(request, Right.READ)
        return answer(_event_item(event))

    async def set_features(self, request: Request) -> Response:
        event, grant = await self._event(request, Right.ENROLL)
        features = Features(**(await read_json(request, FeatureSet, _MOST_ORDER_BYTES)).model_dump())
        plan = replace(event.plan, features=features)
        change = partial(self._albums.change_event, event.organisation, event.slug, plan, by=grant)
        changed = await to_thread.run_sync(change)
        if changed is None:
            raise _no_event(event.slug)
        return answer(_event_item(changed))

    async def delete_event(self, request: Request) -> Response:
        """With all photographs and searches."""
        event, grant = await self._event(request, Right.ENROLL)
        await to_thread.run_sync(partial(self._albums.purge_event, event.organisation, event.slug, by=grant))
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=HEADERS)

    async def photos(self, request: Request) -> Response:
        """By the time they were taken."""
        event, _grant = await self._event(request, Right.READ)
        offset = number(request, "offset", 0, _FARTHEST)
        limit = max(1, number(request, "limit", _AT_ONCE, _MOST_AT_ONCE))
        page = await to_thread.run_sync(self._albums.photos, event, offset, limit)
        return answer(PhotoList(total=page.total, photos=tuple(_photo_item(photo) for photo in page.photos)))

    async def add(self, request: Request) -> Response:
        """A photograph, multipart, as `file`; the same one again is the one that is there."""
        event, grant = await self._event(request, Right.ENROLL, Cost.LOOKING)
        parameters = await read_parameters(request, self._centre.manners.max_photo_bytes)
        upload = parameters.uploads.get("file")
        if upload is None:
            raise Refused("no_file", "there is no file in the request", "Send the photograph as the part `file`.")
        photo = await to_thread.run_sync(
            partial(add_photo, self._centre, event, upload.content, filename=upload.name, taken=None, by=grant)
        )
        return answer(_photo_item(photo), HTTPStatus.CREATED)

    async def delete(self, request: Request) -> Response:
        event, grant = await self._event(request, Right.ENROLL)
        photo = _uuid(segment(request, "photo"))
        if await to_thread.run_sync(self._albums.any_photo, event, photo) is None:
            raise Refused("not_found", "the event has no such photograph")
        await to_thread.run_sync(partial(self._albums.delete_photo, photo, by=grant))
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=HEADERS)

    async def _organisation(self, request: Request, right: Right, cost: Cost = Cost.READING) -> tuple[str, Grant]:
        grant = await let_in(self._centre, request, right, cost)
        _check_for_albums(grant)
        slug = segment(request, "organisation")
        if grant.organisation not in (None, slug):
            raise Denied(Denial.NO_RIGHT, "this token is another organisation's")
        if await to_thread.run_sync(self._albums.organisation, slug) is None:
            raise Refused("not_found", "there is no such organisation")
        return slug, grant

    async def _event(self, request: Request, right: Right, cost: Cost = Cost.READING) -> tuple[PhotoEvent, Grant]:
        organisation, grant = await self._organisation(request, right, cost)
        slug = segment(request, "event")
        event = await to_thread.run_sync(self._albums.event, organisation, slug)
        if event is None:
            raise _no_event(slug)
        return event, grant


def _check_for_albums(grant: Grant) -> None:
    if not grant.is_for_albums:
        raise Denied(Denial.NO_RIGHT, "this token is for a gallery of people, and sees no photographs")


def _no_event(slug: str) -> Refused:
    return Refused("not_found", f"the organisation has no event {slug!r}")


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise Refused("not_found", "that is no photograph's id") from None


def _event_item(event: PhotoEvent) -> EventItem:
    features = event.plan.features
    return EventItem(
        slug=event.slug,
        name=event.plan.name,
        created=instant(event.created),
        photos=event.photos,
        threshold=event.plan.threshold,
        features=FeatureSet(
            enabled=features.enabled,
            selfie_search=features.selfie_search,
            name_search=features.name_search,
            downloads=features.downloads,
        ),
    )


def _photo_item(photo: Photo) -> PhotoItem:
    return PhotoItem(
        id=photo.id,
        filename=photo.filename,
        width=photo.width,
        height=photo.height,
        taken=None if photo.taken is None else instant(photo.taken),
        added=instant(photo.added),
        size=photo.size,
        media_type=photo.media_type,
    )
