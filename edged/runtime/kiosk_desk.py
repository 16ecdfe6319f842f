"""What the screen at a door may ask the daemon."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from edged.api.kiosk import Post
from edged.api.port import Closed
from edged.config.document import Document
from edged.config.kiosk import KioskSettings
from edged.domain.frame import Frame
from edged.domain.passage import Factor
from edged.domain.screen import Screen
from edged.runtime.clock import Clock
from edged.runtime.eye import Eye


class Doorkeeper(Protocol):
    """Whoever owns the doors. Any thread."""

    def screen(self, door: str) -> Screen:
        """What is shown there."""
        ...

    def present(self, door: str, factor: Factor, code: str) -> None:
        """A code was typed or scanned at a door; raises Refused `too_many`."""
        ...


class DoorScreen:
    """Answers the screen's questions: `edged.api.kiosk.KioskDesk`. Any thread; each question reads for itself."""

    def __init__(
        self,
        doorkeeper: Doorkeeper,
        document: Callable[[], Document],
        eyes: Callable[[], Mapping[str, Eye]],
        clock: Clock,
    ) -> None:
        self._doorkeeper = doorkeeper
        self._document = document
        self._eyes = eyes
        self._clock = clock

    def now(self) -> float:
        return self._clock.now().utc

    def settings(self) -> KioskSettings:
        return self._document().kiosk

    def door(self) -> Post | Closed:
        document = self._document()
        doors = document.access.doors
        if not doors:
            return Closed("no door is set up", "Add one under access.doors in the configuration")
        if not document.kiosk.door and len(doors) > 1:
            return Closed("there are several doors", "Say with kiosk.door at which of them this screen stands")
        name = document.kiosk.door or next(iter(doors))
        camera = document.cameras.get(doors[name].camera)
        return Post(name, has_camera=camera is not None, mirrored=camera is not None and camera.mirror)

    def screen(self, door: str) -> Screen:
        return self._doorkeeper.screen(door)

    def frame(self, door: str) -> Frame | None:
        settings = self._document().access.doors.get(door)
        eye = self._eyes().get(settings.camera) if settings else None
        return eye.newest if eye else None

    def present(self, door: str, factor: Factor, code: str) -> None:
        self._doorkeeper.present(door, factor, code)
