"""What this room needs of the device: a few questions, answered by the engine room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from edged.domain.event import Outcome
from edged.domain.face import Box, Flaw
from edged.domain.frame import Frame
from edged.domain.person import Person
from edged.wire.camera import CameraStatus
from edged.wire.device import Health, Index, Info, LifeState
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
    doors: tuple[str, ...] = ()
    """Names of the doors of the configuration."""


@dataclass(frozen=True, slots=True)
class Fitness:
    """Whether the daemon works, as far as it can be said without asking a disk.

    Attributes:
        life: where in its life it is.
        stuck: names of threads that have not come round for seconds.
        missing: by name, what a decision needs and is not there, in words; empty: it decides.
    """

    life: LifeState
    stuck: tuple[str, ...]
    missing: Mapping[str, str]


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

    def fitness(self) -> Fitness:
        """Whether it works. Never blocks: supervisors ask every few seconds."""

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


@dataclass(frozen=True, slots=True)
class Unknown:
    """A visit of somebody nobody knew.

    Attributes:
        event_id: of the event whose picture shows them; `Device.picture` has it.
        captured: UTC seconds since the epoch.
        camera: its name.
    """

    event_id: str
    captured: float
    camera: str


@dataclass(frozen=True, slots=True)
class Unknowns:
    """What there is to review.

    Attributes:
        groups: visits that seem to be one person's, newest first, in groups, newest first.
        waiting: visits that the device has not compared yet: ask again.
        likely: of each group the made-up name of a stranger whom it resembles, empty where there is none; empty: none.
    """

    groups: tuple[tuple[Unknown, ...], ...]
    waiting: int
    likely: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What came of an enrolment.

    Attributes:
        person: as stored.
        pictures: how many were taken.
        refused: why the others were not, one sentence each.
    """

    person: Person
    pictures: int
    refused: tuple[str, ...]


class Reviewer(Protocol):
    """The daemon behind the page's review: what the page may change.

    Every method is called on worker threads and blocks for some seconds at most: the models and the databases belong
    to other threads, which do this between their own work. Each raises Unavailable where they do not come round to it.
    """

    def unknowns(self) -> Unknowns:
        """Unknown visits that nobody has dealt with yet and that have a picture."""

    def enroll_from_events(self, event_ids: Sequence[str], person: Person, *, known: bool, by: str) -> Enrolled:
        """Enrols somebody with the pictures of these events, found at once when this returns.

        Args:
            person: without an id of ours.
            known: whether they are enrolled already and the pictures are to be added.
            by: the account's name, as in the others.

        Raises:
            Refused: in words for whoever filled in the form; nothing was changed.
        """

    def dismiss(self, event_ids: Sequence[str], *, undo: bool, by: str) -> None:
        """These events are not listed any more; with `undo`, they are again."""

    def name(self, event_ids: Sequence[str], name: str, *, by: str) -> str:
        """Whoever was there is called so from now on, on this device only, and not listed any more; an empty name
        takes it back. The name as it is kept.

        Raises:
            Refused: it cannot be a name.
        """


@dataclass(frozen=True, slots=True)
class Closed:
    """Why there is no review, and what to do about it."""

    what: str
    remedy: str
