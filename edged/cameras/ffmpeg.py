"""OpenCV's FFmpeg, opened quietly."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

import cv2

_LOG_LEVEL: Final = "OPENCV_FFMPEG_LOGLEVEL"
_SILENT: Final = "-8"
"""FFmpeg's AV_LOG_QUIET."""

# Set as this room is imported, before there are threads: OpenCV reads the environment outside of Python's lock, and a
# variable that is added while another thread reads can crash the process. Giving it another value later cannot.
os.environ.setdefault(_LOG_LEVEL, _SILENT)


def open_ffmpeg(source: str, properties: Mapping[int, float]) -> cv2.VideoCapture | None:
    """Open a stream or a file.

    FFmpeg and OpenCV write what they think to standard error, addresses included; both are told not to. What they
    would have said is found out in another way by the caller.

    Args:
        source: address or path, as FFmpeg reads it.
        properties: `cv2.CAP_PROP_…` and their values, in force while opening.

    Returns:
        None where it cannot be opened.
    """
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    parameters = [number for pair in properties.items() for number in (pair[0], round(pair[1]))]
    try:
        capture = cv2.VideoCapture(source, cv2.CAP_FFMPEG, parameters)
    except cv2.error:
        return None
    return capture if capture.isOpened() else None
