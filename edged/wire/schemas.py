"""The payloads as JSON Schema, for readers in other languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from edged.wire.camera import CameraStatus, Presence
from edged.wire.device import Health, Index, Info
from edged.wire.event import EventMessage
from edged.wire.feed import Announcement
from edged.wire.order import Desired
from edged.wire.payload import Payload
from edged.wire.reported import Reported

_PAYLOADS: Final[Mapping[str, type[Payload]]] = {
    "event": EventMessage,
    "health": Health,
    "index": Index,
    "info": Info,
    "presence": Presence,
    "reported": Reported,
    "revision": Announcement,
    "status": CameraStatus,
}


def schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema (2020-12) of every published payload, by the last part of its topic.

    `available` (a plain word) and `image` (a JPEG) are not JSON and have none.
    """
    documents = {name: payload.schema_document() for name, payload in _PAYLOADS.items()}
    return documents | {"desired": Desired.model_json_schema()}
