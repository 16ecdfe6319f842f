"""The payloads as JSON Schema, for readers in other languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from edged.wire.camera import CameraStatus, Presence
from edged.wire.commands.journal import LogLine
from edged.wire.commands.shapes import SHAPES
from edged.wire.device import Health, Index, Info
from edged.wire.door import AlarmMessage, DoorStatus
from edged.wire.event import EventMessage
from edged.wire.event_ack import EventAck
from edged.wire.feed import Announcement
from edged.wire.order import Desired, Request, Response, Sealed
from edged.wire.passage import PassageMessage
from edged.wire.payload import Payload
from edged.wire.reported import Reported

_PAYLOADS: Final[Mapping[str, type[Payload]]] = {
    "ack": EventAck,
    "alarm": AlarmMessage,
    "door": DoorStatus,
    "event": EventMessage,
    "health": Health,
    "index": Index,
    "info": Info,
    "log": LogLine,
    "passage": PassageMessage,
    "presence": Presence,
    "reported": Reported,
    "revision": Announcement,
    "sealed": Sealed,
    "status": CameraStatus,
}
_DEFINITIONS: Final = "$defs"


def schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema (2020-12) of every payload, by the last part of its topic; `request/<command>` and
    `response/<command>` by the last two. `sealed`, a signed order, is for several topics.

    `available` (a plain word) and `image` (a JPEG) are not JSON and have none.
    """
    documents = {name: payload.schema_document() for name, payload in _PAYLOADS.items()}
    documents["desired"] = Desired.model_json_schema()
    for command, shape in SHAPES.items():
        documents[f"request/{command}"] = _request(shape.asked.model_json_schema())
        documents[f"response/{command}"] = _response(shape.answered.model_json_schema(mode="serialization"))
    return documents


def _request(data: dict[str, Any]) -> dict[str, Any]:
    """Of what a device takes: required is what has no default."""
    schema = Request.model_json_schema()
    schema["properties"]["data"] = {**_lifted(schema, data), "default": {}}
    if data.get("required"):
        schema["required"] = [*schema["required"], "data"]
    return schema


def _response(data: dict[str, Any]) -> dict[str, Any]:
    """Of what a device says: `data` is what it promises where the status is `ok`, and empty where it is not."""
    schema = Response.schema_document()
    is_ok = {"properties": {"status": {"const": "ok"}}}
    then = {"properties": {"data": _lifted(schema, data), "error": {"type": "null"}}}
    otherwise = {"properties": {"data": {"maxProperties": 0}, "error": {"type": "object"}}}
    return {**schema, "if": is_ok, "then": then, "else": otherwise}


def _lifted(schema: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """The schema of `data`, whose definitions are put to those of the whole."""
    rest = {key: value for key, value in data.items() if key != _DEFINITIONS}
    definitions = {**schema.get(_DEFINITIONS, {}), **data.get(_DEFINITIONS, {})}
    if definitions:
        schema[_DEFINITIONS] = definitions
    return rest
