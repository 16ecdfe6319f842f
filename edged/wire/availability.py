"""Whether a device is there: the one payload that is a plain word, no JSON."""

from __future__ import annotations

from enum import StrEnum


class Availability(StrEnum):
    """Retained under `available`."""

    ONLINE = "online"
    """Connected, and all its retained states are out."""
    STOPPED = "stopped"
    """Went away on purpose."""
    OFFLINE = "offline"
    """Lost: the broker says it in the device's place (the will)."""
