"""A picture from a camera and the moment it was taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Image: TypeAlias = NDArray[np.uint8]
"""Pixels, shape (height, width, 3), dtype uint8, colour order BGR, 0–255."""


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """One instant on both clocks.

    Attributes:
        mono: seconds of a clock that never jumps; the only one used for durations.
        utc: seconds since the Unix epoch, as the system's clock had it; shown to people, never subtracted.
    """

    mono: float
    utc: float


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture, as the camera's view (rotation, mirror, region) shows it.

    Attributes:
        camera: the camera's name in the configuration.
        number: counts the frames of one capture, from 0.
        at: when the picture was taken from the driver.
        image: the pixels; nobody may write to them.
    """

    camera: str
    number: int
    at: Moment
    image: Image
