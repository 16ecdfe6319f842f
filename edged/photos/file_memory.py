"""A device's memory of the files that it was to add to events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from edged.photos import intake_rows
from edged.photos.database import PhotoDatabase
from edged.photos.intake_rows import FileFate

_AT_ONCE: Final = 1000


class FileMemory:
    """Any thread; blocks for the disk. All raise Unavailable where it does not let them."""

    def __init__(self, database: PhotoDatabase) -> None:
        self._database = database

    def fates(self, marks: Sequence[str]) -> Mapping[str, FileFate]:
        """What became of the files with these marks, see `intake_rows.mark_of`; the others are new."""
        found: dict[str, FileFate] = {}
        for at in range(0, len(marks), _AT_ONCE):
            with self._database.reading() as connection:
                found |= intake_rows.fates(connection, marks[at : at + _AT_ONCE])
        return found

    def note(self, mark: str, fate: FileFate) -> None:
        """Remembers it for good."""
        with self._database.writing() as connection:
            intake_rows.note(connection, mark, fate)

    def is_taken(self, event: str, digest: str) -> bool:
        """Whether a file of this content came in for an event before, and is there or was deleted since."""
        with self._database.reading() as connection:
            return intake_rows.is_taken(connection, event, digest)

    def refusals(self, event: str) -> Mapping[str, int]:
        """How many files were refused for an event, by reason."""
        with self._database.reading() as connection:
            return intake_rows.refusals(connection, event)

    def tell(self, progress: str) -> None:
        """Leaves word of how far the watched folder has come, JSON, for other processes."""
        with self._database.writing() as connection:
            intake_rows.set_progress(connection, progress)

    def progress(self) -> str:
        """What was told last; empty where nothing was."""
        with self._database.reading() as connection:
            return intake_rows.progress(connection)
