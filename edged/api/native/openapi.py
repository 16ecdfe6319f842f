"""This dialect in OpenAPI 3.1: every address, what it takes, and every answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

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
    Assignment,
    DeviceReport,
    EventOrder,
    FeatureSet,
    HandedIn,
    OrganisationOrder,
    PushedPerson,
    Receipts,
    Rotation,
    TokenOrder,
)
_ANSWERED: Final[Sequence[type[BaseModel]]] = (
    Account,
    Acknowledged,
    Changes,
    DepartureList,
    DeviceItem,
    EventItem,
    EventList,
    FleetList,
    FleetPushes,
    OrganisationItem,
    OrganisationList,
    PhotoItem,
    PhotoList,
    Pushed,
    TokenList,
    TokenMade,
)
_ERROR: Final = "EdgedError"
_ERRORS: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.BAD_REQUEST: "What was sent makes no sense; `what` says which part",
    HTTPStatus.UNAUTHORIZED: "No token, or a wrong one",
    HTTPStatus.FORBIDDEN: "The token may not do this",
    HTTPStatus.NOT_FOUND: "There is no such thing",
    HTTPStatus.METHOD_NOT_ALLOWED: "Not with this method; `Allow` names those that there are",
    HTTPStatus.CONFLICT: "It is there already, the cursor is of another life of the directory, or the key is another",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Too large",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests: `Retry-After` says after how many seconds to come again",
    HTTPStatus.INTERNAL_SERVER_ERROR: "A fault of the hub",
    HTTPStatus.SERVICE_UNAVAILABLE: "Not now: `Retry-After` says after how many seconds to come again",
}


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
    return {**document["$defs"], _ERROR: error}


def native_paths() -> dict[str, Any]:
    """`paths` of the document."""
    organisation = "/edged/v1/organisations/{organisation}"
    event = f"{organisation}/events/{{event}}"
    after = _query("after", "The cursor of the answer before; leave it out to begin", text=True)
    page = (_query("offset", "How many to pass over"), _query("limit", "How many at most, up to 1,000"))
    return {
        "/edged/v1/changes": {
            "get": _operation(
                "changes",
                "What has changed: people as they are now, and who is gone",
                200,
                _json(Changes),
                asked=(
                    _query("model", "sha256 of the embedding model whose vectors are wanted", text=True, required=True),
                    after,
                    _query("limit", "How many people at most, up to 2,000; 0 asks for `more` and `ahead` only"),
                ),
            )
        },
        "/edged/v1/people": {
            "put": _operation(
                "push_person",
                "A device enrols or changes somebody; to send it twice does what sending it once does",
                200,
                _json(Pushed),
                body=PushedPerson,
            )
        },
        "/edged/v1/people/{person}": {
            "get": _operation(
                "account",
                "On which devices somebody is live, or which have forgotten them",
                200,
                _json(Account),
                asked=(_segment("person"),),
            ),
            "delete": _operation(
                "delete_person",
                "Deletes somebody, also where they are gone already",
                204,
                {},
                asked=(_segment("person"),),
            ),
        },
        "/edged/v1/departures": {
            "get": _operation(
                "departures",
                "Who was deleted, the newest first, and which devices have not forgotten them yet",
                200,
                _json(DepartureList),
                asked=(
                    _query("after", "The number of the last one known"),
                    _query("limit", "How many at most, up to 200"),
                ),
            )
        },
        "/edged/v1/faces/{number}/crop": {
            "get": _operation(
                "face_crop",
                "A face with a margin, to make a vector of",
                200,
                {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
                asked=(_segment("number"),),
            )
        },
        "/edged/v1/events": {
            "get": _operation(
                "events",
                "Events of devices, the oldest first",
                200,
                _any(),
                asked=(
                    _query("after", "The number of the last one known"),
                    _query("limit", "How many at most, up to 1,000"),
                    _query("device", "Of this device only", text=True),
                ),
            ),
            "post": _operation(
                "hand_in_events",
                "Hands in events of the token's device; those acknowledged are on the hub's disk",
                200,
                _json(Acknowledged),
                body=HandedIn,
            ),
        },
        "/edged/v1/devices": {"get": _operation("devices", "All devices", 200, _any())},
        "/edged/v1/devices/{name}": {
            "get": _operation("device", "A device", 200, _json(DeviceItem), asked=(_segment("name"),)),
            "delete": _operation(
                "forget_device",
                "Forgets a device and revokes its tokens; its events stay",
                204,
                {},
                asked=(_segment("name"),),
            ),
        },
        "/edged/v1/devices/{name}/report": {
            "put": _operation(
                "report_device",
                "A device says where it stands, and learns whom it is to know",
                200,
                _json(DeviceItem),
                asked=(_segment("name"),),
                body=DeviceReport,
            )
        },
        "/edged/v1/devices/{name}/receipts": {
            "post": _operation(
                "hand_in_receipts",
                "A device proves that it has forgotten people: all receipts are kept, or none",
                204,
                {},
                asked=(_segment("name"),),
                body=Receipts,
            )
        },
        "/edged/v1/devices/{name}/groups": {
            "put": _operation(
                "assign_groups",
                "Says whom a device is to know",
                200,
                _json(DeviceItem),
                asked=(_segment("name"),),
                body=Assignment,
            )
        },
        "/edged/v1/fleet": {
            "get": _operation(
                "fleet",
                "How all devices stand on the broker; as lines of tab-separated values where text/plain is accepted",
                200,
                {**_json(FleetList), "text/plain": {"schema": {"type": "string"}}},
            )
        },
        "/edged/v1/fleet/pushes": {
            "get": _operation(
                "fleet_pushes",
                "Who has told devices on the broker what, the newest first",
                200,
                _json(FleetPushes),
                asked=(_query("limit", "How many at most, up to 1,000"),),
            )
        },
        "/edged/v1/organisations": {
            "get": _operation("organisations", "All organisations", 200, _json(OrganisationList)),
            "post": _operation(
                "create_organisation", "A new organisation", 201, _json(OrganisationItem), body=OrganisationOrder
            ),
        },
        f"{organisation}/events": {
            "get": _operation(
                "photo_events",
                "Events of an organisation, the newest first",
                200,
                _json(EventList),
                asked=(_segment("organisation"), *page),
            ),
            "post": _operation(
                "create_photo_event",
                "A new event",
                201,
                _json(EventItem),
                asked=(_segment("organisation"),),
                body=EventOrder,
            ),
        },
        event: {
            "get": _operation("photo_event", "An event", 200, _json(EventItem), asked=_event()),
            "delete": _operation(
                "delete_photo_event", "Deletes an event with its photographs and searches", 204, {}, asked=_event()
            ),
        },
        f"{event}/features": {
            "put": _operation(
                "set_features", "What an event offers", 200, _json(EventItem), asked=_event(), body=FeatureSet
            )
        },
        f"{event}/photos": {
            "get": _operation(
                "photos", "Photographs by the time they were taken", 200, _json(PhotoList), asked=(*_event(), *page)
            ),
            "post": {
                **_operation("add_photo", "Adds a photograph", 201, _json(PhotoItem), asked=_event()),
                "requestBody": _file(),
            },
        },
        f"{event}/photos/{{photo}}": {
            "delete": _operation("delete_photo", "Deletes a photograph", 204, {}, asked=(*_event(), _segment("photo")))
        },
        "/edged/v1/tokens": {
            "get": _operation("tokens", "All tokens, without their texts", 200, _json(TokenList)),
            "post": _operation(
                "create_token",
                "Makes a token, whose text is in this answer only",
                201,
                _json(TokenMade),
                body=TokenOrder,
            ),
        },
        "/edged/v1/tokens/{token}": {
            "delete": _operation("revoke_token", "Ends a token for good", 204, {}, asked=(_segment("token"),))
        },
        "/edged/v1/tokens/{token}/rotate": {
            "post": _operation(
                "rotate_token",
                "Gives a token another text; the old one opens for a while, too",
                200,
                _json(TokenMade),
                asked=(_segment("token"),),
                body=Rotation,
            )
        },
    }


def _operation(
    name: str,
    summary: str,
    status: int,
    content: Mapping[str, Any],
    *,
    asked: Sequence[Mapping[str, Any]] = (),
    body: type[BaseModel] | None = None,
) -> dict[str, Any]:
    answers: dict[str, Any] = {str(status): {"description": "Done", **({"content": content} if content else {})}}
    for error, words in _ERRORS.items():
        schema = {"$ref": f"#/components/schemas/{_ERROR}"}
        answers[str(error.value)] = {"description": words, "content": {"application/json": {"schema": schema}}}
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": summary,
        "security": [{"EdgedToken": []}],
        "responses": answers,
    }
    if asked:
        operation["parameters"] = list(asked)
    if body:
        operation["requestBody"] = {"required": True, "content": _json(body)}
    return operation


def _json(kind: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{kind.__name__}"}}}


def _any() -> dict[str, Any]:
    return {"application/json": {"schema": {"type": "object"}}}


def _file() -> dict[str, Any]:
    schema = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


def _query(name: str, about: str, *, text: bool = False, required: bool = False) -> dict[str, Any]:
    schema = {"type": "string"} if text else {"type": "integer", "minimum": 0}
    return {"name": name, "in": "query", "required": required, "description": about, "schema": schema}


def _segment(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _event() -> tuple[dict[str, Any], ...]:
    return _segment("organisation"), _segment("event")
