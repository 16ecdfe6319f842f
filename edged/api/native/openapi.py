"""This dialect in OpenAPI 3.1: every address, what it takes, and every answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from edged.api.native.album_openapi import ANSWERED, SENT, album_paths
from edged.api.native.operation import ERROR, any_object, body_of, operation, query, segment_of
from edged.wire.departure import DepartureList
from edged.wire.feed import (
    Account,
    Acknowledged,
    Assignment,
    Changes,
    DeviceItem,
    DeviceReport,
    HandedIn,
    Pushed,
    PushedPerson,
    Receipts,
)
from edged.wire.fleet import FleetList, FleetPushes
from edged.wire.token import Rotation, TokenList, TokenMade, TokenOrder

SECURITY_SCHEMES: Final[Mapping[str, Any]] = {"EdgedToken": {"type": "http", "scheme": "bearer"}}

_SENT: Final[Sequence[type[BaseModel]]] = (
    *SENT,
    Assignment,
    DeviceReport,
    HandedIn,
    PushedPerson,
    Receipts,
    Rotation,
    TokenOrder,
)
_ANSWERED: Final[Sequence[type[BaseModel]]] = (
    *ANSWERED,
    Account,
    Acknowledged,
    Changes,
    DepartureList,
    DeviceItem,
    FleetList,
    FleetPushes,
    Pushed,
    TokenList,
    TokenMade,
)


def native_schemas() -> dict[str, Any]:
    """`components/schemas` of the document, as far as this dialect needs them."""
    models = [*((kind, "validation") for kind in _SENT), *((kind, "serialization") for kind in _ANSWERED)]
    _names, document = models_json_schema(models, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    text = {"type": "string"}
    words = {
        "type": "object",
        "required": ["reason", "what", "remedy"],
        "properties": {
            "reason": {**text, "description": "A stable word for programs"},
            "what": {**text, "description": "What happened"},
            "remedy": {**text, "description": "What to do about it; may be empty"},
        },
    }
    error = {"type": "object", "required": ["error"], "properties": {"error": words}}
    return {**document["$defs"], ERROR: error}


def native_paths() -> dict[str, Any]:
    """`paths` of the document."""
    after = query("after", "The cursor of the answer before; leave it out to begin", text=True)
    return {
        "/edged/v1/changes": {
            "get": operation(
                "changes",
                "What has changed: people as they are now, and who is gone",
                200,
                body_of(Changes),
                asked=(
                    query("model", "sha256 of the embedding model whose vectors are wanted", text=True, required=True),
                    after,
                    query("limit", "How many people at most, up to 2,000; 0 asks for `more` and `ahead` only"),
                ),
            )
        },
        "/edged/v1/people": {
            "put": operation(
                "push_person",
                "A device enrols or changes somebody; to send it twice does what sending it once does",
                200,
                body_of(Pushed),
                body=PushedPerson,
            )
        },
        "/edged/v1/people/{person}": {
            "get": operation(
                "account",
                "On which devices somebody is live, or which have forgotten them",
                200,
                body_of(Account),
                asked=(segment_of("person"),),
            ),
            "delete": operation(
                "delete_person",
                "Deletes somebody, also where they are gone already",
                204,
                {},
                asked=(segment_of("person"),),
            ),
        },
        "/edged/v1/departures": {
            "get": operation(
                "departures",
                "Who was deleted, the newest first, and which devices have not forgotten them yet",
                200,
                body_of(DepartureList),
                asked=(
                    query("after", "The number of the last one known"),
                    query("limit", "How many at most, up to 200"),
                ),
            )
        },
        "/edged/v1/faces/{number}/crop": {
            "get": operation(
                "face_crop",
                "A face with a margin, to make a vector of",
                200,
                {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
                asked=(segment_of("number"),),
            )
        },
        "/edged/v1/events": {
            "get": operation(
                "events",
                "Events of devices, the oldest first",
                200,
                any_object(),
                asked=(
                    query("after", "The number of the last one known"),
                    query("limit", "How many at most, up to 1,000"),
                    query("device", "Of this device only", text=True),
                ),
            ),
            "post": operation(
                "hand_in_events",
                "Hands in events of the token's device; those acknowledged are on the hub's disk",
                200,
                body_of(Acknowledged),
                body=HandedIn,
            ),
        },
        "/edged/v1/devices": {"get": operation("devices", "All devices", 200, any_object())},
        "/edged/v1/devices/{name}": {
            "get": operation("device", "A device", 200, body_of(DeviceItem), asked=(segment_of("name"),)),
            "delete": operation(
                "forget_device",
                "Forgets a device and revokes its tokens; its events stay",
                204,
                {},
                asked=(segment_of("name"),),
            ),
        },
        "/edged/v1/devices/{name}/report": {
            "put": operation(
                "report_device",
                "A device says where it stands, and learns whom it is to know",
                200,
                body_of(DeviceItem),
                asked=(segment_of("name"),),
                body=DeviceReport,
            )
        },
        "/edged/v1/devices/{name}/receipts": {
            "post": operation(
                "hand_in_receipts",
                "A device proves that it has forgotten people: all receipts are kept, or none",
                204,
                {},
                asked=(segment_of("name"),),
                body=Receipts,
            )
        },
        "/edged/v1/devices/{name}/groups": {
            "put": operation(
                "assign_groups",
                "Says whom a device is to know",
                200,
                body_of(DeviceItem),
                asked=(segment_of("name"),),
                body=Assignment,
            )
        },
        "/edged/v1/fleet": {
            "get": operation(
                "fleet",
                "How all devices stand on the broker; as lines of tab-separated values where text/plain is accepted",
                200,
                {**body_of(FleetList), "text/plain": {"schema": {"type": "string"}}},
            )
        },
        "/edged/v1/fleet/pushes": {
            "get": operation(
                "fleet_pushes",
                "Who has told devices on the broker what, the newest first",
                200,
                body_of(FleetPushes),
                asked=(query("limit", "How many at most, up to 1,000"),),
            )
        },
        **album_paths(),
        "/edged/v1/tokens": {
            "get": operation("tokens", "All tokens, without their texts", 200, body_of(TokenList)),
            "post": operation(
                "create_token",
                "Makes a token, whose text is in this answer only",
                201,
                body_of(TokenMade),
                body=TokenOrder,
            ),
        },
        "/edged/v1/tokens/{token}": {
            "delete": operation("revoke_token", "Ends a token for good", 204, {}, asked=(segment_of("token"),))
        },
        "/edged/v1/tokens/{token}/rotate": {
            "post": operation(
                "rotate_token",
                "Gives a token another text; the old one opens for a while, too",
                200,
                body_of(TokenMade),
                asked=(segment_of("token"),),
                body=Rotation,
            )
        },
    }
