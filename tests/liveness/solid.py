"""A head of five points in space, seen by a camera; a picture of it, held in front of one; and how both move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from edged.domain.face import Box
from edged.domain.frame import Moment
from edged.liveness.challenge import Challenge, Head, Progress

HEAD_CM = np.array([[-3.15, -3.3, 0.0], [3.15, -3.3, 0.0], [0.0, 0.3, -3.3], [-2.5, 3.6, -0.4], [2.5, 3.6, -0.4]])
"""Eyes, nose and mouth corners of a face that looks at the camera: x to the image's right, y down, z away from it."""
_ROUND = np.linspace(0, 2 * np.pi, 24, endpoint=False)
OUTLINE_CM = np.column_stack([6.5 * np.cos(_ROUND), 1.0 + 9.0 * np.sin(_ROUND), np.full(24, 4.0)])
"""The outline of that head, which lies behind its eyes."""
FOCAL = 700.0
FACE = np.eye(1, 128, dtype=np.float32)[0]
"""The embedding of the person it shows, at every angle."""
STRANGER = np.eye(1, 128, 1, dtype=np.float32)[0]


def turned(degrees: float, tilt: float = 0.0, roll: float = 0.0) -> NDArray[np.float64]:
    """The rotation of a head that turns, to the image's right where positive, nods and leans."""
    yaw, pitch, lean = np.deg2rad([-degrees, tilt, roll])
    around_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    around_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    around_z = np.array([[np.cos(lean), -np.sin(lean), 0], [np.sin(lean), np.cos(lean), 0], [0, 0, 1]])
    return np.asarray(around_z @ around_x @ around_y)


def head(rotation: NDArray[np.float64], place: Iterable[float], *, is_flat: bool = False) -> Head:
    """As the recogniser would hand it on.

    Args:
        rotation: see `turned`; place: where its middle is, in centimetres.
        is_flat: the same face on a sheet of paper.
    """
    solid = np.vstack([HEAD_CM, OUTLINE_CM]) * np.array([1.0, 1.0, 0.0 if is_flat else 1.0])
    points = solid @ rotation.T + np.asarray(tuple(place))
    image = points[:, :2] / points[:, 2:] * FOCAL + np.array([320.0, 240.0])
    (x1, y1), (x2, y2) = image[5:].min(axis=0), image[5:].max(axis=0)
    return Head(1, Box(float(x1), float(y1), float(x2), float(y2)), np.asarray(image[:5], np.float32), FACE)


def frames(count: int, fps: float = 15.0, begin: float = 0.0) -> Iterator[Moment]:
    for number in range(count):
        yield Moment(begin + number / fps, 1_000.0 + begin + number / fps)


def shown(challenge: Challenge, heads: Iterable[Head | None], fps: float = 15.0, begin: float = 0.0) -> Progress:
    """Shows frame after frame until they end, or the challenge does."""
    progress = None
    for number, one in enumerate(heads):
        at = Moment(begin + number / fps, begin + number / fps)
        progress = challenge.see(one, 0, at)
        if progress.state in ("passed", "failed"):
            break
    assert progress is not None
    return progress


def swing(*angles: float, fps: float = 15.0, speed: float = 70.0, still: int = 7) -> Iterator[float]:
    """From one angle to the next at `speed` degrees a second, staying at each for some frames."""
    now = angles[0]
    for angle in angles:
        step = speed / fps
        while abs(angle - now) > step:
            now += step if angle > now else -step
            yield now
        now = angle
        for _ in range(still):
            yield now
