"""A SQLite file of ours that many threads and several processes use at once: one writer, many readers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, Self

from edged.domain.errors import Corrupt, Unsupported
from edged.vault.database_file import Words, connect, create, transaction

PATIENCE_S: Final = 5.0
"""How long somebody waits for whoever else is writing."""


class WriteTurn(Protocol):
    """A lock (`threading.Lock`): whoever has it writes."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool: ...

    def release(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Schema:
    """How one kind of file came to look as it does.

    Attributes:
        words: how it is spoken of.
        application: marks the file as one of its kind (SQLite's `application_id`).
        owner: whose it is (`hub`).
        steps: step n takes a file from `user_version` n to n + 1. Once released, steps are only ever added at the end.
    """

    words: Words
    application: int
    owner: str
    steps: tuple[str, ...]

    def bring_up_to_date(self, connection: sqlite3.Connection, path: Path) -> None:
        """Takes the steps that are missing, in one transaction; another process may try the same at the same time.

        Args:
            connection: outside a transaction.
            path: of the file, for what is raised.

        Raises:
            Corrupt: it is no file of this kind.
            Unsupported: a newer edged wrote it.
            sqlite3.Error: as it comes, see `Words.translated`.
        """
        # One state: read apart, another process's tables look like somebody else's.
        with transaction(connection, "BEGIN"):
            version = self._version(connection, path)
        if version == len(self.steps):
            return
        with transaction(connection, "BEGIN IMMEDIATE"):
            for step in self.steps[self._version(connection, path) :]:
                for statement in _statements(step):
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {self.application}")
            connection.execute(f"PRAGMA user_version = {len(self.steps)}")

    def _version(self, connection: sqlite3.Connection, path: Path) -> int:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and application != self.application:
            raise Corrupt(f"{path} is a database, but no {self.owner}'s", "Name another file, or move this one away")
        if version > len(self.steps):
            raise Unsupported(f"a newer edged wrote the database {path}", "Install that one again")
        return int(version)


class SharedDatabase:
    """The file and its connections. Any thread; several processes may have the same file open.

    Every write is on the disk when its transaction ends (WAL, synchronous FULL), and deleted content is overwritten.

    Attributes:
        path: of the file.
    """

    def __init__(self, path: Path, words: Words, turn: WriteTurn, patience_s: float) -> None:
        self.path = path
        self._words = words
        self._turn = turn
        self._patience_s = patience_s
        self._writer = connect(path, patience_s)
        self._resting: list[sqlite3.Connection] = []

    @classmethod
    def open(cls, path: Path, schema: Schema, turn: WriteTurn, patience_s: float = PATIENCE_S) -> Self:
        """The file at `path`, which is made where there is none and brought up to date where it is old.

        It is readable by its owner only, and belongs to whom its directory belongs. Blocks.

        Args:
            turn: whoever has it writes; for this object alone.
            patience_s: how long a writer waits for another one.

        Raises:
            Corrupt: the file is damaged, or of another kind.
            Unsupported: a newer edged wrote it.
            Unavailable: no permission, no space, or locked by another process.
        """
        with schema.words.translated(path):
            create(path)
            file = cls(path, schema.words, turn, patience_s)
            try:
                schema.bring_up_to_date(file._writer, path)
            except BaseException:
                file.close()
                raise
        return file

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
            raise self._words.locked(self.path)
        try:
            with self._words.translated(self.path), transaction(self._writer, "BEGIN IMMEDIATE"):
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
        with self._words.translated(self.path):
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

    def rewrite(self) -> None:
        """Writes the whole file anew; to be followed by `empty_log`. Others who write wait, and it takes its size once
        more on the disk.

        `secure_delete` overwrites what was deleted, but where SQLite had split a page before, copies of rows may stay
        in its gaps: of 5,000 ids and digests deleted from a file of 11 MB, 13 were found in it afterwards.

        Raises:
            Unavailable: no space, or others have been writing for seconds; nothing was changed. Corrupt: damaged.
        """
        if not self._turn.acquire(timeout=self._patience_s):
            raise self._words.locked(self.path)
        try:
            with self._words.translated(self.path):
                self._writer.execute("VACUUM")
        finally:
            self._turn.release()

    def empty_log(self) -> bool:
        """Writes what was written lately into the file itself, so that what was deleted is in neither.

        Returns:
            False where a reader keeps it from doing so.
        """
        if not self._turn.acquire(timeout=self._patience_s):
            raise self._words.locked(self.path)
        try:
            with self._words.translated(self.path):
                (busy, *_) = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            self._turn.release()
        return not busy


def _statements(script: str) -> Iterator[str]:
    """One at a time: `executescript` would end the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
