"""Everything that waits in the outbox until it is told: events, passages, alarms."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, TypeAlias

from pydantic import ValidationError

from edged.domain.errors import Refused
from edged.wire.door import AlarmFacts, AlarmMessage, AlarmRecord, AlarmTimes
from edged.wire.event import MAX_EVENT_BYTES, EventMessage, EventRecord, parse_event
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
    if kind is Kind.EVENT:
        return parse_event(payload)
    if len(payload) > MAX_EVENT_BYTES:
        raise Refused("too_large", f"a {kind} of {len(payload)} bytes is longer than {MAX_EVENT_BYTES}")
    model = PassageMessage if kind is Kind.PASSAGE else AlarmMessage
    try:
        return model.model_validate_json(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the payload"
        raise Refused("bad_event", f"this is no {kind} of version 1: {where}: {first['msg']}") from error
