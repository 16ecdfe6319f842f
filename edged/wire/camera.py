"""What a device says of one camera: `cam/<cam>/status` and `cam/<cam>/presence`, both retained."""

from __future__ import annotations

from enum import StrEnum

from edged.wire.event import PersonPart
from edged.wire.payload import Instant, Payload


class CameraState(StrEnum):
    """Whether pictures come."""

    ONLINE = "online"
    OFFLINE = "offline"
    DISABLED = "disabled"
    """Switched off in the configuration."""


class CameraStatus(Payload):
    """Whether a camera gives pictures. Published when it changes."""

    state: CameraState
    reason: str
    """Why it is offline, in words; empty otherwise. Never holds a camera's address or password."""
    since: Instant


class Presence(Payload):
    """Who is in front of a camera now. Published when it changes."""

    at: Instant
    total: int
    """Visits under way, whatever their outcome."""
    known: int
    unknown: int
    undecided: int
    people: tuple[PersonPart, ...]
    """The known ones, in the order of their arrival."""
