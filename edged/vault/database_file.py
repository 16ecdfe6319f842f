"""SQLite files of ours: private from the first byte, and their errors put into what the caller does next."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edged.domain.errors import Corrupt, EdgedError, Unavailable
from edged.vault.private_file import private_directory, private_file

PRAGMAS: Final = (
    "page_size = 8192",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
)
"""Every write is on the disk when it returns, and deleted content is overwritten. The size of a page, which holds three
packs of four templates, counts for a new file only."""
_DAMAGED: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BUSY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_CLOSED_TO_US: Final = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_AUTH}


@dataclass(frozen=True, slots=True)
class Words:
    """How one kind of file is spoken of.

    Attributes:
        thing: what it is (`gallery`); repair: what to do when it is damaged.
    """

    thing: str
    repair: str

    @contextmanager
    def translated(self, path: Path) -> Iterator[None]:
        """Turns what SQLite and the file system raise within the block into Unavailable and Corrupt.

        Anything else that SQLite raises is a bug of ours, and passes.
        """
        try:
            yield
        except Corrupt as error:
            if str(path) in error.what:
                raise
            raise self.damaged(path, error.what) from error
        except sqlite3.Error as error:
            ours = self._ours(error, path)
            if ours is None:
                raise
            raise ours from error
        except OSError as error:
            raise Unavailable(
                f"cannot use the {self.thing} {path}: {error.strerror}",
                "Check the disk, the directory and who may write to it.",
            ) from error

    def damaged(self, path: Path, detail: str) -> Corrupt:
        """What to raise for a file that is not as we wrote it."""
        return Corrupt(f"the {self.thing} {path} is damaged ({detail})", self.repair)

    def locked(self, path: Path) -> Unavailable:
        """What to raise where others have been writing for longer than one waits."""
        return Unavailable(
            f"another program keeps the {self.thing} {path} locked; nothing was changed",
            "Try again when it has finished.",
        )

    def _ours(self, error: sqlite3.Error, path: Path) -> EdgedError | None:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
        is_not_text = isinstance(error, sqlite3.OperationalError) and not hasattr(error, "sqlite_errorcode")
        if code in _DAMAGED or is_not_text:
            return self.damaged(path, str(error))
        if code == sqlite3.SQLITE_FULL:
            return Unavailable(
                f"no space left for the {self.thing} {path}; nothing was changed",
                f"Free space on the disk of {path.parent}.",
            )
        if code in _BUSY:
            return self.locked(path)
        if code in _CLOSED_TO_US:
            return Unavailable(
                f"cannot open the {self.thing} {path}: {error}", "Check who may read and write it and its directory."
            )
        if code == sqlite3.SQLITE_IOERR:
            return Unavailable(
                f"the disk failed under the {self.thing} {path}: {error}", "Check the disk and its free space."
            )
        return None


def create(path: Path) -> None:
    """An empty file, where there is none, with its final mode and owner before SQLite writes to it.

    A file that is there must not be opened here: closing it would let go of the locks that other connections of this
    process hold on it (POSIX locks belong to the process, not to the descriptor).

    Raises:
        OSError: the disk or its permissions refuse.
    """
    private_directory(path.parent)
    if path.exists():
        path.chmod(0o600)
    else:
        with private_file(path, replace=False):
            pass


def connect(path: Path, patience_s: float) -> sqlite3.Connection:
    """A connection with `PRAGMAS`, outside a transaction; for one thread at a time. Raises sqlite3.Error.

    Args:
        path: of the file.
        patience_s: how long a statement waits for another writer.
    """
    connection = sqlite3.connect(path, timeout=patience_s, isolation_level=None, check_same_thread=False)
    try:
        for pragma in PRAGMAS:
            _set(connection, pragma, patience_s)
    except BaseException:
        connection.close()
        raise
    return connection


def _set(connection: sqlite3.Connection, pragma: str, patience_s: float) -> None:
    """SQLite itself does not wait where several begin the write-ahead log of a new file at once."""
    end = time.monotonic() + patience_s
    while True:
        try:
            connection.execute(f"PRAGMA {pragma}")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= end:
                raise
            time.sleep(0.01)
        else:
            return


@contextmanager
def transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    """All of the block or nothing.

    Args:
        connection: outside a transaction.
        begin: `BEGIN` to see one state of the database, `BEGIN IMMEDIATE` to write.
    """
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
