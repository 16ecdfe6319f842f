"""The file `access.db`: who carries and knows what, who is blocked, and how things stand at the doors."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from edged.domain.errors import Unsupported
from edged.vault.database_file import Words, connect, create, transaction

BUSY_S: Final = 5.0

WORDS: Final = Words(
    "list of codes and passes",
    "Move it away, restart edged, and give out codes, passes and blocks anew. Nobody passes by a code until then.",
)

_STEPS: Final = (
    """
    CREATE TABLE codes (
        person TEXT NOT NULL,
        factor TEXT NOT NULL,
        digest BLOB NOT NULL UNIQUE,
        set_at REAL NOT NULL,
        PRIMARY KEY (person, factor)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE passes (
        id TEXT PRIMARY KEY,
        digest BLOB NOT NULL UNIQUE,
        name TEXT NOT NULL,
        doors TEXT NOT NULL,
        valid_from REAL NOT NULL,
        valid_until REAL NOT NULL,
        uses_left INTEGER,
        person TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX passes_by_person ON passes (person);
    CREATE TABLE blocked (
        person TEXT PRIMARY KEY,
        why TEXT NOT NULL,
        at REAL NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE standing (
        only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
        content BLOB NOT NULL
    ) STRICT;
    CREATE TABLE resets (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        area TEXT NOT NULL,
        by TEXT NOT NULL,
        at REAL NOT NULL
    ) STRICT;
    """,
)
"""Step n takes a file from `user_version` n to n + 1. Once released, steps are only ever added at the end."""


def open_file(path: Path) -> sqlite3.Connection:
    """A connection to the file, which is made where there is none; readable by its owner only.

    Raises:
        Corrupt: it is damaged.
        Unsupported: a newer edged wrote it.
        Unavailable: no permission, no space, or locked by another process for 5 s.
    """
    with WORDS.translated(path):
        create(path)
        connection = connect(path, BUSY_S)
        try:
            _verify(connection, path)
            _bring_up_to_date(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _verify(connection: sqlite3.Connection, path: Path) -> None:
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise WORDS.damaged(path, verdict)


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    if _version(connection, path) == len(_STEPS):
        return
    with transaction(connection, "BEGIN IMMEDIATE"):
        for step in _STEPS[_version(connection, path) :]:
            for statement in step.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(_STEPS)}")


def _version(connection: sqlite3.Connection, path: Path) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(_STEPS):
        raise Unsupported(f"{path} was written by a newer edged", "Install that version again.")
    return int(version)
