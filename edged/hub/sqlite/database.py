"""The hub's database file: one writer, many readers, several processes; its errors put into our words."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, Self

from edged.domain.audit import AuditEntry
from edged.hub.sqlite.schema import APPLICATION, STEPS
from edged.photos.album import Doer
from edged.vault.database_file import Words
from edged.vault.shared_database import PATIENCE_S, Schema, SharedDatabase

_WORDS: Final = Words("database", "Stop the hub and run `edged hub restore`.")
translated, damaged = _WORDS.translated, _WORDS.damaged
"""What SQLite and the file system raise, in our words; and what to raise for a file that is not as we wrote it."""
SCHEMA: Final = Schema(_WORDS, APPLICATION, "hub", STEPS)


class HubDatabase:
    """The file and its connections; see `SharedDatabase`.

    Attributes:
        path: of the file.
        now: UTC seconds since the epoch; new_id: a new UUIDv7.
    """

    def __init__(self, file: SharedDatabase, now: Callable[[], float], new_id: Callable[[], str]) -> None:
        self.path = file.path
        self.now = now
        self.new_id = new_id
        self._file = file

    @classmethod
    def open(
        cls, path: Path, now: Callable[[], float], new_id: Callable[[], str], *, patience_s: float = PATIENCE_S
    ) -> Self:
        """The database at `path`, which is made where there is none and brought up to date where it is old.

        Args:
            path: of the file.
            now: UTC seconds since the epoch; new_id: a new UUIDv7.
            patience_s: how long a writer waits for another one.

        Raises: as `SharedDatabase.open`.
        """
        return cls(SharedDatabase.open(path, SCHEMA, threading.Lock(), patience_s), now, new_id)

    def close(self) -> None:
        """Lets go of the file. Nobody may be using it, or use it later."""
        self._file.close()

    def writing(self) -> AbstractContextManager[sqlite3.Connection]:
        """A transaction that writes; see `SharedDatabase.writing`."""
        return self._file.writing()

    def reading(self) -> AbstractContextManager[sqlite3.Connection]:
        """A connection that sees a single state of the database; see `SharedDatabase.reading`."""
        return self._file.reading()

    def rewrite(self) -> None:
        """Writes the file anew, without the pieces of deleted rows, and empties its log where no reader needs it.

        Raises: as `SharedDatabase.rewrite`.
        """
        self._file.rewrite()
        self._file.empty_log()

    def record(self, connection: sqlite3.Connection, by: Doer, act: str, about: str) -> None:
        """An entry in the audit log, within the transaction of what it tells of.

        Args:
            connection: from `writing`.
            by: whose token it was.
            act: a stable word; about: keys and numbers of what was concerned, never a face or a name.
        """
        connection.execute(
            "INSERT INTO audit (at, by, name, act, about) VALUES (?, ?, ?, ?, ?)",
            (self.now(), by.id, by.name, act, about),
        )

    def audit(self, limit: int = 100, below: int | None = None) -> Sequence[AuditEntry]:
        """The newest entries of the audit log, the newest first.

        Args:
            limit: how many at most.
            below: only those with a lower number.
        """
        with self.reading() as connection:
            rows = connection.execute(
                "SELECT number, at, by, name, act, about FROM audit WHERE ?1 IS NULL OR number < ?1"
                " ORDER BY number DESC LIMIT ?2",
                (below, limit),
            ).fetchall()
        return [AuditEntry(*row) for row in rows]


def advance(connection: sqlite3.Connection) -> int:
    """Raises the revision: once in each transaction that changes something; the new one."""
    (number,) = connection.execute("UPDATE revision SET number = number + 1 RETURNING number").fetchone()
    return int(number)


def revision(connection: sqlite3.Connection) -> int:
    """How many changes there were, in the state that a connection sees."""
    (number,) = connection.execute("SELECT number FROM revision").fetchone()
    return int(number)
