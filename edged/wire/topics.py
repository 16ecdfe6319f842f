"""Where on the broker a device speaks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one device.

    Attributes:
        prefix: first part of every topic (`mqtt.prefix` of the configuration), may itself have slashes.
        device: the device's name.
    """

    prefix: str
    device: str

    @property
    def available(self) -> str:
        return self._below("available")

    @property
    def info(self) -> str:
        return self._below("info")

    @property
    def health(self) -> str:
        return self._below("health")

    @property
    def index(self) -> str:
        return self._below("index")

    @property
    def event(self) -> str:
        return self._below("event")

    def camera_status(self, camera: str) -> str:
        return self._below(f"cam/{camera}/status")

    def camera_presence(self, camera: str) -> str:
        return self._below(f"cam/{camera}/presence")

    def image(self, event_id: str) -> str:
        """Where the JPEG of an event's best shot is published: the file's bytes, no JSON."""
        return self._below(f"image/{event_id}")

    def _below(self, rest: str) -> str:
        return f"{self.prefix}/{self.device}/{rest}"


def announcements(prefix: str) -> str:
    """Where the centre of all devices under this prefix tells of changes."""
    return f"{prefix}/_hub/revision"
