"""What this room needs of the device: a few questions, answered by the engine room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from edged.domain.event import Outcome
from edged.domain.face import Box, Flaw
from edged.domain.frame import Frame
from edged.wire.camera import CameraStatus
from edged.wire.device import Health, Index, Info
from edged.wire.event import EventRecord
from edged.wire.payload import Part, Payload


class BrokerState(StrEnum):
    """Whether events reach the broker."""

    CONNECTED = "connected"
    AWAY = "away"
    OFF = "off"
    """Switched off in the configuration."""


class BrokerPart(Part):
    """The broker, as the page shows it."""

    state: BrokerState
    address: str
    """`host:port`, without user and password; empty where it is off."""


class DeviceState(Payload):
    """How the device is: what it tells the broker about itself, in one document."""

    info: Info
    health: Health
    index: Index
    cameras: Mapping[str, CameraStatus]
    """Every camera of the configuration, by its name."""
    broker: BrokerPart


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """An event as it was stored.

    Attributes:
        number: its place in the order of storing, from 1; rises, may have gaps.
        record: the event with its explanation.
        has_picture: whether `Device.picture` has one for it.
    """

    number: int
    record: EventRecord
    has_picture: bool


class Sighting(Protocol):
    """A face in a frame; `box` in the frame's pixels, `outcome` None until there is an answer."""

    @property
    def track(self) -> int: ...
    @property
    def box(self) -> Box: ...
    @property
    def outcome(self) -> Outcome | None: ...
    @property
    def name(self) -> str:
        """Of the person, where known; may be empty."""

    @property
    def flaw(self) -> Flaw | None:
        """Why the face cannot be judged in this frame."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What a camera sees now, with the faces found in it."""

    frame: Frame
    sightings: Sequence[Sighting]


class Device(Protocol):
    """The daemon behind the page.

    Every method is called on worker threads, several at once, and must return quickly: a lock, one indexed query, one
    small file.
    """

    def state(self) -> DeviceState:
        """How the device is at this moment. Asked every two seconds for each open page."""

    def events(self, *, after: int, limit: int) -> Sequence[KeptEvent]:
        """The newest `limit` events whose number is above `after`, oldest first. Asked twice a second for each page."""

    def picture(self, event_id: str) -> bytes | None:
        """The JPEG of an event's best shot, None where none is kept. `event_id` is a UUID in canonical form."""

    def view(self, camera: str) -> View | None:
        """The newest frame of a camera, whether or not it was worth an inference.

        None while the camera gives no pictures: a frozen picture is never shown. Asked about ten times a second for
        each open live picture, and never otherwise.
        """
