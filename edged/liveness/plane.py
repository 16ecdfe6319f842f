"""How far a nose has left the plane of eyes and mouth, which a head does that turns, and a flat picture does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_PLANE: Final = (0, 1, 3, 4)
"""Eyes and mouth corners, of the five landmarks of `Face`."""
_NOSE: Final = 2
_SMALLEST: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the nose is, against where a flat picture of the same face would have it.

    Attributes:
        sideways: to the image's right, in distances between the eyes: about 0.5 times the tangent of the angle by which
            a head is turned; 0 for a flat picture, however it is held.
        stretch: how much narrower the plane has become than it is high, 1 where nothing changed: 1.15 for a head, or a
            picture, that is turned sideways by 30 degrees.
    """

    sideways: float
    stretch: float


def eye_distance(landmarks: NDArray[np.float32]) -> float:
    """The distance between the eyes, in the pixels of the landmarks."""
    return float(np.hypot(*(landmarks[1] - landmarks[0])))


def upright(landmarks: NDArray[np.float32]) -> NDArray[np.float64] | None:
    """The landmarks with the middle of eyes and mouth corners at (0, 0), the eyes level and 1 apart.

    Returns:
        Float64, shape (5, 2); None where the eyes are in one place.
    """
    points = np.asarray(landmarks, np.float64)
    points = points - points[list(_PLANE)].mean(axis=0)
    dx, dy = points[1] - points[0]
    length = float(dx * dx + dy * dy)
    if length < _SMALLEST:
        return None
    level = np.array([[dx, dy], [-dy, dx]]) / length
    return np.asarray(points @ level.T)


def departure(start: NDArray[np.float64], now: NDArray[np.float64]) -> Departure | None:
    """Compares a face with how it looked from the front.

    Fits the affine map that takes eyes and mouth corners of `start` to those of `now`, and takes the nose back by it. A
    flat picture that is moved, tilted or turned changes, nearly, by such a map, its nose included.

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
    nose = np.linalg.solve(linear, now[_NOSE] - shift)
    width, height = float(np.hypot(*linear[:, 0])), float(np.hypot(*linear[:, 1]))
    return Departure(float(nose[0] - start[_NOSE][0]), height / max(width, _SMALLEST))
