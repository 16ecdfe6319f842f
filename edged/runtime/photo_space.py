"""How much room photographs have on this device."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from edged.config.photos import PhotoSettings
from edged.domain.errors import Refused, Unavailable
from edged.photos.folder_size import FolderSize
from edged.runtime.conditions import Conditions

RESERVE_BYTES: Final = 500_000_000
"""Of the disk that photographs leave free whatever is configured: doors and events write there as well."""
CONDITION: Final = "photos.full"
_GB: Final = 1e9


class PhotoSpace:
    """`photos.max_gb`, and what the disk has. Any thread.

    Args:
        folder: has the files of photographs; it may not be there yet.
        settings: as they are now.
        reserve: bytes of the disk that stay free.
    """

    def __init__(
        self,
        folder: Path,
        settings: Callable[[], PhotoSettings],
        conditions: Conditions,
        *,
        reserve: int = RESERVE_BYTES,
    ) -> None:
        self._folder = folder
        self._size = FolderSize(folder)
        self._settings = settings
        self._conditions = conditions
        self._reserve = reserve
        self._lock = threading.Lock()
        self._set_aside = 0
        self._is_full = False

    @contextmanager
    def taking(self, size: int, drop_oldest: Callable[[], bool]) -> Iterator[None]:
        """Sets room for so many bytes aside until the block ends, by when they are kept, or are not.

        Blocks for as long as it takes to delete what has to go.

        Args:
            drop_oldest: deletes a photograph that may go; False where there is none. Called where
                `photos.when_full` is `oldest`.

        Raises:
            Refused: `full`: there is no room.
            Unavailable: the storage does not let us.
        """
        with self._lock:
            while lacking := self._lacking(size):
                if self._settings().when_full != "oldest" or not drop_oldest():
                    raise self._full(lacking)
            self._well()
            self._set_aside += size
        try:
            yield
        finally:
            with self._lock:
                self._set_aside -= size

    def check(self, size: int, may_drop: Callable[[], bool]) -> None:
        """Raises Refused `full` where there would be no room for so many bytes; deletes nothing.

        For whoever would rather know before a photograph is looked at.
        """
        lacking = self._lacking(size)
        if lacking and (self._settings().when_full != "oldest" or not may_drop()):
            raise self._full(lacking)

    def used(self) -> int:
        """Bytes of all files of photographs. Blocks for a millisecond."""
        return self._size.now()

    def freed(self) -> None:
        """There may be room again: files were deleted, or whatever else. Costs nothing where it was not full."""
        if self._is_full and not self._lacking(0):
            self._well()

    def _lacking(self, size: int) -> str:
        """Why so much more cannot be kept; empty where it can."""
        wanted, most = self._set_aside + size, self._settings().max_gb
        if self._size.now() + wanted > most * _GB:
            return f"photographs may take {most:g} GB, and there is no room for another one"
        if self._free() - wanted < self._reserve:
            return f"the disk has no more than the {self._reserve / _GB:g} GB left that photographs leave free"
        return ""

    def _free(self) -> int:
        place = self._folder if self._folder.exists() else self._folder.parent
        try:
            return shutil.disk_usage(place).free
        except OSError as error:
            raise Unavailable(f"cannot look at the disk of {place}: {error.strerror}", "Check the disk") from error

    def _well(self) -> None:
        self._is_full = False
        self._conditions.end(CONDITION)

    def _full(self, lacking: str) -> Refused:
        self._is_full = True
        full = Refused("full", lacking, "Purge an event that is over, or let photos.max_gb be more")
        self._conditions.begin(CONDITION, full)
        return full
