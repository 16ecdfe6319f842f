"""Who pushed what, and when: lines of JSON in a file, the newest last. No secret is in it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from edged.domain.errors import Unavailable
from edged.vault.private_file import private_directory

_MOST_BYTES: Final = 8 * 1024 * 1024
"""A file that has grown beyond this loses its older half."""
_MOST_LINE: Final = 512 * 1024


class History:
    """A file of entries that several processes may add to. Blocks on the disk.

    Args:
        path: of the file; it and its folder are made when the first entry is added, readable by their owner only.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, entry: Mapping[str, Any]) -> None:
        """Adds an entry; it is on the disk then.

        Args:
            entry: JSON data without secrets, see `edged.fleet.masking`.

        Raises:
            Unavailable: the file cannot be written.
        """
        line = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        if len(line) > _MOST_LINE:
            return
        try:
            private_directory(self._path.parent)
            descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                size = file.seek(0, os.SEEK_END)
                if size > _MOST_BYTES:
                    file.seek(size // 2)
                    file.readline()
                    kept = file.read()
                    file.truncate(0)
                    file.write(kept)
                elif size:
                    file.seek(size - 1)
                    if file.read(1) != b"\n":  # a power cut in the middle of a line
                        line = b"\n" + line
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise Unavailable(
                f"{self._path} cannot be written: {error.strerror}", "Check the disk and the path"
            ) from error

    def newest(self, limit: int) -> list[dict[str, Any]]:
        """At most so many entries, the newest first; a line that is damaged is passed over.

        Raises:
            Unavailable: the file cannot be read.
        """
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - 2 * _MOST_BYTES))
                lines = file.read().splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise Unavailable(f"{self._path} cannot be read: {error.strerror}") from error
        found: list[dict[str, Any]] = []
        for line in reversed(lines):
            if len(found) >= limit:
                break
            entry = _entry(line)
            if entry is not None:
                found.append(entry)
        return found


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None
