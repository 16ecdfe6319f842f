"""Best shots: the pictures a decision was made from, kept as files for a while."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from edged.domain.errors import Corrupt, Unavailable
from edged.domain.event import BestShot
from edged.domain.frame import Image

_EVENT_ID: Final = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_STRIP: Final = ".png"
_PICTURE: Final = ".jpg"
_FAST_PNG: Final = (cv2.IMWRITE_PNG_COMPRESSION, 1)
_JPEG: Final = (cv2.IMWRITE_JPEG_QUALITY, 88)


class ShotStore:
    """A folder with two files an event: the aligned faces side by side, without loss, and a JPEG for people.

    Names are the events' identifiers, which begin with the time: the oldest sort first. One thread saves and trims; any
    thread may read.

    Args:
        folder: made if it is not there, readable by the owner only.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def save(self, event_id: str, shot: BestShot) -> None:
        """Writes both files whole or not at all.

        Raises:
            Unavailable: the disk is full or not writable.
        """
        if shot.crops:
            self._write(event_id, _STRIP, np.hstack(shot.crops), _FAST_PNG)
        self._write(event_id, _PICTURE, shot.picture, _JPEG)

    def crops(self, event_id: str) -> tuple[Image, ...]:
        """The aligned faces that voted for this event, oldest first; empty where none were kept.

        Raises:
            Corrupt: the file is not the picture that was saved.
        """
        path = self._path(event_id, _STRIP)
        if not path.exists():
            return ()
        strip = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if strip is None or strip.shape[1] % strip.shape[0]:
            raise Corrupt(f"the best shot {path} is damaged", "Delete it; the event itself is not affected")
        side = strip.shape[0]
        return tuple(
            np.ascontiguousarray(strip[:, left : left + side], dtype=np.uint8)
            for left in range(0, strip.shape[1], side)
        )

    def picture(self, event_id: str) -> bytes | None:
        """The JPEG for people, or None where none was kept."""
        try:
            return self._path(event_id, _PICTURE).read_bytes()
        except FileNotFoundError:
            return None

    def has_picture(self, event_id: str) -> bool:
        """Whether `picture` would find one."""
        return self._path(event_id, _PICTURE).exists()

    def trim(self, max_bytes: int, max_age_s: float, now: float) -> int:
        """Deletes what is older than `max_age_s`, then the oldest until `max_bytes` are kept; returns how many files.

        Args:
            now: UTC seconds since the epoch.
        """
        files = [(path, path.stat()) for path in sorted(self._folder.iterdir(), reverse=True)]
        kept, deleted = 0, 0
        for path, stat in files:
            kept += stat.st_size
            if kept > max_bytes or now - stat.st_mtime > max_age_s:
                path.unlink(missing_ok=True)
                deleted += 1
        return deleted

    def _path(self, event_id: str, ending: str) -> Path:
        if not _EVENT_ID.match(event_id):
            raise ValueError(f"not an event's identifier: {event_id!r}")
        return self._folder / (event_id + ending)

    def _write(self, event_id: str, ending: str, image: Image, parameters: tuple[int, int]) -> None:
        encoded = cv2.imencode(ending, image, parameters)[1]
        try:
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            with os.fdopen(handle, "wb") as file:
                file.write(encoded.tobytes())
            Path(name).replace(self._path(event_id, ending))
        except OSError as error:
            raise Unavailable(
                f"the best shot could not be written to {self._folder}: {error.strerror}",
                "Free space on that disk; events themselves are kept",
            ) from error
