"""The connection to the gallery's database: opened with care, its errors put into our words."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from edged.domain.errors import Corrupt, EdgedError, Unavailable
from edged.gallery.pace import Beside
from edged.vault.private_file import private_directory, private_file

_BUSY_S: Final = 5.0
_PRAGMAS: Final = (
    "page_size = 8192",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
)
"""The size of a page, which holds three packs of four templates, counts for a new file only."""
_DAMAGED: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BUSY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_CLOSED_TO_US: Final = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_AUTH}


Verdict = Callable[[], None]
"""Waits until the whole file has been read for damage; raises Corrupt where there is some."""


def open_database(
    path: Path, migrate: Callable[[sqlite3.Connection, Verdict], None], beside: Beside
) -> tuple[sqlite3.Connection, Verdict]:
    """A connection to the gallery at `path`, which is made where there is none and brought up to date where it is old.

    The file is readable by its owner only, and belongs to whom its directory belongs, so that a command run by root
    leaves nothing that the daemon cannot open. Every write is on the disk when it returns (WAL, synchronous FULL), and
    deleted content is overwritten. The file is read for damage meanwhile, about half a second for 200 MB.

    Args:
        path: of the database.
        migrate: brings it up to date, not before it has the verdict; see `edged.gallery.migration`.
        beside: has the file read for damage.

    Returns:
        the connection, to be read only until there is the verdict; and that, which raises Corrupt and Unavailable.

    Raises:
        Corrupt: the file is damaged.
        Unsupported: a newer edged wrote it.
        Unavailable: no permission, no space, or locked by another process for 5 s.
    """
    with translated(path):
        _create(path)
        connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            verdict = beside(partial(_verify, path))
            migrate(connection, verdict)
        except BaseException:
            connection.close()
            raise
    return connection, verdict


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turns what SQLite and the file system raise into what the caller does next."""
    try:
        yield
    except Corrupt as error:
        if str(path) in error.what:
            raise
        raise damaged(path, error.what) from error
    except sqlite3.Error as error:
        ours = _in_our_words(error, path)
        if ours is None:
            raise
        raise ours from error
    except OSError as error:
        raise Unavailable(
            f"cannot open the gallery {path}: {error.strerror}", "Check the directory and who may write to it."
        ) from error


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction that writes: all of it or nothing."""
    yield from _transaction(connection, "BEGIN IMMEDIATE")


@contextmanager
def reading(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction that sees a single state of the database however often it asks."""
    yield from _transaction(connection, "BEGIN")


def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _create(path: Path) -> None:
    """An empty file, where there is none, with its final mode and owner before SQLite writes to it.

    A file that is there must not be opened here: closing it would let go of the locks that other connections of this
    process hold on it (POSIX locks belong to the process, not to the descriptor).
    """
    private_directory(path.parent)
    if path.exists():
        path.chmod(0o600)
    else:
        with private_file(path, replace=False):
            pass


def _verify(path: Path) -> None:
    """Reads all of the file, on a connection of its own."""
    with translated(path), closing(sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)) as connection:
        (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            raise damaged(path, verdict)


def damaged(path: Path, detail: str) -> Corrupt:
    """What to raise for a database that is not as we wrote it."""
    return Corrupt(
        f"the gallery {path} is damaged ({detail})",
        "Restart edged, or run `edged people restore` while it is stopped: the last good backup takes its place.",
    )


def _in_our_words(error: sqlite3.Error, path: Path) -> EdgedError | None:
    """None for an error that only a bug can cause."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    is_not_text = isinstance(error, sqlite3.OperationalError) and not hasattr(error, "sqlite_errorcode")
    if code in _DAMAGED or is_not_text:
        return damaged(path, str(error))
    if code == sqlite3.SQLITE_FULL:
        return Unavailable(
            f"no space left for the gallery {path}; nothing was changed", f"Free space on the disk of {path.parent}."
        )
    if code in _BUSY:
        return Unavailable(f"another program keeps the gallery {path} locked", "Try again when it has finished.")
    if code in _CLOSED_TO_US:
        return Unavailable(
            f"cannot open the gallery {path}: {error}", "Check who may read and write it and its directory."
        )
    if code == sqlite3.SQLITE_IOERR:
        return Unavailable(f"the disk failed under the gallery {path}: {error}", "Check the disk and its free space.")
    return None
