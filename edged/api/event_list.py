"""Events as the page gets them."""

from __future__ import annotations

from collections.abc import Sequence

from edged.api.port import KeptEvent
from edged.wire.event import EventRecord
from edged.wire.payload import Part, Payload


class EventEntry(Part):
    """A stored event and where its picture is."""

    number: int
    """Its place in the order of storing; rises, may have gaps."""
    picture: str | None
    """Path of the best shot's JPEG on this device; null where none is kept."""
    event: EventRecord


class EventList(Payload):
    """Some events, oldest first."""

    events: tuple[EventEntry, ...]


def event_list(kept: Sequence[KeptEvent]) -> EventList:
    """What is told of `kept`, in the same order."""
    return EventList(events=tuple(_entry(event) for event in kept))


def _entry(kept: KeptEvent) -> EventEntry:
    picture = f"/api/v1/events/{kept.record.id}/picture.jpg" if kept.has_picture else None
    return EventEntry(number=kept.number, picture=picture, event=kept.record)
