"""Requests about what the device writes into its log, and what it says under `log`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, get_args

from pydantic import Field

from edged.wire.commands.asked import Asked
from edged.wire.payload import Instant, Part, Payload

Level: TypeAlias = Literal["debug", "info", "warning", "error"]
"""This and whatever is more serious."""

Room: TypeAlias = Literal[
    "access",
    "accounts",
    "api",
    "audit",
    "cameras",
    "central",
    "config",
    "control",
    "credentials",
    "doors",
    "fleet",
    "gallery",
    "liveness",
    "mqtt",
    "photos",
    "recognition",
    "runtime",
    "vault",
    "vision",
    "web",
    "wire",
]
"""A part of edged: the second word of what its log lines begin with."""

ROOMS: Final[tuple[Room, ...]] = get_args(Room)


class LogLevelAsked(Asked):
    """Log more, or less, for a while. What is left out stays as it is."""

    room: Room | None = None
    """The part of edged that is meant; null: all of it, but for rooms that have a level of their own."""
    level: Level | None = None
    """Null: as the configuration says."""
    publish: Level | None = None
    """Publish lines from this level on under `log`; null: none."""
    for_s: int = Field(600, ge=1, le=86_400)
    """After so long everything is as before."""


class LogLevels(Part):
    """What is logged now."""

    document: Level
    """As the configuration says."""
    everywhere: Level | None
    """What holds in its place; null: nothing else."""
    rooms: Mapping[str, Level]
    """Those with a level of their own."""
    publish: Level | None
    """From which level on lines are published under `log`; null: none are."""
    until: Instant | None
    """When the first of these ends; null where none does."""


class LogTailAsked(Asked):
    """The latest lines of the log."""

    lines: int = Field(100, ge=1, le=1000)
    level: Level = "debug"
    """Only this and what is more serious."""
    room: Room | None = None
    """Only of this part of edged; null: of all."""


class LogEntry(Part):
    """A line of the log."""

    at: Instant
    level: str
    """`debug`, `info`, `warning`, `error` or `critical`."""
    logger: str
    """Where it comes from: `edged.mqtt.session`, …"""
    message: str


class LogTail(Part):
    """The lines, the oldest first."""

    lines: tuple[LogEntry, ...]
    left_out: int
    """Lines that would have been too long for a message, the oldest of those asked for."""


class LogLine(Payload, LogEntry):
    """What is published under `log`."""

    dropped: int = 0
    """So many lines before it were not published: there were too many."""
