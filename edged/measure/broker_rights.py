"""Every topic of a device, by who says it and who hears it: what a broker's access list has to tell apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from edged.wire.topics import REPLIES, GroupTopics, Topics, announcements

PREFIX: Final = "edged"
HOME_ASSISTANT_STATUS: Final = "homeassistant/status"

_CAMERA: Final = "front"
_EVENT: Final = "019b796d-d600-7000-8000-000000000002"
_GROUP: Final = "doors"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A topic of one device, or of all.

    Attributes:
        speaker: who may say it: a role of scripts/broker.
        to_home_assistant: it is not below `edged/`, but where Home Assistant looks.
    """

    topic: str
    speaker: str
    to_home_assistant: bool = False


def said_by(device: str) -> tuple[Spoken, ...]:
    """What a device says of itself, and nobody else may."""
    own = Topics(PREFIX, device)
    below = (
        own.available,
        own.info,
        own.health,
        own.index,
        own.camera_status(_CAMERA),
        own.camera_presence(_CAMERA),
        own.event,
        own.image(_EVENT),
        own.reported,
        own.response("sync"),
        own.response("snapshot"),
        own.log,
        doctor_of(device),
    )
    return (
        *(Spoken(topic, "device") for topic in below),
        Spoken(f"homeassistant/device/{device}/edged/config", "device", to_home_assistant=True),
    )


def said_to(device: str) -> tuple[Spoken, ...]:
    """What one device is told, and may not say."""
    own = Topics(PREFIX, device)
    return (
        Spoken(own.desired, "admin"),
        Spoken(own.request("sync"), "admin"),
        Spoken(own.request("open_door"), "admin"),
        Spoken(own.event_ack, "hub"),
    )


def said_to_all() -> tuple[Spoken, ...]:
    """What all devices are told, and none may say."""
    group = GroupTopics(PREFIX, _GROUP)
    return (
        Spoken(group.desired, "admin"),
        Spoken(group.request("restart"), "admin"),
        Spoken(announcements(PREFIX), "hub"),
        Spoken(HOME_ASSISTANT_STATUS, "homeassistant", to_home_assistant=True),
    )


def doctor_of(device: str) -> str:
    """Where `edged doctor` tries the broker."""
    return f"{PREFIX}/{device}/doctor"


def reply_of(device: str) -> str:
    """Where it answers somebody who wants the answer there."""
    return f"{PREFIX}/{REPLIES}/anna/{device}"


def may_hear(device: str) -> frozenset[str]:
    """All that a device may hear of the above."""
    return frozenset((*(one.topic for one in (*said_to(device), *said_to_all())), doctor_of(device)))


def wide_nets(device: str) -> Iterator[str]:
    """Subscriptions by which somebody would hear a device without naming one topic of it."""
    yield from ("#", "+/+/#", f"{PREFIX}/#", f"{PREFIX}/+/+", f"{PREFIX}/{device}/#", "homeassistant/#", "$SYS/#")
    yield from (f"{PREFIX}/+/config/desired", f"{PREFIX}/+/request/+", f"{PREFIX}/+/event")
    yield from (f"$share/thieves/{PREFIX}/#", f"$share/thieves/{PREFIX}/{device}/#")
