"""The connection to the gallery's database: opened with care, its errors put into our words."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from functools import partial
from pathlib import Path
from typing import Final

from edged.gallery.pace import Beside
from edged.vault.database_file import Words, connect, create, transaction

_BUSY_S: Final = 5.0
_WORDS: Final = Words(
    "gallery", "Restart edged, or run `edged people restore` while it is stopped: the last good backup takes its place."
)
translated = _WORDS.translated
"""Turns what SQLite and the file system raise into what the caller does next."""

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
        create(path)
        connection = connect(path, _BUSY_S)
        try:
            verdict = beside(partial(_verify, path))
            migrate(connection, verdict)
        except BaseException:
            connection.close()
            raise
    return connection, verdict


def writing(connection: sqlite3.Connection) -> AbstractContextManager[None]:
    """One transaction that writes: all of it or nothing."""
    return transaction(connection, "BEGIN IMMEDIATE")


def reading(connection: sqlite3.Connection) -> AbstractContextManager[None]:
    """One transaction that sees a single state of the database however often it asks."""
    return transaction(connection, "BEGIN")


def _verify(path: Path) -> None:
    """Reads all of the file, on a connection of its own."""
    with translated(path), closing(sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)) as connection:
        (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            raise _WORDS.damaged(path, verdict)
