"""The hub's database file: one writer, many readers, several processes; its errors put into our words."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

from edged.domain.audit import AuditEntry
from edged.domain.errors import Corrupt, Unsupported
from edged.hub.sqlite.schema import APPLICATION, STEPS
from edged.photos.album import Doer
from edged.vault.database_file import Words, connect, create, transaction

PATIENCE_S: Final = 5.0
"""How long somebody waits for whoever else is writing."""
_WORDS: Final = Words("database", "Stop the hub and run `edged hub restore`.")
translated, damaged = _WORDS.translated, _WORDS.damaged
"""What SQLite and the file system raise, in our words; and what to raise for a file that is not as we wrote it."""


class HubDatabase:
    """The file and its connections. Any thread; several processes may have the same file open.

    Every write is on the disk when its transaction ends (WAL, synchronous FULL), and deleted content is overwritten.

    Attributes:
        path: of the file.
        now: UTC seconds since the epoch; new_id: a new UUIDv7.
    """

    def __init__(self, path: Path, now: Callable[[], float], new_id: Callable[[], str], patience_s: float) -> None:
        self.path = path
        self.now = now
        self.new_id = new_id
        self._patience_s = patience_s
        self._turn = threading.Lock()
        self._writer = connect(path, patience_s)
        self._resting: list[sqlite3.Connection] = []

    @classmethod
    def open(
        cls, path: Path, now: Callable[[], float], new_id: Callable[[], str], *, patience_s: float = PATIENCE_S
    ) -> Self:
        """The database at `path`, which is made where there is none and brought up to date where it is old.

        The file is readable by its owner only, and belongs to whom its directory belongs. Blocks.

        Args:
            path: of the file.
            now: UTC seconds since the epoch; new_id: a new UUIDv7.
            patience_s: how long a writer waits for another one.

        Raises:
            Corrupt: the file is damaged, or no database of a hub.
            Unsupported: a newer edged wrote it.
            Unavailable: no permission, no space, or locked by another process.
        """
        with translated(path):
            create(path)
            database = cls(path, now, new_id, patience_s)
            try:
                bring_up_to_date(database._writer, path)
            except BaseException:
                database.close()
                raise
        return database

    def close(self) -> None:
        """Lets go of the file. Nobody may be using it, or use it later."""
        self._writer.close()
        while self._resting:
            self._resting.pop().close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that writes: all of it, on the disk when the block ends, or nothing where it raises.

        One at a time: keep it short, and never begin one inside another.

        Raises:
            Unavailable: no space, the disk fails, or others have been writing for seconds; nothing was changed.
            Corrupt: the file is damaged.
        """
        if not self._turn.acquire(timeout=self._patience_s):
            raise _WORDS.locked(self.path)
        try:
            with translated(self.path), transaction(self._writer, "BEGIN IMMEDIATE"):
                yield self._writer
        finally:
            self._turn.release()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees a single state of the database, however often it is asked in the block.

        Many at a time, also while somebody writes. What is read must be fetched before the block ends.

        Raises:
            Unavailable, Corrupt: as `writing`.
        """
        with translated(self.path):
            try:
                connection = self._resting.pop()
            except IndexError:
                connection = connect(self.path, self._patience_s)
                connection.execute("PRAGMA query_only = ON")
            try:
                with transaction(connection, "BEGIN"):
                    yield connection
            except BaseException:
                connection.close()
                raise
            self._resting.append(connection)

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


def bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    """Takes the steps that are missing, in one transaction; another process may try the same at the same time.

    Args:
        connection: outside a transaction.
        path: of the file, for what is raised.

    Raises:
        Corrupt: it is no database of a hub.
        Unsupported: a newer edged wrote it.
        sqlite3.Error: as it comes, see `translated`.
    """
    with transaction(connection, "BEGIN"):  # one state: read apart, another process's tables look like somebody else's
        version = _version(connection, path)
    if version == len(STEPS):
        return
    with transaction(connection, "BEGIN IMMEDIATE"):
        for step in STEPS[_version(connection, path) :]:
            for statement in _statements(step):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {len(STEPS)}")


def _version(connection: sqlite3.Connection, path: Path) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and application != APPLICATION:
        raise Corrupt(f"{path} is a database, but no hub's", "Name another file, or move this one away")
    if version > len(STEPS):
        raise Unsupported(f"a newer edged wrote the database {path}", "Install that one again")
    return int(version)


def _statements(script: str) -> Iterator[str]:
    """One at a time: `executescript` would end the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
