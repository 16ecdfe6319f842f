"""USB cameras, and others behind a /dev/video node, read by OpenCV."""

from __future__ import annotations

import os
from typing import Final

import cv2
import numpy as np

from edged.cameras.devices import query
from edged.cameras.view import view
from edged.config.cameras import V4l2Camera
from edged.domain.errors import Unavailable
from edged.domain.frame import Image

_BUFFERS: Final = 2
"""One for the driver to fill while the other is looked at. More would hold older frames; with one, the driver has
nowhere to put the frame that comes meanwhile."""
_SELECT_TIMEOUT: Final = "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"
_SELECT_S: Final = "5"
"""Seconds after which OpenCV gives up on a frame, instead of 10. It reads this once, so it holds for every camera."""
os.environ.setdefault(_SELECT_TIMEOUT, _SELECT_S)  # see ffmpeg.py


class V4l2Capture:
    """A V4L2 camera. What it sends, mostly JPEG, is decoded by `retrieve` only."""

    def __init__(self, settings: V4l2Camera, device: cv2.VideoCapture) -> None:
        self._settings = settings
        self._device = device

    def grab(self) -> None:
        try:
            grabbed = self._device.grab()
        except cv2.error:
            grabbed = False
        if not grabbed:
            query(self._settings.device)
            raise Unavailable(
                f"the camera at {self._settings.device} sends no frames",
                "Plug it in again; use a shorter cable or another port if it stays so.",
            )

    def retrieve(self) -> Image:
        try:
            decoded, image = self._device.retrieve()
        except cv2.error:
            decoded, image = False, None
        if not decoded or image is None:
            raise Unavailable(f"the camera at {self._settings.device} sent a frame that cannot be decoded")
        return view(np.asarray(image, dtype=np.uint8), self._settings)

    def close(self) -> None:
        self._device.release()

    def interrupt(self) -> None:
        """Nothing can be done: OpenCV gives up by itself after 5 s."""


def open_v4l2(settings: V4l2Camera) -> V4l2Capture:
    """Open a camera and ask it for its format; the driver may choose the nearest size it has.

    Raises:
        Unavailable: it is missing, may not be used, is in use, or is no camera.
    """
    query(settings.device)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    wanted = {
        cv2.CAP_PROP_FOURCC: cv2.VideoWriter.fourcc(*settings.pixel_format),
        cv2.CAP_PROP_FRAME_WIDTH: settings.width,
        cv2.CAP_PROP_FRAME_HEIGHT: settings.height,
        cv2.CAP_PROP_BUFFERSIZE: _BUFFERS,
    }
    device = cv2.VideoCapture()
    try:
        opened = device.open(str(settings.device), cv2.CAP_V4L2)
        for name, value in wanted.items():
            device.set(name, value)
    except cv2.error:
        opened = False
    if not opened:
        raise Unavailable(
            f"the camera at {settings.device} cannot be started",
            "Most likely another program uses it (`fuser -v /dev/video*` names it); or it has none of the formats.",
        )
    return V4l2Capture(settings, device)
