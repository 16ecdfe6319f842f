"""A JPEG or PNG as bytes, looked at before it is decoded."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from edged.domain.errors import Refused
from edged.domain.frame import Image

MAX_PIXELS: Final = 7680 * 4320
"""An 8K picture. A small file can claim far more: 400 KB of PNG have been seen to decode into 2.4 GB."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8"
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xDA)})
"""JPEG markers without a length: TEM, RSTn, SOI, EOI (ITU-T T.81, table B.1)."""
_FRAME_HEADERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""SOF0 to SOF15; the three left out are DHT, JPG and DAC."""


def decode(data: bytes) -> Image:
    """The picture, upright as its EXIF orientation says.

    Raises:
        Refused: `not_a_picture`, `too_many_pixels` (nothing has been decoded then) or `damaged`.
    """
    width, height = size(data)
    if width * height > MAX_PIXELS:
        raise Refused(
            "too_many_pixels",
            f"the picture claims {width}×{height} pixels",
            f"Scale it down to at most {MAX_PIXELS // 1_000_000} million pixels.",
        )
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        image = None
    if image is None:
        raise Refused("damaged", "the picture is damaged", "Save it again or take another one.")
    return np.asarray(image, dtype=np.uint8)


def size(data: bytes) -> tuple[int, int]:
    """Width and height as the header claims them, in pixels.

    Raises:
        Refused: `not_a_picture`, where this is neither a JPEG nor a PNG.
    """
    found = None
    if data.startswith(_PNG) and len(data) >= 24:
        found = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    elif data.startswith(_JPEG):
        found = _jpeg_size(data)
    if found is None or 0 in found:
        raise Refused("not_a_picture", "this is not a JPEG or PNG picture", "Use JPEG or PNG.")
    return found


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Walk from marker to marker up to the frame header (ITU-T T.81, B.2.2)."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _ALONE:
            at += 2
        elif marker in _FRAME_HEADERS:
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None
