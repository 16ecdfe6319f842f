"""What the motion gate costs, and what it saves where nothing happens."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from edged.cameras.motion import MotionGate
from edged.config.cameras import DemoCamera, MotionSettings
from edged.config.document import Document
from edged.domain.frame import Frame, Moment
from edged.domain.identity import uuid7
from edged.domain.progress import Progress
from edged.gallery.roll import Roll
from edged.gallery.snapshot import Snapshot
from edged.measure.appearances import Appearances
from edged.recognition.recognizer import Recognizer
from edged.runtime.clock import SystemClock
from edged.runtime.intake import Intake
from edged.runtime.judge import Judge, Standing
from edged.runtime.stages import Stages
from edged.vision.sight import Sight, open_sight

_SIZES: Final = ((640, 480), (1920, 1080))
_FPS: Final = 15.0
_SETTLED_S: Final = 3.0
"""The gate is open at first; after so long it has closed."""
_CAMERA: Final = "bench"


@dataclass(frozen=True, slots=True)
class GateSaving:
    """Mean processor milliseconds for a frame in which nothing happens.

    Attributes:
        width, height: of the frame.
        gate: the gate alone.
        without_gate, with_gate: all that the inference thread does.
    """

    width: int
    height: int
    frames: int
    gate: float
    without_gate: float
    with_gate: float

    @property
    def saved(self) -> float:
        """The share of the inference thread's time that the gate saves."""
        return 1 - self.with_gate / self.without_gate


def measure_gate_saving(document: Document, photo: Path, frames: int, progress: Progress) -> tuple[GateSaving, ...]:
    """Judges pictures of a wall with a camera's noise, each with the gate and without, in turns.

    Processor time of all threads. Blocks for about 40 ms a frame and size.

    Raises:
        Unavailable, Corrupt: the models or the photograph cannot be read.
    """
    sight = open_sight(document.models)
    results = []
    for place, (width, height) in enumerate(_SIZES):
        progress(f"motion gate: an empty scene of {width} × {height}", place / len(_SIZES))
        scene = Appearances(photo, width=width, height=height, shown_s=1, empty_s=3000)
        ways: tuple[Callable[[Frame], object], ...] = (
            _gating(),
            _judging(document, sight, photo, gated=False),
            _judging(document, sight, photo, gated=True),
        )
        unsettled = round(_SETTLED_S * _FPS)
        spent = np.zeros(len(ways))
        for number in range(unsettled + frames):
            t = number / _FPS
            frame = Frame(_CAMERA, number, Moment(t, t), scene.picture(t))
            taken = [_processor_time(way, frame) for way in ways]
            if number >= unsettled:
                spent += taken
        results.append(GateSaving(width, height, frames, *(spent * 1000 / frames).tolist()))
    return tuple(results)


def _gating() -> Callable[[Frame], object]:
    gate = MotionGate(MotionSettings())
    return lambda frame: gate.moved(frame.image)


def _judging(document: Document, sight: Sight, photo: Path, *, gated: bool) -> Callable[[Frame], None]:
    """The daemon's own inference thread, a frame at a time."""
    ids = itertools.count()
    camera = DemoCamera(kind="demo", photo=photo.resolve(), motion=MotionSettings(enabled=gated))
    snapshot = Snapshot(sight.model, Roll.empty(sight.model.dimension))
    intake = Intake()
    judge = Judge(
        Recognizer(sight, lambda at: uuid7(at.utc, next(ids).to_bytes(10, "big")), lambda: bytes(32)),
        Standing.of(document.model_copy(update={"cameras": {_CAMERA: camera}}), "bench"),
        gallery=lambda: snapshot,
        intake=intake,
        heed=lambda _seen: None,
        keep=lambda _events: None,
        clock=SystemClock(),
        stages=Stages(),
    )

    def judge_one(frame: Frame) -> None:
        intake.put(frame)
        judge.run_once(0)

    return judge_one


def _processor_time(way: Callable[[Frame], object], frame: Frame) -> float:
    begun = time.process_time()
    way(frame)
    return time.process_time() - begun
