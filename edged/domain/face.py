"""A face in a picture: where it is and how good it looks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-aligned rectangle in image pixels: x to the right, y down, (0, 0) the outer corner of the first pixel.

    May reach past the image's border: a face cut off by it keeps its true size.
    """

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def width(self) -> float:
        return self.x2 - self.x1

    @property
    def height(self) -> float:
        return self.y2 - self.y1

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def centre(self) -> tuple[float, float]:
        return (self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2

    def iou(self, other: Box) -> float:
        """Intersection over union, 0–1; 0 where either box is empty."""
        width = min(self.x2, other.x2) - max(self.x1, other.x1)
        height = min(self.y2, other.y2) - max(self.y1, other.y1)
        if width <= 0 or height <= 0:
            return 0.0
        shared = width * height
        return shared / (self.area + other.area - shared)

    def moved(self, dx: float, dy: float) -> Box:
        return Box(self.x1 + dx, self.y1 + dy, self.x2 + dx, self.y2 + dy)


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One detected face.

    Attributes:
        box: in the pixels of the image given to the detector.
        score: the detector's own certainty, 0–1.
        landmarks: float32, shape (5, 2), x and y in the same pixels: the eye on the image's left, the eye on
            its right, nose tip, mouth corner on the image's left, mouth corner on its right.
    """

    box: Box
    score: float
    landmarks: NDArray[np.float32]


class Flaw(StrEnum):
    """Why a face is not good enough to be judged; the words are stable and are counted."""

    TOO_SMALL = "too_small"
    CUT_OFF = "cut_off"
    BLURRED = "blurred"
    TURNED_AWAY = "turned_away"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    LOW_CONTRAST = "low_contrast"
    EYES_COVERED = "eyes_covered"
    """Refused when somebody is enrolled only: a camera recognises people who wear dark glasses."""


@dataclass(frozen=True, slots=True)
class Quality:
    """What was measured of a face; higher is better unless said.

    Attributes:
        size: distance between the eyes in image pixels.
        sharpness: variance of the Laplacian of the aligned grey crop (grey levels squared).
        yaw: how far the head is turned sideways, 0 frontal, about ±1 at profile, from the landmarks.
        pitch: how far it nods, 0 frontal, + looking up, same scale.
        light: mean grey of the aligned crop, 0–255; best in the middle.
        contrast: standard deviation of that grey.
        score: all of it in one number, 0–1, for choosing the best shot.
    """

    size: float
    sharpness: float
    yaw: float
    pitch: float
    light: float
    contrast: float
    score: float
