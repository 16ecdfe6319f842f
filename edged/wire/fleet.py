"""How a whole fleet stands, and what was pushed to it: for the hub's page, and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from edged.wire.availability import Availability
from edged.wire.device import ConditionPart, LifeState
from edged.wire.payload import Instant, Part, Payload
from edged.wire.reported import ProblemPart


class Drift(StrEnum):
    """How a device stands to what it was told."""

    IN_STEP = "in_step"
    """It follows all of it, or was told nothing."""
    PENDING = "pending"
    """Something newer stands on the broker than it has answered: it is away, or was told a moment ago."""
    APPLYING = "applying"
    """It tries the newest."""
    REJECTED = "rejected"
    """It does not follow the newest; nothing has changed there."""
    REVERTED = "reverted"
    """It tried the newest, something did not work, and it went back."""
    AHEAD = "ahead"
    """It follows what no longer stands on the broker."""
    SILENT = "silent"
    """It was told something and has never reported: its edged is too old, or the broker holds its reports back."""


class OrderPart(Part):
    """What one source tells a device, and how far it has come with it."""

    source: str
    """`device` for its own topic, `group:<name>`."""
    desired: int
    """The version that stands on the broker; 0 where nothing does."""
    followed: int
    """The version that the device has followed last; 0: none."""


class FleetIndex(Part):
    """Whom a device can recognise."""

    version: int
    digest: str
    persons: int
    age_s: float | None
    """Seconds since it last had everything of its centre; null on a device that stands alone."""


class FleetDevice(Part):
    """A device, as it stands on the broker."""

    name: str
    available: Availability | None
    """Null where it has never said so."""
    heard: Instant | None
    """When it last told how it goes."""
    state: LifeState | None
    edged: str
    """The version that runs there; empty where it has not said."""
    groups: tuple[str, ...]
    config: str
    """Digest of the configuration in force."""
    restart_required: bool
    drift: Drift
    orders: tuple[OrderPart, ...]
    """By source."""
    pending: int
    """How many of them it has still to follow."""
    problems: tuple[ProblemPart, ...]
    """Of the newest order, where it is not followed."""
    overruled: tuple[str, ...]
    """Paths of the newest order that do not hold there, since a nearer word says otherwise."""
    conditions: tuple[ConditionPart, ...]
    fps: Mapping[str, float]
    """By camera, frames a second that were looked at."""
    temperature_c: float | None
    index: FleetIndex | None
    events_waiting: int | None


class FleetGroup(Part):
    """A group that is told something, or that a device says it belongs to."""

    name: str
    version: int
    """Of what stands on its topic; 0: nothing does."""
    members: int


class FleetList(Payload):
    """All devices of a broker."""

    at: Instant
    """As of when."""
    connected: bool
    """Whether the broker is there; if not, this is how it stood when it went."""
    trouble: str = ""
    """Why not, in words."""
    devices: tuple[FleetDevice, ...]
    groups: tuple[FleetGroup, ...]


class FleetPush(Part):
    """Somebody has told a device or a group what its configuration is to be."""

    at: Instant
    """When it was heard of."""
    address: str
    """A device's name, or `_group/` and a group's."""
    version: int
    by: str
    """Who, in their own words."""
    key: str
    """The id of the key that it says it is signed with; empty: it is not."""
    token: str
    """Of a roll-out by `edged fleet push`: the same for all its devices."""
    change: Mapping[str, Any]
    """What differs from what stood there before, without secrets."""


class FleetPushes(Payload):
    """The newest pushes that were heard, the newest first."""

    pushes: tuple[FleetPush, ...]
