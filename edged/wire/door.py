"""Doors on the broker: how each stands, and its alarms."""

from __future__ import annotations

from edged.domain.door import Alarm, Contact, DoorAlarm, DoorState, Mode
from edged.wire.payload import Instant, Part, Payload, instant


class DoorStatus(Payload):
    """How a door is, retained under `door/<name>`."""

    mode: Mode
    """How it stands, apart from those who pass."""
    contact: Contact
    unlocked: bool
    """The relay lets people through."""
    reachable: bool
    """The relay answers."""
    alarms: tuple[Alarm, ...]
    """What somebody should look after."""
    since: Instant
    """When it last changed."""


class SettledAlarmTimes(Part):
    """When it happened, as far as the device knows before it has spoken."""

    decided: Instant
    """The alarm began, or was over."""


class AlarmTimes(SettledAlarmTimes):
    """When it happened and when it was told."""

    published: Instant
    """It was handed to the broker; for a replayed one, this time."""


class AlarmFacts(Payload):
    """What both forms of an alarm say."""

    id: str
    """A UUIDv7. Readers de-duplicate by it."""
    raised: str
    """A UUIDv7, the same where it begins and where it is over."""
    door: str
    alarm: Alarm
    on: bool
    """It begins; false: it is over."""
    detail: str = ""
    """For the guard."""


class AlarmRecord(AlarmFacts):
    """An alarm as the outbox keeps it."""

    at: SettledAlarmTimes


class AlarmMessage(AlarmFacts):
    """An alarm as it is published under `alarm`, QoS 1, never retained."""

    seq: int
    """Counts this boot's alarms from 1 without gaps."""
    boot: str
    """Names the boot that `seq` counts in."""
    device: str
    at: AlarmTimes
    replayed: bool
    """It waited in the outbox."""


def status_of(state: DoorState) -> DoorStatus:
    """What is told of a door."""
    return DoorStatus(
        mode=state.mode,
        contact=state.contact,
        unlocked=state.unlocked,
        reachable=state.reachable,
        alarms=state.alarms,
        since=instant(state.since.utc),
    )


def alarm_of(alarm: DoorAlarm, id: str) -> AlarmRecord:  # noqa: A002  the field's name
    """What is kept of an alarm; `id` is this record's own."""
    return AlarmRecord(
        id=id,
        raised=alarm.id,
        door=alarm.door,
        alarm=alarm.alarm,
        on=alarm.on,
        detail=alarm.detail,
        at=SettledAlarmTimes(decided=instant(alarm.at.utc)),
    )
