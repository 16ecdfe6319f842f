"""Visits of strangers that somebody has looked at and put aside."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from edged.domain.errors import Unavailable
from edged.vault.private_file import private_file


class Dismissals:
    """A small file with the ids of visits and when each was put aside. It holds nothing of a face.

    Each call reads the file: the command line and the page may both use it.

    Args:
        path: made with the first dismissal.
        keep_s: forget those that were put aside longer ago: their pictures are gone by then.
    """

    def __init__(self, path: Path, keep_s: float) -> None:
        self._path = path
        self._keep_s = keep_s

    def visits(self) -> frozenset[str]:
        """Ids of the visits put aside; none where the file is missing or damaged: looking again does no harm."""
        return frozenset(self._read())

    def add(self, visits: Iterable[str], now: float) -> None:
        """Puts visits aside. On the disk when it returns.

        Args:
            now: UTC seconds since the epoch.

        Raises:
            Unavailable: the disk is full or not writable.
        """
        kept = {visit: at for visit, at in self._read().items() if now - at < self._keep_s}
        self._write(kept | dict.fromkeys(visits, now))

    def take_back(self, visits: Collection[str]) -> None:
        """They are to be looked at again. On the disk when it returns.

        Raises:
            Unavailable: the disk is full or not writable.
        """
        self._write({visit: at for visit, at in self._read().items() if visit not in visits})

    def _write(self, kept: Mapping[str, float]) -> None:
        try:
            with private_file(self._path) as file:
                file.write(json.dumps({"dismissed": kept}).encode())
        except OSError as error:
            raise Unavailable(
                f"{self._path} cannot be written: {error.strerror}",
                "Free space on that disk, or run as the service's user: sudo -u edged edged …",
            ) from error

    def _read(self) -> dict[str, float]:
        try:
            dismissed = json.loads(self._path.read_bytes())["dismissed"]
            return {str(visit): float(at) for visit, at in dismissed.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}
