"""Requests about the device as a whole: sync, door, diagnostics, models, restart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from edged.wire.camera import CameraStatus
from edged.wire.commands.asked import Asked
from edged.wire.commands.journal import LogEntry
from edged.wire.device import CentralPart, Health, Index, Info
from edged.wire.payload import Instant, Part

DoorName = Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9_-]{0,31})?$")]
ModelName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


class SyncAsked(Asked):
    """Follow the centre now."""

    wait_s: float = Field(5.0, ge=0.0, le=20.0)
    """So long the answer waits for the device to have everything; 0: not at all."""


class Synced(Part):
    """How sync stands."""

    followed: bool
    """The device has had everything since it was asked; false: it is still at it."""
    central: CentralPart


class OpenDoorAsked(Asked):
    """Open a door."""

    door: DoorName = ""
    """Its name; may be left out where there is only one."""


class DoorOpened(Part):
    """The door was told to open."""

    door: str
    open_s: float
    """For how long."""


class DiagnosticsAsked(Asked):
    """Everything that somebody who helps needs to know."""

    lines: int = Field(200, ge=0, le=1000)
    """Of the log, the latest."""


class ConfigPart(Part):
    """The configuration in force."""

    digest: str
    source: str | None
    """The owner's file."""
    effective: Mapping[str, Any]
    """Secrets are `********`."""
    provenance: Mapping[str, str]
    """By dotted path, where a value comes from."""


class MachinePart(Part):
    """What it runs on."""

    system: str
    """Kernel and its release."""
    architecture: str
    processors: int
    memory_mb: float
    load: tuple[float, float, float]
    """Averages over 1, 5 and 15 minutes."""
    disk_mb: float
    """Size of the file system of the state directory."""
    disk_free_mb: float


class Diagnostics(Part):
    """The bundle; there is no secret and no face in it."""

    at: Instant
    info: Info
    health: Health
    index: Index
    cameras: Mapping[str, CameraStatus]
    config: ConfigPart
    machine: MachinePart
    threads: Mapping[str, tuple[str, ...]]
    """By name, what each thread is at: `file:line function`, the innermost last."""
    log: tuple[LogEntry, ...]
    """The oldest first; fewer than asked for where more would be too long for a message."""


class ModelEntry(Part):
    """A model that the device has a manifest of."""

    name: str
    role: str
    """`detector` or `embedder`."""
    family: str
    runtime: str
    state: Literal["built", "missing", "damaged"]
    in_use: bool
    sha256: str
    licence: str
    people: int | None
    """Of an embedder: how many people there are templates of; null for a detector."""


class ModelsListed(Part):
    """The models."""

    models: tuple[ModelEntry, ...]


class ModelsSwitchAsked(Asked):
    """Use another embedder, without enrolling anybody again."""

    embedder: ModelName
    leave_out: bool = False
    """Even if people without a kept face would no longer be recognised."""


class ModelsSwitched(Part):
    """The templates are made, and `models.embedder` is pushed: `config/reported` tells what becomes of it."""

    embedder: str
    former: str
    made: int
    """Templates that were made now."""
    people: int
    """Who can be recognised with it."""
    left_out: tuple[str, ...]
    """Keys of those who cannot, the first hundred."""


class Restarted(Part):
    """The device is there again. This answer comes after the restart, not before it."""

    boot: str
    """As in `info`: it differs from the one before."""
    asked: Instant
    """When the request came."""
