"""What the hub says of events that it has stored."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from edged.wire.payload import Payload

MOST_IDS: Final = 200
"""In one acknowledgement; what is more goes into another."""

MAX_ACK_BYTES: Final = 16 * 1024
"""MOST_IDS of the longest ids take less. Whatever is longer is no acknowledgement and is not parsed."""

EventId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class EventAck(Payload):
    """Published under `event/ack`, QoS 1, never retained: these events are on the hub's disk, and need not be kept for
    it any longer.
    """

    ids: Annotated[tuple[EventId, ...], Field(max_length=MOST_IDS)]
    """Of the events. An event that comes again is acknowledged again."""
