"""Answers the health page and the camera doctor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from edged.api.console.health import Checkup, Series, Span
from edged.config.document import QualitySettings
from edged.runtime.eye import Eye
from edged.runtime.history import History
from edged.runtime.judge import Judge
from edged.runtime.pulse import Pulse
from edged.vision.camera_advice import Measure, advise
from edged.wire.camera import CameraState


class DeviceHealthDesk:
    """`edged.api.console.health.HealthDesk`. Any thread.

    Args:
        eyes, quality: of the daemon; asked at every use.
    """

    def __init__(
        self,
        history: History,
        *,
        pulse: Pulse,
        judge: Judge,
        eyes: Callable[[], Mapping[str, Eye]],
        quality: Callable[[], QualitySettings],
    ) -> None:
        self._history = history
        self._pulse = pulse
        self._judge = judge
        self._eyes = eyes
        self._quality = quality

    def series(self, span: Span) -> Series:
        return self._history.series(span)

    def checkups(self) -> Sequence[Checkup]:
        quality, eyes = self._quality(), self._eyes()
        bounds: dict[Measure, tuple[float | None, float | None]] = {
            Measure.SIZE: (quality.min_eye_distance, None),
            Measure.SHARPNESS: (quality.min_sharpness, None),
            Measure.LIGHT: (quality.min_light, quality.max_light),
            Measure.YAW: (-quality.max_yaw, quality.max_yaw),
            Measure.PITCH: (-quality.max_pitch, quality.max_pitch),
        }
        found = []
        for name, status in self._pulse.cameras().items():
            eye = eyes.get(name) if status.state is CameraState.ONLINE else None
            frame = eye.newest if eye else None
            height, width = frame.image.shape[:2] if frame else (0, 0)
            fps = self._pulse.fps(name) if frame else None
            figures = self._judge.faces.figures(name)
            found.append(Checkup(name, status, width, height, fps, figures, bounds, advise(figures, quality, fps)))
        return found
