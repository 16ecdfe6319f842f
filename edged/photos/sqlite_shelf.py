"""What the shelves of events, photographs and searches in SQLite have in common: the rows, the files, the faces."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from edged.photos import change_rows, event_rows, photo_rows
from edged.photos.admission import no_event
from edged.photos.album import Doer, PhotoEvent
from edged.photos.album_database import AlbumDatabase
from edged.photos.album_faces import AlbumFaces
from edged.photos.event_rows import event_number
from edged.photos.kept import ChangeKind, Outcome
from edged.photos.photo_files import PhotoFiles

_BATCH: Final = 50
"""Files that are deleted in one transaction: others wait for it no longer than for any other."""


class SqliteShelf:
    """A part of `edged.photos.sqlite_albums.SqliteAlbums`, or of the feed beside it.

    Args:
        database: has the rows; files: has the photographs.
    """

    def __init__(self, database: AlbumDatabase, files: PhotoFiles) -> None:
        self._database = database
        self._files = files
        self._faces = AlbumFaces()

    def _note(self, connection: sqlite3.Connection, event: int, kind: ChangeKind, thing: str, by: Doer) -> None:
        change_rows.note(connection, event, kind, thing, by.id, self._database.now())

    def _note_taken(
        self,
        connection: sqlite3.Connection,
        event: PhotoEvent,
        kind: ChangeKind,
        thing: str,
        by: Doer,
        revision: int,
        outcome: Outcome,
    ) -> None:
        """Notes that something was taken from another store.

        Args:
            by: who brought it; revision: theirs; outcome: what came of it.
        """
        if outcome.is_to_be_told:
            number, at = event_number(connection, event), self._database.now()
            teller = outcome.teller(by.id)
            change_rows.note(connection, number, kind, thing, teller, at, step=0, least=revision)
        else:
            change_rows.raise_revision(connection, event.id, kind, thing, revision)

    @staticmethod
    def _current(connection: sqlite3.Connection, event: PhotoEvent) -> tuple[int, PhotoEvent]:
        """The number of an event, and the event as it is just now. Raises Refused `no_event` where it is gone."""
        number, now = event_number(connection, event), event_rows.event(connection, event.organisation, event.slug)
        if not number or now is None:
            raise no_event(event)
        return number, now

    def _sweep(self, digests: Iterable[str]) -> int:
        """Deletes those files that nobody has any more; how many. Some at a time: others write meanwhile."""
        left, deleted = iter(digests), 0
        while batch := list(islice(left, _BATCH)):
            deleted += self._swept(batch)
        return deleted

    def _swept(self, digests: Sequence[str]) -> int:
        with self._database.reading() as connection:
            candidates = photo_rows.unused(connection, digests)
        if not candidates:
            return 0
        with self._database.writing() as connection:
            leftover = photo_rows.unused(connection, candidates)
            for digest in leftover:
                self._files.delete(digest)
        return len(leftover)
