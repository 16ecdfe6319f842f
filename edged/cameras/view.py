"""How a camera's picture is turned, mirrored and cut before anybody looks at it."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from edged.config.cameras import CameraBase, Region
from edged.domain.frame import Image

_TURNS: Final = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


def view(image: Image, settings: CameraBase) -> Image:
    """The part of the picture to look at, the right way up.

    Turns clockwise, then mirrors, then cuts. Returns `image` itself where nothing is asked for, otherwise a new
    contiguous array; never writes to `image`.
    """
    return _cut(_mirrored(_turned(image, settings.rotate), mirror=settings.mirror), settings.region)


def _turned(image: Image, degrees: int) -> Image:
    return _pixels(cv2.rotate(image, _TURNS[degrees])) if degrees else image


def _mirrored(image: Image, *, mirror: bool) -> Image:
    return _pixels(cv2.flip(image, 1)) if mirror else image


def _cut(image: Image, region: Region) -> Image:
    height, width = image.shape[:2]
    left, right = _span(region.x1, region.x2, width)
    top, bottom = _span(region.y1, region.y2, height)
    if (left, right, top, bottom) == (0, width, 0, height):
        return image
    return image[top:bottom, left:right].copy()


def _span(start: float, end: float, size: int) -> tuple[int, int]:
    """The pixels a fraction of the picture covers, at least one."""
    first = min(round(start * size), size - 1)
    return first, max(first + 1, round(end * size))


def _pixels(image: cv2.typing.MatLike) -> Image:
    return np.asarray(image, dtype=np.uint8)
