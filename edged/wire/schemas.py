"""The payloads as JSON Schema, for readers in other languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from edged.wire.camera import CameraStatus, Presence
from edged.wire.device import Health, Index, Info
from edged.wire.event import EventMessage
from edged.wire.event_ack import EventAck
from edged.wire.feed import Announcement
from edged.wire.payload import Payload

_PAYLOADS: Final[Mapping[str, type[Payload]]] = {
    "ack": EventAck,
    "event": EventMessage,
    "health": Health,
    "index": Index,
    "info": Info,
    "presence": Presence,
    "revision": Announcement,
    "status": CameraStatus,
}


def schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema (2020-12) of every published payload, by the last part of its topic.

    `available` (a plain word) and `image` (a JPEG) are not JSON and have none.
    """
    return {name: payload.schema_document() for name, payload in _PAYLOADS.items()}
