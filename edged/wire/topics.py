"""Where on the broker a device speaks, and where it is spoken to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edged.wire.record import Kind

GROUPS: Final = "_group"
"""In the place of a device's name: what is said to all devices of a group. No device can have this name."""

REPLIES: Final = "_reply"
"""In the place of a device's name: where whoever asks something may have it answered, below a name of their own."""


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

    def told(self, kind: Kind) -> str:
        """Where events, passages and alarms are published; each kind under its own name."""
        return self._below(kind)

    def door(self, name: str) -> str:
        """How a door is, retained."""
        return self._below(f"door/{name}")

    @property
    def event_ack(self) -> str:
        """Where the hub names the events that it has stored."""
        return self._below("event/ack")

    @property
    def desired(self) -> str:
        """Where the device is told what its configuration is to be."""
        return self._below("config/desired")

    @property
    def reported(self) -> str:
        """Where the device says what became of it."""
        return self._below("config/reported")

    @property
    def log(self) -> str:
        return self._below("log")

    def request(self, command: str) -> str:
        """Where the device is asked for something; `+` for whatever it may be."""
        return self._below(f"request/{command}")

    def response(self, command: str) -> str:
        """Where it answers, unless the request names another topic."""
        return self._below(f"response/{command}")

    def camera_status(self, camera: str) -> str:
        return self._below(f"cam/{camera}/status")

    def camera_presence(self, camera: str) -> str:
        return self._below(f"cam/{camera}/presence")

    def camera_face(self, camera: str) -> str:
        """Where each JPEG of `image` is published once more: one topic for the last face of a camera."""
        return self._below(f"cam/{camera}/face")

    def image(self, event_id: str) -> str:
        """Where the JPEG of an event's best shot is published: the file's bytes, no JSON."""
        return self._below(f"image/{event_id}")

    def may_reply_to(self, topic: str) -> bool:
        """Whether a request may have its answer sent there: below `response/` of the device or below `_reply/`.

        The device's user may write elsewhere, too; whoever asks must not be able to lend that right from it.
        """
        return topic.startswith((f"{self._below('response')}/", f"{self.prefix}/{REPLIES}/")) and not set("#+") & set(
            topic
        )

    def _below(self, rest: str) -> str:
        return f"{self.prefix}/{self.device}/{rest}"


@dataclass(frozen=True, slots=True)
class GroupTopics:
    """Where all devices of one group are spoken to at once; each answers below its own name.

    Attributes:
        prefix: see `Topics`.
        group: the group's name.
    """

    prefix: str
    group: str

    @property
    def desired(self) -> str:
        """See `Topics.desired`."""
        return f"{self.prefix}/{GROUPS}/{self.group}/config/desired"

    def request(self, command: str) -> str:
        """See `Topics.request`."""
        return f"{self.prefix}/{GROUPS}/{self.group}/request/{command}"


def announcements(prefix: str) -> str:
    """Where the centre of all devices under this prefix tells of changes."""
    return f"{prefix}/_hub/revision"
