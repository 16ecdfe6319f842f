"""A video file, played like a camera or as fast as it decodes."""

from __future__ import annotations

import cv2
import numpy as np

from edged.cameras.capture import Clock, Ended, Wait
from edged.cameras.ffmpeg import open_ffmpeg
from edged.cameras.view import view
from edged.config.cameras import VideoCamera
from edged.domain.errors import Unavailable
from edged.domain.frame import Image


class VideoCapture:
    """A video file. Paced, a frame is due when the file says so; where the file has no times, at once."""

    def __init__(self, settings: VideoCamera, video: cv2.VideoCapture, *, clock: Clock, wait: Wait) -> None:
        self._settings = settings
        self._video = video
        self._clock = clock
        self._wait = wait
        self._frames = 0
        self._began = 0.0

    def grab(self) -> None:
        if not self._video.grab():
            self._rewind()
        self._frames += 1
        if self._settings.paced:
            self._await_its_time()

    def _rewind(self) -> None:
        """Begin again and grab the first frame, or end."""
        if self._frames and not self._settings.loop:
            raise Ended(f"{self._settings.path} has been shown to its end")
        if self._frames:
            self.close()
            self._video = _opened(self._settings)
            self._frames = 0
        if not self._video.grab():
            raise _unreadable(self._settings)

    def _await_its_time(self) -> None:
        position = self._video.get(cv2.CAP_PROP_POS_MSEC) / 1000
        if self._frames == 1:
            self._began = self._clock() - position
        early = self._began + position - self._clock()
        if early > 0:
            self._wait(early)

    def retrieve(self) -> Image:
        decoded, image = self._video.retrieve()
        if not decoded:
            raise Unavailable(f"{self._settings.path}: a frame cannot be decoded", "Convert the file anew.")
        return view(np.asarray(image, dtype=np.uint8), self._settings)

    def close(self) -> None:
        self._video.release()

    def interrupt(self) -> None:
        """Nothing to do: reading a file does not hang, and `wait` is the caller's."""


def open_video(settings: VideoCamera, *, clock: Clock, wait: Wait) -> VideoCapture:
    """Open a file.

    Raises:
        Unavailable: it is missing, may not be read, or is not a video.
    """
    return VideoCapture(settings, _opened(settings), clock=clock, wait=wait)


def _opened(settings: VideoCamera) -> cv2.VideoCapture:
    if not settings.path.is_file():
        raise Unavailable(f"{settings.path} is not there, or is not a file", "Check the path.")
    try:
        settings.path.open("rb").close()
    except OSError as error:
        raise Unavailable(f"{settings.path} cannot be read ({error.strerror})", "Let edged's user read it.") from None
    video = open_ffmpeg(str(settings.path), {})
    if video is None:
        raise _unreadable(settings)
    return video


def _unreadable(settings: VideoCamera) -> Unavailable:
    return Unavailable(f"{settings.path} has no video that can be decoded", "Convert it to H.264 in an MP4 file.")
