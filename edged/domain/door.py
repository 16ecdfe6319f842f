"""A door: what can be said to it, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edged.domain.frame import Moment


class Mode(StrEnum):
    """How a door stands, apart from those who pass."""

    NORMAL = "normal"
    """Shut; opens for whoever may pass."""
    HELD_OPEN = "held_open"
    """Stands open, by schedule or because the guard said so."""
    LOCKED = "locked"
    """Opens for nobody."""
    EMERGENCY = "emergency"
    """Stands open: everybody leaves."""


class Contact(StrEnum):
    """What the door contact says."""

    SHUT = "shut"
    OPEN = "open"
    NONE = "none"
    """There is no contact, or it says nothing."""


class Signal(StrEnum):
    """What a door says by itself."""

    OPENED = "opened"
    SHUT = "shut"
    EXIT_PRESSED = "exit_pressed"
    """The request-to-exit button or sensor inside."""
    TAMPERED = "tampered"
    RESTORED = "restored"
    """The tamper contact is as it should be again."""
    RELEASED = "released"
    """The relay let people through: unlocked."""
    SECURED = "secured"
    """The relay locked again."""
    LOST = "lost"
    """The relay, or the helper that holds it, does not answer."""
    BACK = "back"
    """It answers again."""


@dataclass(frozen=True, slots=True)
class DoorSignal:
    """One thing that a door said."""

    door: str
    signal: Signal
    at: Moment
    detail: str = ""


class Alarm(StrEnum):
    """What somebody should look after."""

    FORCED = "forced"
    """Opened though nobody was let through."""
    HELD_TOO_LONG = "held_too_long"
    TAMPER = "tamper"
    SPOOF = "spoof"
    """Several attempts without a living face."""
    RELAY = "relay"
    """The relay does not answer."""
    CODES = "codes"
    """Several wrong codes."""


@dataclass(frozen=True, slots=True)
class DoorAlarm:
    """An alarm begins or ends.

    Attributes:
        id: a UUIDv7, the same for the begin and the end.
        on: it begins; else it is over.
    """

    id: str
    door: str
    alarm: Alarm
    on: bool
    at: Moment
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DoorState:
    """How a door is now.

    Attributes:
        unlocked: the relay lets people through.
        reachable: the relay answers.
        alarms: what somebody should look after, in the order in which it began.
        since: when it last changed.
    """

    door: str
    mode: Mode
    contact: Contact
    unlocked: bool
    reachable: bool
    alarms: tuple[Alarm, ...]
    since: Moment
