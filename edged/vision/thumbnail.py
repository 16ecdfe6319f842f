"""Small pictures for people to look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2

from edged.domain.errors import Refused
from edged.domain.frame import Image
from edged.vision.photo import decode_photo
from edged.vision.tensor import shrink

_SIDE: Final = 192
_JPEG: Final = (cv2.IMWRITE_JPEG_QUALITY, 80)


def thumbnail(photo: bytes) -> bytes | None:
    """A JPEG of a photograph, at most 192 px on the longer side; None where it is no picture that can be shown."""
    try:
        return thumbnail_of(decode_photo(photo))
    except Refused:
        return None


def thumbnail_of(image: Image, side: int = _SIDE) -> bytes:
    """`thumbnail` for pixels, BGR: at most `side` on the longer side, never enlarged."""
    return thumbnails_of(image, (side,))[0]


def thumbnails_of(image: Image, sides: Sequence[int]) -> tuple[bytes, ...]:
    """`thumbnail_of` for each of these sides; a smaller one is made of the next larger, not of the whole picture."""
    height, width = image.shape[:2]
    made: dict[int, bytes] = {}
    for side in sorted(set(sides), reverse=True):
        scale = side / max(height, width)
        if scale < 1:
            image = shrink(image, max(1, round(width * scale)), max(1, round(height * scale)))
        made[side] = cv2.imencode(".jpg", image, _JPEG)[1].tobytes()
    return tuple(made[side] for side in sides)
