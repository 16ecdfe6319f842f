"""Everything that waits in the outbox until it is told: events, passages, alarms."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, TypeAlias

from edged.wire.door import AlarmFacts, AlarmMessage, AlarmRecord, AlarmTimes
from edged.wire.event import EventMessage, EventRecord, read_back
from edged.wire.event import message_of as event_message
from edged.wire.passage import PassageFacts, PassageMessage, PassageRecord, PassageTimes
from edged.wire.payload import Payload, instant

Record: TypeAlias = EventRecord | PassageRecord | AlarmRecord


class Kind(StrEnum):
    """What it is; each kind has a topic of that name, and numbers of its own."""

    EVENT = "event"
    PASSAGE = "passage"
    ALARM = "alarm"


MODELS: Final[dict[Kind, type[Record]]] = {
    Kind.EVENT: EventRecord,
    Kind.PASSAGE: PassageRecord,
    Kind.ALARM: AlarmRecord,
}


_MESSAGES: Final[dict[Kind, type[EventMessage | PassageMessage | AlarmMessage]]] = {
    Kind.EVENT: EventMessage,
    Kind.PASSAGE: PassageMessage,
    Kind.ALARM: AlarmMessage,
}


def kind_of(record: Record) -> Kind:
    """What kind it is."""
    match record:
        case EventRecord():
            return Kind.EVENT
        case PassageRecord():
            return Kind.PASSAGE
        case AlarmRecord():
            return Kind.ALARM


def message_of(record: Record, *, device: str, boot: str, seq: int, published: float, replayed: bool) -> Payload:
    """What is told of it; see `edged.wire.event.message_of`."""
    match record:
        case EventRecord():
            return event_message(record, device=device, boot=boot, seq=seq, published=published, replayed=replayed)
        case PassageRecord(at=at):
            return PassageMessage(
                **{name: getattr(record, name) for name in PassageFacts.model_fields},
                seq=seq,
                boot=boot,
                device=device,
                at=PassageTimes(seen=at.seen, decided=at.decided, published=instant(published)),
                replayed=replayed,
            )
        case AlarmRecord():
            return AlarmMessage(
                **{name: getattr(record, name) for name in AlarmFacts.model_fields},
                seq=seq,
                boot=boot,
                device=device,
                at=AlarmTimes(decided=record.at.decided, published=instant(published)),
                replayed=replayed,
            )


def parse_message(payload: bytes, kind: Kind) -> EventMessage | PassageMessage | AlarmMessage:
    """Reads back what was told under the topic of a kind.

    Raises:
        Refused: `too_large` or `bad_event`, with the first thing wrong.
    """
    return read_back(payload, _MESSAGES[kind], kind)
