"""The outbox's file: SQLite, opened so that a commit is durable and damage is noticed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from edged.domain.errors import Corrupt, EdgedError, Refused, Unavailable
from edged.mqtt.event_columns import make_searchable

SCHEMA_VERSION: Final = 2

_SCHEMA: Final = """
BEGIN;
CREATE TABLE event (
    number INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order of acceptance, over all boots
    id TEXT NOT NULL UNIQUE,
    boot TEXT NOT NULL,
    seq INTEGER NOT NULL,
    decided REAL NOT NULL,                     -- UTC seconds, for the age
    delivered INTEGER NOT NULL DEFAULT 0,      -- 1: the broker has it
    record TEXT NOT NULL,                      -- as in wire.record
    kind TEXT NOT NULL DEFAULT 'event'         -- wire.record.Kind
) STRICT;
CREATE INDEX event_pending ON event (number) WHERE delivered = 0;
CREATE INDEX event_age ON event (decided);
CREATE INDEX event_kind ON event (kind, number);
CREATE TABLE tally (name TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO tally VALUES ('dropped', 0);
CREATE TRIGGER event_dropped AFTER DELETE ON event WHEN old.delivered = 0
    BEGIN UPDATE tally SET count = count + 1 WHERE name = 'dropped'; END;
PRAGMA user_version = 2;
COMMIT;
"""
_FROM_1: Final = """
BEGIN;
ALTER TABLE event ADD COLUMN kind TEXT NOT NULL DEFAULT 'event';
CREATE INDEX event_kind ON event (kind, number);
PRAGMA user_version = 2;
COMMIT;
"""
"""Version 1 knew events only."""

_LOCK_PATIENCE_S: Final = 5.0
_PRIMARY_CODE: Final = 0xFF
"""SQLite's extended codes keep the primary one in the low byte (https://sqlite.org/rescode.html)."""


def open_to_write(path: Path, *, now: float, log_bytes: int) -> tuple[sqlite3.Connection, Corrupt | None]:
    """Opens the file, makes it where there is none, and sets a damaged one aside.

    Args:
        path: the database; its directory must be there.
        now: UTC seconds, for the name of a file set aside.
        log_bytes: how long SQLite's log may get before it is copied into the database.

    Returns:
        The connection, in autocommit, for one thread at a time; and what to report where a damaged file was found.

    Raises:
        Unavailable: the directory or the disk does not let us.
        Refused: `newer_database`.
    """
    with translated(path):
        try:
            return _open_whole(path, log_bytes), None
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            damage = str(error)
        aside = _set_aside(path, now)
        return _open_whole(path, log_bytes), Corrupt(
            f"the events in {path.name} were damaged ({damage}) and a fresh file was begun",
            f"What was in it lies in {aside}; `sqlite3 {aside.name} .recover` may still read it",
        )


def open_to_read(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, beside the one that does, in this process or another.

    Raises:
        Unavailable: there is no such file, or it cannot be read.
    """
    if not path.exists():
        raise Unavailable(f"there are no events in {path}", "Has the daemon run on this machine?")
    with translated(path):
        # Not mode=ro: a reader of a WAL file that nobody else has open must make the -shm file.
        connection = connect(path)
        connection.execute("PRAGMA query_only = ON")
        return connection


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """SQLite's errors become ours; those that only a bug can cause stay as they are."""
    try:
        yield
    except sqlite3.Error as error:
        translation = _translation(error, path)
        if translation is None:
            raise
        raise translation from error


def is_full(error: sqlite3.Error) -> bool:
    """Whether the disk had no room."""
    return _code(error) == sqlite3.SQLITE_FULL


def connect(path: Path) -> sqlite3.Connection:
    """A connection to a file that is there, in autocommit, for one thread at a time; raises as SQLite does."""
    connection = sqlite3.connect(path, timeout=_LOCK_PATIENCE_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _open_whole(path: Path, log_bytes: int) -> sqlite3.Connection:
    _make_private(path)
    connection = connect(path)
    try:
        connection.execute("PRAGMA secure_delete = ON")  # what is gone is gone: events name people
        page = int(connection.execute("PRAGMA page_size").fetchone()[0])
        connection.execute(f"PRAGMA wal_autocheckpoint = {log_bytes // page}")
        connection.execute(f"PRAGMA journal_size_limit = {log_bytes}")
        _check(connection)
        _lay_out(connection, path)
        make_searchable(connection)
    except (sqlite3.Error, EdgedError):
        connection.close()
        raise
    return connection


def _make_private(path: Path) -> None:
    """Mode 0600 before anything is in it; SQLite gives its -wal and -shm files the same mode."""
    try:
        # Never opened if it is there: closing it again would drop the locks of this process's other connections.
        path.touch(mode=0o600)
        path.chmod(0o600)
    except OSError as error:
        raise Unavailable(
            f"cannot open {path}: {(error.strerror or str(error)).lower()}",
            "The directory must exist and belong to the user edged runs as",
        ) from error


def _check(connection: sqlite3.Connection) -> None:
    verdict = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    if verdict != "ok":
        damage = sqlite3.DatabaseError(verdict)
        damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damage


def _lay_out(connection: sqlite3.Connection, path: Path) -> None:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version == 0:
        connection.executescript(_SCHEMA)
    elif version == 1:
        connection.executescript(_FROM_1)
    elif version != SCHEMA_VERSION:
        raise Refused(
            "newer_database",
            f"{path} was written by a newer edged (version {version} of its layout)",
            "Install that version again, or move the file away",
        )


def _set_aside(path: Path, now: float) -> Path:
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    for suffix in ("", "-wal", "-shm"):
        part = Path(f"{path}{suffix}")
        if part.exists():
            part.rename(f"{aside}{suffix}")
    return aside


def _code(error: sqlite3.Error) -> int:
    """The primary result code; -1 where the error is Python's own."""
    code: int = getattr(error, "sqlite_errorcode", -1)
    return code & _PRIMARY_CODE if code >= 0 else code


def _is_damage(error: sqlite3.Error) -> bool:
    return _code(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _translation(error: sqlite3.Error, path: Path) -> EdgedError | None:
    if is_full(error):
        return Unavailable(
            f"the disk is full: {path.name} can take no more events",
            f"Free some space under {path.parent}; every event accepted so far is kept",
        )
    if _is_damage(error):
        return Corrupt(f"{path} is damaged ({error})", "Restart edged: it sets the file aside and begins a fresh one")
    match _code(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return Unavailable(f"another process holds {path}", "Is a second edged running on this state directory?")
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return Unavailable(
                f"cannot write {path} ({error})",
                "The directory must exist and belong to the user edged runs as, on a file system mounted for writing",
            )
        case sqlite3.SQLITE_IOERR:
            return Unavailable(f"the disk under {path} fails ({error})", "Look into the kernel's log: `dmesg`")
    return None
