"""How many bytes the files of photographs have."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

from edged.domain.errors import Unavailable

_SETTLED_NS: Final = 10**8
"""A folder that changed so lately may change again within the same tick of its time: ext4 counts 4 to 10 ms."""


class FolderSize:
    """Counts what is in the folders below a folder. Any thread, whoever adds and deletes.

    A folder's own time tells whether files came or went: only those are read again. So it costs 256 looks, and does not
    drift away from what is really there.

    Args:
        path: of the folder that has them; it may not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, tuple[int, int]] = {}

    def now(self) -> int:
        """Bytes of all files, those that are just being written among them. Blocks for a millisecond, at first longer.

        Raises:
            Unavailable: the storage does not let us.
        """
        try:
            with os.scandir(self._path) as folders:
                return sum(self._of(entry) for entry in folders if entry.is_dir(follow_symlinks=False))
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise Unavailable(
                f"cannot look at the photographs in {self._path}: {error.strerror}",
                "Check the disk, the directory and who may read it",
            ) from error

    def _of(self, folder: os.DirEntry[str]) -> int:
        changed = folder.stat(follow_symlinks=False).st_mtime_ns
        known = self._known.get(folder.name)
        if known is not None and known[0] == changed:
            return known[1]
        size = 0
        with os.scandir(folder.path) as files:
            for file in files:
                try:
                    size += file.stat(follow_symlinks=False).st_size
                except FileNotFoundError:
                    continue  # deleted a moment ago
        if time.time_ns() - changed > _SETTLED_NS:
            self._known[folder.name] = (changed, size)
        return size
