"""A door whose screen shows what a test says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from edged.api.kiosk import Post
from edged.api.port import Closed
from edged.api.server import Server
from edged.config.kiosk import KioskSettings
from edged.domain.errors import Refused
from edged.domain.frame import Frame, Image, Moment
from edged.domain.passage import Factor
from edged.domain.screen import Screen, Stage
from tests.api.pretend_device import PretendDevice, a_scene, serving

FPS = 20


class ScriptedDoor:
    """A `KioskDesk`.

    Attributes:
        post, look: where the screen stands, and how it looks; shown: what is on it. A test changes them at any time.
        scene: what the camera sees; None: it is away.
        codes: that were presented, in order.
        stuck_s: answers about the screen take so long.
        crowded: codes are refused, as after too many wrong ones.
    """

    def __init__(self, scene: Image | None = None) -> None:
        self.post: Post | Closed = Post("front")
        self.look = KioskSettings()
        self.shown = Screen(Stage.REST, door="front", number=1)
        self.scene: Image | None = a_scene(1280, 720) if scene is None else scene
        self.codes: list[tuple[Factor, str]] = []
        self.crowded = False
        self.stuck_s = 0.0
        self.asked = 0
        """How often a frame was asked for."""

    def show(self, stage: Stage, **more: Any) -> None:
        """Something else is on the screen now."""
        self.shown = Screen(stage, door="front", number=self.shown.number + 1, **more)

    def change(self, **more: Any) -> None:
        """The same, but for this."""
        self.shown = replace(self.shown, number=self.shown.number + 1, **more)

    def now(self) -> float:
        return time.time()

    def settings(self) -> KioskSettings:
        return self.look

    def door(self) -> Post | Closed:
        return self.post

    def screen(self, door: str) -> Screen:
        assert door == "front"
        time.sleep(self.stuck_s)
        return self.shown

    def frame(self, door: str) -> Frame | None:
        assert door == "front"
        self.asked += 1
        if self.scene is None:
            return None
        number = int(time.monotonic() * FPS)
        return Frame("front", number, Moment(number / FPS, time.time()), self.scene)

    def present(self, door: str, factor: Factor, code: str) -> None:
        assert door == "front"
        if self.crowded:
            raise Refused("too_many", "too many codes did not fit", "Wait a minute")
        self.codes.append((factor, code))


@contextmanager
def guarded(door: ScriptedDoor, *, port: int = 0) -> Iterator[Server]:
    """A real server with this screen."""
    with serving(PretendDevice("front"), kiosk=door, port=port) as server:
        yield server


def somebody(scene: Image, size: tuple[int, int] = (1280, 720)) -> Image:
    """A picture as large as said with the portrait `scene` in its middle."""
    width, height = size
    wall = np.full((height, width, 3), (150, 158, 160), np.uint8)
    high, wide = scene.shape[:2]
    part = scene[: min(high, height), : min(wide, width)]
    left = (width - part.shape[1]) // 2
    wall[height - part.shape[0] :, left : left + part.shape[1]] = part
    return wall
