"""Organisations, events and photographs in OpenAPI."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel

from edged.api.native.album_photos import ALL
from edged.api.native.operation import body_of, operation, query, segment_of
from edged.photos.photo import PhotoKind, Standing
from edged.wire.album import (
    EventChange,
    EventItem,
    EventList,
    EventOrder,
    FeatureSet,
    OrganisationItem,
    OrganisationList,
    OrganisationOrder,
    PhotoItem,
    PhotoList,
    PurgeItem,
    PurgeList,
    StandingOrder,
    TallyItem,
)

SENT: Final[Sequence[type[BaseModel]]] = (EventChange, EventOrder, FeatureSet, OrganisationOrder, StandingOrder)
ANSWERED: Final[Sequence[type[BaseModel]]] = (
    EventItem,
    EventList,
    OrganisationItem,
    OrganisationList,
    PhotoItem,
    PhotoList,
    PurgeItem,
    PurgeList,
    TallyItem,
)
_ORGANISATION: Final = "/edged/v1/organisations/{organisation}"
_EVENT: Final = f"{_ORGANISATION}/events/{{event}}"
_OF: Final = (segment_of("organisation"),)
_AT: Final = (*_OF, segment_of("event"))
_PAGE: Final = (query("offset", "How many to pass over"), query("limit", "How many at most, up to 1,000"))


def album_paths() -> dict[str, Any]:
    """The part of `paths` about organisations, events and photographs."""
    return {**_event_paths(), **_photo_paths()}


def _event_paths() -> dict[str, Any]:
    item = body_of(EventItem)
    return {
        "/edged/v1/organisations": {
            "get": operation("organisations", "All organisations", 200, body_of(OrganisationList)),
            "post": operation(
                "create_organisation", "A new organisation", 201, body_of(OrganisationItem), body=OrganisationOrder
            ),
        },
        f"{_ORGANISATION}/events": {
            "get": operation(
                "photo_events",
                "Events of an organisation, the newest first",
                200,
                body_of(EventList),
                asked=(*_OF, *_PAGE),
            ),
            "post": operation("create_photo_event", "A new event", 201, item, asked=_OF, body=EventOrder),
        },
        f"{_ORGANISATION}/purges": {
            "get": operation(
                "purges", "The events that were purged, the latest first", 200, body_of(PurgeList), asked=_OF
            )
        },
        _EVENT: {
            "get": operation("photo_event", "An event", 200, item, asked=_AT),
            "put": operation(
                "change_photo_event",
                "What an event is from now on; another text of consent is another version of it",
                200,
                item,
                asked=_AT,
                body=EventChange,
            ),
            "delete": operation(
                "delete_photo_event",
                "Purges an event: photographs, vectors, searches and selfies are gone, that it was there is remembered",
                200,
                body_of(PurgeItem),
                asked=_AT,
            ),
        },
        f"{_EVENT}/features": {
            "put": operation("set_features", "What an event offers", 200, item, asked=_AT, body=FeatureSet)
        },
        f"{_EVENT}/close": {
            "post": operation(
                "close_photo_event", "Closes an event: it takes no more photographs", 200, item, asked=_AT
            )
        },
        f"{_EVENT}/open": {
            "post": operation("open_photo_event", "Opens an event again that somebody closed", 200, item, asked=_AT)
        },
        f"{_EVENT}/tally": {"get": operation("tally", "What there is of an event", 200, body_of(TallyItem), asked=_AT)},
    }


def _photo_paths() -> dict[str, Any]:
    one = (*_AT, segment_of("photo"))
    standing = query(
        "standing",
        "Those that are shown where it is left out; the others need the right to enrol",
        words=[*Standing, ALL],
    )
    kind = {**segment_of("kind"), "schema": {"type": "string", "enum": [kind.value for kind in PhotoKind]}}
    picture = {f"image/{kind}": {"schema": {"type": "string", "format": "binary"}} for kind in ("jpeg", "png", "webp")}
    return {
        f"{_EVENT}/photos": {
            "get": operation(
                "photos",
                "Photographs by the time they were taken",
                200,
                body_of(PhotoList),
                asked=(*_AT, *_PAGE, standing),
            ),
            "post": {
                **operation("add_photo", "Adds a photograph", 201, body_of(PhotoItem), asked=_AT),
                "requestBody": _file(),
            },
        },
        f"{_EVENT}/photos/{{photo}}": {
            "get": operation("photo", "A photograph", 200, body_of(PhotoItem), asked=one),
            "delete": operation("delete_photo", "Deletes a photograph", 204, {}, asked=one),
        },
        f"{_EVENT}/photos/{{photo}}/standing": {
            "put": operation(
                "set_standing",
                "Shows a photograph to guests, or takes it away from them",
                200,
                body_of(PhotoItem),
                asked=one,
                body=StandingOrder,
            )
        },
        f"{_EVENT}/photos/{{photo}}/{{kind}}": {
            "get": operation(
                "photo_file",
                "A file of a photograph; of a missing original, the preview",
                200,
                picture,
                asked=(*one, kind),
            )
        },
    }


def _file() -> dict[str, Any]:
    schema = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
