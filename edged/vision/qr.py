"""QR codes that somebody holds up to a camera."""

from __future__ import annotations

from typing import Final

import cv2

from edged.domain.frame import Image

_LONG_SIDE: Final = 960
"""Codes are looked for in a picture of this size: a phone at arm's length is large enough then."""
MOST: Final = 256
"""Characters; a longer code is none of ours."""


class QrReader:
    """Reads one code a picture. Belongs to one thread; blocks for some ten milliseconds."""

    def __init__(self) -> None:
        self._detector = cv2.QRCodeDetector()

    def read(self, image: Image) -> str:
        """The text of the code in a picture, BGR; empty where there is none that can be read."""
        height, width = image.shape[:2]
        scale = min(1.0, _LONG_SIDE / max(height, width))
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        if scale < 1.0:
            grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        try:
            text, _points, _straight = self._detector.detectAndDecode(grey)
        except cv2.error:  # some shapes that resemble a code trip it up
            return ""
        return text if len(text) <= MOST else ""
