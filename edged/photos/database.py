"""A device's own events and photographs: one SQLite file in its state directory."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, Self

from edged.photos.album import Doer
from edged.photos.bookmarks import BOOKMARK_TABLE
from edged.photos.intake_rows import INTAKE_TABLES
from edged.photos.purged_copies import COPIES_TABLE
from edged.photos.tables import ALBUM_TABLES, BOOTH_TABLES, MODEL_TABLE, REVISION_COLUMN
from edged.vault.database_file import Words
from edged.vault.shared_database import Schema, SharedDatabase, WriteTurn

SCHEMA: Final = Schema(
    Words(
        "database of photographs",
        "Stop edged and move the file away: it begins anew, and photographs of the watched folder come in again.",
    ),
    0x65645068,  # "edPh"
    "booth",
    (MODEL_TABLE + ALBUM_TABLES + BOOTH_TABLES + BOOKMARK_TABLE, INTAKE_TABLES, COPIES_TABLE + REVISION_COLUMN),
)

Seen = Callable[[Doer, str, str], None]
"""Told who did what to what: a word and its objects, never a face or a name. Called within the transaction; must return
at once."""


class PhotoDatabase:
    """`edged.photos.album_database.AlbumDatabase` of a device.

    Attributes:
        now: UTC seconds since the epoch; new_id: a new UUID.
    """

    def __init__(self, file: SharedDatabase, seen: Seen, now: Callable[[], float], new_id: Callable[[], str]) -> None:
        self.now = now
        self.new_id = new_id
        self._file = file
        self._seen = seen

    @classmethod
    def open(
        cls, path: Path, turn: WriteTurn, seen: Seen, *, now: Callable[[], float], new_id: Callable[[], str]
    ) -> Self:
        """The database at `path`, which is made where there is none.

        Args:
            turn: a lock: whoever has it writes. seen: told of every act.
            now: UTC seconds since the epoch; new_id: a new UUID.

        Raises: as `SharedDatabase.open`.
        """
        return cls(SharedDatabase.open(path, SCHEMA, turn), seen, now, new_id)

    def close(self) -> None:
        """Lets go of the file. Nobody may be using it, or use it later."""
        self._file.close()

    def writing(self) -> AbstractContextManager[sqlite3.Connection]:
        """A transaction that writes; see `SharedDatabase.writing`."""
        return self._file.writing()

    def reading(self) -> AbstractContextManager[sqlite3.Connection]:
        """A connection that sees a single state of the database; see `SharedDatabase.reading`."""
        return self._file.reading()

    def record(self, connection: sqlite3.Connection, by: Doer, act: str, about: str) -> None:  # noqa: ARG002  noted elsewhere
        """Tells `seen`."""
        self._seen(by, act, about)

    def rewrite(self) -> None:
        """Writes the file anew, without the pieces of deleted rows; see `SharedDatabase.rewrite`."""
        self._file.rewrite()

    def empty_log(self) -> bool:
        """What was deleted is in no file of the database any more; False where a reader keeps it from that."""
        return self._file.empty_log()
