"""Best shots: the pictures a decision was made from, kept as sealed files for a while."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from edged.domain.errors import Corrupt, Unavailable
from edged.domain.event import BestShot, Outcome
from edged.domain.frame import Image
from edged.vault.private_file import private_directory, private_file
from edged.vault.seal import Seal

_EVENT_ID: Final = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_STRIP: Final = "crops"
_PICTURE: Final = "picture"
_KNOWN: Final = "known"
_OTHERS: Final = "others"
_FAST_PNG: Final = (cv2.IMWRITE_PNG_COMPRESSION, 1)
_JPEG: Final = (cv2.IMWRITE_JPEG_QUALITY, 88)
_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is kept, and how long.

    Attributes:
        max_bytes: of all files.
        known_days: of people who were recognised; other_days: of everybody else.
    """

    max_bytes: int
    known_days: float
    other_days: float


class ShotStore:
    """Two files an event: the aligned faces side by side, without loss, and a JPEG for people.

    Those of people who were recognised lie in one folder, all others in another, since they are kept for different
    times. Names are the events' identifiers, which begin with the time: the oldest sort first. One thread saves and
    trims; any thread may read; any process may forget.

    Args:
        folder: made if it is not there, readable by the owner only.
        seal: locks the files.
    """

    def __init__(self, folder: Path, seal: Seal) -> None:
        self._folder = folder
        self._seal = seal
        for name in (_KNOWN, _OTHERS):
            private_directory(folder / name)
        for path in folder.iterdir():
            if path.is_file():  # of before 0.2, when pictures were not sealed
                path.unlink(missing_ok=True)

    def save(self, event_id: str, shot: BestShot, outcome: Outcome) -> None:
        """Writes both files whole or not at all.

        Raises:
            Unavailable: the disk is full or not writable.
        """
        if shot.crops:
            self._write(event_id, outcome, _STRIP, cv2.imencode(".png", np.hstack(shot.crops), _FAST_PNG)[1].tobytes())
        self._write(event_id, outcome, _PICTURE, cv2.imencode(".jpg", shot.picture, _JPEG)[1].tobytes())

    def crops(self, event_id: str) -> tuple[Image, ...]:
        """The aligned faces that voted for this event, oldest first; empty where none were kept.

        Raises:
            Corrupt: the file is not the picture that was saved.
        """
        encoded = self._read(event_id, _STRIP)
        if encoded is None:
            return ()
        strip = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
        if strip is None or strip.shape[1] % strip.shape[0]:
            raise Corrupt(f"the best shot of {event_id} is damaged", "Nothing else is affected.")
        side = strip.shape[0]
        return tuple(
            np.ascontiguousarray(strip[:, left : left + side], dtype=np.uint8)
            for left in range(0, strip.shape[1], side)
        )

    def picture(self, event_id: str) -> bytes | None:
        """The JPEG for people, or None where none was kept.

        Raises:
            Corrupt: the file is not the picture that was saved.
        """
        return self._read(event_id, _PICTURE)

    def has_picture(self, event_id: str) -> bool:
        """Whether `picture` would find one."""
        return any(path.exists() for path in self._paths(event_id, _PICTURE))

    def forget(self, event_ids: Iterable[str]) -> int:
        """Removes the files of these events; returns how many there were."""
        paths = [path for event in event_ids for kind in (_STRIP, _PICTURE) for path in self._paths(event, kind)]
        there = [path for path in paths if path.exists()]
        for path in there:
            path.unlink(missing_ok=True)
        return len(there)

    def trim(self, bounds: Bounds, now: float) -> int:
        """Deletes what is too old, then the oldest until no more than `max_bytes` are kept; returns how many files.

        Args:
            bounds: what may stay.
            now: UTC seconds since the epoch.
        """
        ages = {_KNOWN: bounds.known_days * _DAY_S, _OTHERS: bounds.other_days * _DAY_S}
        files = [(path, path.stat()) for name in ages for path in (self._folder / name).iterdir()]
        kept, deleted = 0, 0
        for path, stat in sorted(files, key=lambda item: item[0].name, reverse=True):
            kept += stat.st_size
            if kept > bounds.max_bytes or now - stat.st_mtime > ages[path.parent.name]:
                path.unlink(missing_ok=True)
                deleted += 1
        return deleted

    def _paths(self, event_id: str, kind: str) -> tuple[Path, Path]:
        if not _EVENT_ID.match(event_id):
            raise ValueError(f"not an event's identifier: {event_id!r}")
        return self._folder / _KNOWN / f"{event_id}.{kind}", self._folder / _OTHERS / f"{event_id}.{kind}"

    def _read(self, event_id: str, kind: str) -> bytes | None:
        for path in self._paths(event_id, kind):
            try:
                return self._seal.open(path.read_bytes(), _context(event_id, kind))
            except FileNotFoundError:
                continue
            except OSError as error:
                raise Unavailable(f"{path} cannot be read: {error.strerror}", "Check who may read it.") from error
        return None

    def _write(self, event_id: str, outcome: Outcome, kind: str, encoded: bytes) -> None:
        known, other = self._paths(event_id, kind)
        try:
            with private_file(known if outcome is Outcome.KNOWN else other, durable=False) as file:
                file.write(self._seal.seal(encoded, _context(event_id, kind)))
        except OSError as error:
            raise Unavailable(
                f"the best shot could not be written to {self._folder}: {error.strerror}",
                "Free space on that disk; events themselves are kept",
            ) from error


def _context(event_id: str, kind: str) -> bytes:
    return b"%s of %s" % (kind.encode(), event_id.encode())
