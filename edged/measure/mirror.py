"""How far the mirror at a door is behind the camera, and what it costs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np

from edged.config.cameras import CommandCamera
from edged.config.document import Document
from edged.domain.errors import Unavailable
from edged.domain.progress import Progress
from edged.measure.clock_camera import command
from edged.measure.mirror_site import watch
from edged.measure.report import Goal, Report, Table, goals_table
from edged.runtime.alarm import Alarm
from edged.runtime.clock import SystemClock
from edged.runtime.conditions import Conditions
from edged.runtime.eye import Eye
from edged.runtime.intake import Intake
from edged.runtime.stop import Stop
from edged.vision.sight import Sight, open_sight

CAMERA: Final = (1280, 720)
FPS: Final = 25.0
SCREENS: Final = ((800, 480), (1280, 800), (1920, 1080))
FULL: Final = 400
QUICK: Final = 40
_TARGET_MS: Final = 150.0
_IDLE_S: Final = 5.0
_PATIENCE_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class MirrorTrial:
    """What a browser saw.

    Attributes:
        screen: its size; size: the picture's, in pixels.
        busy: faces were looked for all the time, beside it.
        pictures: so many were measured; fps: shown a second.
        p50, p95, worst: milliseconds from the camera's handing out a frame until the browser is about to paint it.
        eye_p50, eye_p95: the same from when the frame was taken from the driver.
        server_share: processor time for it in the device's process, in parts of one core, beyond reading the camera.
            0 where something else was busy there.
        browser_share: of the browser, likewise.
    """

    screen: tuple[int, int]
    size: tuple[int, int]
    busy: bool
    pictures: int
    fps: float
    p50: float
    p95: float
    worst: float
    eye_p50: float
    eye_p95: float
    server_share: float
    browser_share: float


def measure_mirror(document: Document, pictures: int, progress: Progress) -> tuple[MirrorTrial, ...]:
    """Shows the mirror in a real Chromium on screens of several sizes, then once more while recognition is busy.

    The camera is a program that draws the time into its pictures; the eye, the server, the page and the browser are
    real, and all on this machine. Blocks for about twenty seconds a trial.

    Raises:
        Unsupported: Chromium is not installed.
        Unavailable: camera or browser show nothing, or the models are missing.
    """
    trials = []
    sight = open_sight(document.models)
    with looking() as eye:
        idle = _idle_share()
        for number, screen in enumerate(SCREENS):
            progress(f"a screen of {screen[0]} × {screen[1]}", number / (len(SCREENS) + 1))
            trials.append(_trial(eye, pictures, screen, idle))
        progress("the same while faces are looked for", len(SCREENS) / (len(SCREENS) + 1))
        with _busy(sight, eye):
            trials.append(_trial(eye, pictures, SCREENS[1], None))
    progress("the mirror was watched", 1.0)
    return tuple(trials)


def mirror_report(trials: tuple[MirrorTrial, ...]) -> Report:
    """In words and tables."""
    rows = tuple(
        (
            f"{trial.screen[0]} × {trial.screen[1]}{', recognition busy' if trial.busy else ''}",
            f"{trial.size[0]} × {trial.size[1]}",
            f"{trial.fps:.1f}",
            f"{trial.p50:.0f}",
            f"{trial.p95:.0f}",
            f"{trial.worst:.0f}",
            f"{trial.eye_p50:.0f} / {trial.eye_p95:.0f}",
            "–" if trial.busy else f"{100 * trial.server_share:.0f} %",
            f"{100 * trial.browser_share:.0f} %",
        )
        for trial in trials
    )
    columns = (
        "screen", "picture", "shown a second", "behind the camera p50, ms", "p95", "worst", "behind the eye p50 / p95",
        "device's processor, of one core", "browser's",
    )  # fmt: skip
    goals = tuple(
        Goal(
            f"mirror behind the camera, {trial.screen[0]} × {trial.screen[1]}{', busy' if trial.busy else ''}",
            f"p95 ≤ {_TARGET_MS:.0f} ms",
            f"{trial.p95:.0f} ms",
            trial.p95 <= _TARGET_MS,
        )
        for trial in trials
    )
    how = (
        f"A camera of {CAMERA[0]} × {CAMERA[1]} at {FPS:.0f} frames a second draws the time into each frame when it "
        "hands it out; the page reads it off the picture that it has drawn and compares it with the clock at the "
        f"browser's next frame. {trials[0].pictures} pictures a row. Not in it: the exposure and the driver "
        "of a real camera, and the screen's own delay. Chromium draws without a graphics processor here, "
        "which is dearer than on a device that has one. Busy: a thread of the same process looks for faces without a "
        "pause."
    )
    return Report("Mirror at the door", (goals_table(goals), how, Table(columns, rows)))


@contextmanager
def looking() -> Iterator[Eye]:
    """An eye before the camera that shows the time."""
    width, height = CAMERA
    settings = CommandCamera(
        kind="command", argv=tuple(command(FPS, width, height)), width=width, height=height, fps=FPS
    )
    clock = SystemClock()
    eye = Eye("bench", settings, intake=Intake(), clock=clock, conditions=Conditions(clock), alarm=Alarm(Stop()))
    eye.start()
    try:
        until = time.monotonic() + _PATIENCE_S
        while eye.newest is None:
            if time.monotonic() > until:
                raise Unavailable("the camera of the measurement shows nothing")
            time.sleep(0.05)
        yield eye
    finally:
        eye.stop()
        eye.join(5.0)


@contextmanager
def _busy(sight: Sight, eye: Eye) -> Iterator[None]:
    """Looks for faces in the newest frame, one after the other without a pause."""
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            frame = eye.newest
            if frame is not None:
                sight.detect(frame.image)

    thread = threading.Thread(target=look, name="busy", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _idle_share() -> float:
    """What reading the camera costs by itself."""
    spent, at = time.process_time(), time.monotonic()
    time.sleep(_IDLE_S)
    return (time.process_time() - spent) / (time.monotonic() - at)


def _trial(eye: Eye, pictures: int, screen: tuple[int, int], idle: float | None) -> MirrorTrial:
    found = watch(eye, pictures, screen)
    seen = np.array(found.seen)
    p50, p95 = np.percentile(seen[:, 0], (50, 95))
    eye_p50, eye_p95 = np.percentile(seen[:, 1], (50, 95))
    return MirrorTrial(
        screen=screen,
        size=found.size,
        busy=idle is None,
        pictures=len(seen),
        fps=float(1000 / np.mean(seen[1:, 2])),
        p50=float(p50),
        p95=float(p95),
        worst=float(seen[:, 0].max()),
        eye_p50=float(eye_p50),
        eye_p95=float(eye_p95),
        server_share=0.0 if idle is None else max(0.0, found.server_s / found.wall_s - idle),
        browser_share=found.browser_s / found.wall_s,
    )
