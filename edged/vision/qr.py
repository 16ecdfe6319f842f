"""QR codes that somebody holds up to a camera."""

from __future__ import annotations

from typing import Final

import cv2

from edged.domain.frame import Image

LONG_SIDE: Final = 960
"""Codes are looked for in a picture of this size: a phone at arm's length is large enough then."""
MOST: Final = 256
"""Characters; a longer code is none of ours."""


def fitted(image: Image) -> Image:
    """A picture, BGR, as `QrReader` wants it: grey, `LONG_SIDE` px at most on the longer side."""
    height, width = image.shape[:2]
    scale = LONG_SIDE / max(height, width)
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    if scale < 1.0:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return grey.astype("uint8", copy=False)


class QrReader:
    """Reads one code a picture. Belongs to one thread; blocks for some ten milliseconds.

    It may end the process: OpenCV's decoder corrupts the heap at some pictures. Whoever holds anything reads through
    `edged.runtime.code_reader`.
    """

    def __init__(self) -> None:
        self._detector = cv2.QRCodeDetector()

    def read(self, grey: Image) -> str:
        """The text of the code in a picture that is `fitted`; empty where there is none that can be read."""
        try:
            text, _points, _straight = self._detector.detectAndDecode(grey)
        except cv2.error:  # some shapes that resemble a code trip it up
            return ""
        return text if len(text) <= MOST else ""
