"""A device's history and its cameras' checkups, as a test wants them."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np

from edged.api.console.health import Checkup, Series, Span
from edged.config.document import QualitySettings
from edged.domain.face import Flaw
from edged.vision.camera_advice import FaceFigures, Measure, advise
from edged.wire.camera import CameraState, CameraStatus
from edged.wire.payload import instant


class PretendHealth:
    """`edged.api.console.health.HealthDesk`: two hours with a gap of twenty minutes, one good camera and a bad one."""

    def __init__(self) -> None:
        self.cameras = [a_checkup("front", 46.0), a_checkup("yard", 14.0, light=38.0, pitch=-0.3, fps=6.5)]

    def series(self, span: Span) -> Series:
        step_s = {Span.HOURS: 10.0, Span.DAY: 120.0}[span]

        def wave(middle: float, swing: float) -> list[float | None]:
            return [None if 300 <= n < 420 else middle + swing * math.sin(n / 40) for n in range(720)]

        values: dict[str, Sequence[float | None]] = {
            "decide.p50": wave(140, 20),
            "decide.p95": wave(230, 30),
            "decide.p99": wave(310, 40),
            "publish.p50": [None] * 720,
            "temperature": wave(52, 4),
            "memory": wave(141, 2),
            "processor": wave(60, 20),
            "outbox": wave(2, 2),
            "index.templates": wave(1000, 0),
            "index.age": [float(number * 10) for number in range(720)],
            "camera.front.fps": wave(14.5, 0.5),
            "camera.front.age": wave(0.05, 0.02),
        }
        return Series(time.time(), step_s, values)

    def checkups(self) -> Sequence[Checkup]:
        return self.cameras


def some_faces(
    size: float,
    *,
    count: int = 200,
    light: float = 120.0,
    yaw: float = 0.0,
    pitch: float = 0.0,
    sharpness: float = 90.0,
) -> FaceFigures:
    """Figures of faces around these."""
    chance = np.random.default_rng(5)
    middles = np.array([size, sharpness, light, yaw, pitch, 40.0])
    widths = np.array([size / 6, sharpness / 4, 12.0, 0.12, 0.06, 5.0])
    rows = chance.normal(middles, widths, (count, 6)).astype(np.float32)
    settings = QualitySettings()
    flaws = [Flaw.TOO_SMALL if row[0] < settings.min_eye_distance else None for row in rows]
    return FaceFigures.of(rows, flaws)


def a_checkup(
    name: str, size: float, *, light: float = 120.0, pitch: float = 0.0, fps: float | None = 14.8, count: int = 200
) -> Checkup:
    """Of a camera that sees such faces; away where it gives no frames."""
    quality = QualitySettings()
    figures = some_faces(size, light=light, pitch=pitch, count=count)
    state = CameraState.OFFLINE if fps is None else CameraState.ONLINE
    status = CameraStatus(state=state, reason="" if fps else "no frame for 5 s", since=instant(time.time() - 600))
    bounds: dict[Measure, tuple[float | None, float | None]] = {
        Measure.SIZE: (quality.min_eye_distance, None),
        Measure.LIGHT: (quality.min_light, quality.max_light),
        Measure.YAW: (-quality.max_yaw, quality.max_yaw),
        Measure.PITCH: (-quality.max_pitch, quality.max_pitch),
    }
    width, height = (0, 0) if fps is None else (1280, 720)
    return Checkup(name, status, width, height, fps, figures, bounds, advise(figures, quality, fps))
