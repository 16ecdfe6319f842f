"""One file's way into an event: read once, added once, and remembered."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from edged.api.photo_intake import PhotoRoom, add_photo
from edged.domain.errors import Refused
from edged.photos.album import Doer, PhotoEvent
from edged.photos.file_memory import FileMemory
from edged.photos.intake_rows import Fate, FileFate
from edged.photos.photo import Source
from edged.photos.photo_bundle import digest_of, photo_id
from edged.runtime.photo_listing import ListedFile, read_file

NOT_THE_FILES_FAULT: Final = frozenset({"no_event", "event_closed", "full", "no_albums"})
"""Refusals that say nothing about a photograph."""


class FileIntake:
    """Adds files to events. Belongs to one thread; blocks for as long as the eyes take.

    Args:
        room: what photographs are looked at with, and kept in.
        memory: remembers what became of each.
        by: who adds them; source: what they come from.
    """

    def __init__(self, room: PhotoRoom, memory: FileMemory, *, by: Doer, source: Source) -> None:
        self._room = room
        self._memory = memory
        self._by = by
        self._source = source

    def take(self, event: PhotoEvent, folder: Path, file: ListedFile, mark: str) -> FileFate | None:
        """Adds a file; what became of it is remembered under its mark, a refusal is not: see `refuse`.

        The same content costs a look at the file, and nothing else.

        Returns:
            None where the file is not as it was listed any more: it grows, or is gone.

        Raises:
            Refused: as `add_photo` and `read_file`.
            Unavailable: the eyes are busy, or the storage does not let us.
        """
        content = read_file(folder, file)
        if content is None:
            return None
        digest = digest_of(content)
        if self._is_there(event, digest):
            fate = FileFate(event.id, digest, Fate.DUPLICATE)
        else:
            name = file.path.rpartition("/")[2]
            add_photo(self._room, event, content, filename=name, taken=None, by=self._by, source=self._source)
            fate = FileFate(event.id, digest, Fate.ADDED)
        self._memory.note(mark, fate)
        return fate

    def refuse(self, event: PhotoEvent, mark: str, refusal: Refused) -> FileFate:
        """Remembers that a file was not taken, and why: it is not read again. Who may read it may change, though."""
        fate = FileFate(event.id, "", Fate.REFUSED, refusal.reason, refusal.what)
        if refusal.reason != "unreadable":
            self._memory.note(mark, fate)
        return fate

    def _is_there(self, event: PhotoEvent, digest: str) -> bool:
        if self._memory.is_taken(event.id, digest):
            return True
        albums = self._room.albums
        return albums is not None and albums.any_photo(event, photo_id(event.id, digest)) is not None
