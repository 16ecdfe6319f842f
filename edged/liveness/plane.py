"""How far nose and outline have left the plane of eyes and mouth, as those of a head do that turns, and those of a flat
picture do not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.face import Box

_PLANE: Final = (0, 1, 3, 4)
"""Eyes and mouth corners, of the five landmarks of `Face`."""
_NOSE: Final = 2
_OUTLINE: Final = 5
_SMALLEST: Final = 1e-6
_OUTLINE_TO_NOSE: Final = 1.17
"""The outline goes so many times as far as the nose (LFW, 3,899 pairs of photographs of one person)."""
_DEEP: Final = 0.59
"""The depth, as below, at a tangent of 1, by how much the same faces become narrower as they turn."""


@dataclass(frozen=True, slots=True)
class Departure:
    """Where nose and outline are, against where a flat picture of the same face would have them.

    Two measures, since a detector believes what it expects: shown a picture that is turned, it moves the nose as if a
    head were turning, and the outline hardly ever as well.

    Attributes:
        nose: how far the nose has moved to the image's right, in distances between the eyes: about 0.55 times the
            tangent of the angle by which a head is turned; 0 for a flat picture, however it is held.
        outline: how far the middle of the face's box has moved to the left, which lies behind the plane as the nose
            lies before it: about 1.17 times as far.
        stretch: how much narrower the plane has become than it is high, 1 where nothing changed: 1.15 for a head, or a
            picture, that is turned sideways by 30 degrees.
    """

    nose: float
    outline: float
    stretch: float

    @property
    def depth(self) -> float:
        """Both together, on the nose's scale: about 0.59 times the tangent of the angle."""
        return (self.nose + self.outline / _OUTLINE_TO_NOSE) / 2

    @property
    def degrees(self) -> float:
        """By how much a head has turned that shows this depth; + to the image's right."""
        return math.degrees(math.atan(self.depth / _DEEP))

    @property
    def excess(self) -> float:
        """How many times narrower the plane has become than that of a head that shows this depth; about 1 for heads."""
        return self.stretch / math.hypot(1.0, self.depth / _DEEP)

    def mirrored(self) -> Departure:
        """The same to the other side."""
        return Departure(-self.nose, -self.outline, self.stretch)


def eye_distance(landmarks: NDArray[np.float32]) -> float:
    """The distance between the eyes, in the pixels of the landmarks."""
    return float(np.hypot(*(landmarks[1] - landmarks[0])))


def upright(landmarks: NDArray[np.float32], box: Box) -> NDArray[np.float64] | None:
    """The landmarks, and the middle of the box, with the middle of eyes and mouth corners at (0, 0), the eyes level and
    1 apart.

    Returns:
        Float64, shape (6, 2); None where the eyes are in one place.
    """
    points = np.vstack([np.asarray(landmarks, np.float64), box.centre])
    points = points - points[list(_PLANE)].mean(axis=0)
    dx, dy = points[1] - points[0]
    length = float(dx * dx + dy * dy)
    if length < _SMALLEST:
        return None
    level = np.array([[dx, dy], [-dy, dx]]) / length
    return np.asarray(points @ level.T)


def departure(start: NDArray[np.float64], now: NDArray[np.float64]) -> Departure | None:
    """Compares a face with how it looked from the front.

    Fits the affine map that takes eyes and mouth corners of `start` to those of `now`, and takes nose and outline back
    by it. A flat picture that is moved, tilted or turned changes, nearly, by such a map, with all that is on it.

    Args:
        start: as of `upright`, the mean of some frames in which the face looked straight ahead.
        now: as of `upright`.

    Returns:
        None where the four points are on one line, as no face's are.
    """
    plane = start[list(_PLANE)]
    sources = np.hstack([plane, np.ones((4, 1))])
    fitted, _, rank, _ = np.linalg.lstsq(sources, now[list(_PLANE)], rcond=None)
    linear, shift = fitted[:2].T, fitted[2]
    if rank < 3 or abs(np.linalg.det(linear)) < _SMALLEST:
        return None
    moved = np.linalg.solve(linear, (now[[_NOSE, _OUTLINE]] - shift).T).T - start[[_NOSE, _OUTLINE]]
    width, height = float(np.hypot(*linear[:, 0])), float(np.hypot(*linear[:, 1]))
    return Departure(float(moved[0, 0]), -float(moved[1, 0]), height / max(width, _SMALLEST))
