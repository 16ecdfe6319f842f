"""The file of a chain: its tables, how it is opened, and how a damaged one is set aside."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from edged.domain.errors import Corrupt, Refused, Unavailable
from edged.vault.database_file import Words, connect, create
from edged.vault.private_file import private_file

FILE: Final = "audit.db"
"""In the state directory."""
HEAD_FILE: Final = "audit.head"
"""Beside it: where the chain ends."""
LOCK_FILE: Final = "audit.lock"
"""Beside it: whoever writes holds it."""
PATIENCE_S: Final = 5.0
"""So long one waits for another process that writes."""
DAMAGED: Final = ".damaged-"
"""In the names of files that were set aside."""

WORDS: Final = Words(
    "audit log", "The next entry sets it aside and begins a new chain; keep the file that was set aside."
)

_VERSION: Final = 1
_PARTS: Final = ("-wal", "-shm", ".head")
_POLL_S: Final = 0.005
_TABLES: Final = (
    """CREATE TABLE anchor (      -- what the oldest entry that is here follows
        one INTEGER PRIMARY KEY CHECK (one = 1),
        chain TEXT NOT NULL,      -- id of the chain
        number INTEGER NOT NULL,  -- of the newest entry that was removed because of its age, or 0
        hash BLOB NOT NULL,
        mark BLOB NOT NULL        -- edged.audit.mark
    ) STRICT""",
    """CREATE TABLE entry (
        number INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,      -- UTC milliseconds
        mono INTEGER NOT NULL,    -- milliseconds of the kernel's clock
        boot TEXT NOT NULL,
        by TEXT NOT NULL,
        act TEXT NOT NULL,
        about TEXT NOT NULL,      -- JSON as it was hashed
        hash BLOB NOT NULL,
        mark BLOB NOT NULL
    ) STRICT""",
    """CREATE TRIGGER entry_stays BEFORE UPDATE ON entry
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER entry_is_kept BEFORE DELETE ON entry WHEN old.number > (SELECT number FROM anchor)
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER entry_comes_last BEFORE INSERT ON entry WHEN new.number <= (SELECT max(number) FROM entry)
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER anchor_moves_on BEFORE UPDATE ON anchor WHEN new.number <= old.number OR new.chain != old.chain
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER anchor_is_kept BEFORE DELETE ON anchor
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    f"PRAGMA user_version = {_VERSION}",
)


def open_ledger(path: Path) -> sqlite3.Connection:
    """A connection to write with, in autocommit, for one thread at a time; the file may be empty still.

    Raises:
        Corrupt: the file is damaged, or not one of ours.
        Refused: `newer_database`.
        Unavailable: no permission, no space, or locked by another process for 5 s.
    """
    with WORDS.translated(path):
        create(path)
        connection = connect(path, PATIENCE_S)
        try:
            connection.text_factory = _text
            _look(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def lay_out(connection: sqlite3.Connection) -> None:
    """Makes the tables, within a transaction of the caller's. Raises sqlite3.Error."""
    for statement in _TABLES:
        connection.execute(statement)


def is_laid_out(connection: sqlite3.Connection) -> bool:
    """Whether a chain was ever begun in the file. Raises sqlite3.Error."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0]) != 0


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Nobody else writes to the chain until the block ends. Blocks for whoever does.

    Raises:
        Unavailable: another process has been writing for 5 s, or the directory cannot be used.
    """
    with WORDS.translated(path):
        lock = path.with_name(LOCK_FILE)
        if not lock.exists():
            with private_file(lock, replace=False):
                pass
        descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
    try:
        _wait_for(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def set_aside(path: Path, now: float) -> str:
    """Moves a file, its log and its head out of the way; gives the new name of the file.

    Raises:
        OSError: the directory cannot be written.
    """
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = path.with_name(f"{path.name}{DAMAGED}{stamp}")
    number = 0
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}{DAMAGED}{stamp}-{number}")
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    head = path.with_name(HEAD_FILE)
    if head.exists():
        head.rename(aside.with_name(f"{aside.name}.head"))
    return aside.name


def last_set_aside(path: Path) -> str:
    """The name of the file that was set aside last; empty where none was."""
    names = (item.name for item in path.parent.glob(f"{path.name}{DAMAGED}*") if not item.name.endswith(_PARTS))
    return max(names, default="")


def open_to_read(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, beside those that do, in this process or another.

    Raises:
        Unavailable: there is no such file, or it cannot be read.
        Corrupt: it is damaged, or not one of ours.
        Refused: `newer_database`.
    """
    if not path.exists():
        raise Unavailable(f"there is no audit log {path}", "Has the daemon run on this machine?")
    connection = open_ledger(path)
    with WORDS.translated(path):
        connection.execute("PRAGMA query_only = ON")
    return connection


def _wait_for(descriptor: int, path: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise WORDS.locked(path) from None
            time.sleep(_POLL_S)
        else:
            return


def _look(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > _VERSION:
        raise Refused(
            "newer_database",
            f"{path} was written by a newer edged (version {version} of its layout)",
            "Install that version again, or move the file away.",
        )
    if version == _VERSION and connection.execute("SELECT count(*) FROM anchor").fetchone() != (1,):
        raise Corrupt("its anchor is missing")


def _text(data: bytes) -> str:
    """Text of any bytes: an altered row must not keep the others from being read."""
    return data.decode("utf-8", "surrogateescape")
