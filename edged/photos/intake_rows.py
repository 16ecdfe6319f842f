"""What a device knows of the files that it was to add to events: so that none is read twice, whoever is cut off."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MOST_FILES: Final = 500_000
"""So many are remembered, the latest: 100 MB."""

INTAKE_TABLES: Final = """
CREATE TABLE intake_files (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    mark TEXT NOT NULL UNIQUE,
    event TEXT NOT NULL,
    digest TEXT NOT NULL,
    fate TEXT NOT NULL,
    reason TEXT NOT NULL,
    what TEXT NOT NULL
) STRICT;
CREATE INDEX intake_files_by_digest ON intake_files (event, digest);

CREATE TABLE intake_progress (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    progress TEXT NOT NULL
) STRICT;
"""
"""`intake_files.mark` is told from a file's name, size and time, which are kept nowhere; `.digest` is of its content,
and empty once the event was purged: what came in for it stays known, so that it does not come in for another one.
`intake_progress.progress` is JSON.
"""


class Fate(StrEnum):
    """What became of a file."""

    ADDED = "added"
    DUPLICATE = "duplicate"
    """Its content was there."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FileFate:
    """What became of a file, and for which event.

    Attributes:
        event: its id; digest: lower-case hex sha256 of the file's content.
        reason: of a refusal, a stable word; what: in words.
    """

    event: str
    digest: str
    fate: Fate
    reason: str = ""
    what: str = ""


def mark_of(scope: str, name: bytes, size: int, changed_ns: int) -> str:
    """What a file is known by: 32 hex digits. Another size or time makes it another file.

    Args:
        scope: who adds it, and to what; name: its path, as the system has it.
    """
    told = b"%b\0%d\0%d\0%b" % (scope.encode(), size, changed_ns, name)
    return hashlib.sha256(told).hexdigest()[:32]


def fates(connection: sqlite3.Connection, marks: Sequence[str]) -> Mapping[str, FileFate]:
    """Of those files that are known."""
    rows = connection.execute(
        "SELECT mark, event, digest, fate, reason, what FROM intake_files"
        " WHERE mark IN (SELECT value FROM json_each(?))",
        (json.dumps(marks),),
    )
    return {mark: FileFate(event, digest, Fate(fate), *why) for mark, event, digest, fate, *why in rows}


def note(connection: sqlite3.Connection, mark: str, fate: FileFate) -> None:
    """What is known of a file by its mark is this from now on."""
    done = connection.execute(
        "INSERT OR REPLACE INTO intake_files (mark, event, digest, fate, reason, what) VALUES (?, ?, ?, ?, ?, ?)",
        (mark, fate.event, fate.digest, fate.fate, fate.reason, fate.what),
    )
    connection.execute("DELETE FROM intake_files WHERE number <= ?", ((done.lastrowid or 0) - MOST_FILES,))


def is_taken(connection: sqlite3.Connection, event: str, digest: str) -> bool:
    """Whether a file of this content came in for an event, and is there or was deleted since."""
    return (
        connection.execute(
            "SELECT 1 FROM intake_files WHERE event = ? AND digest = ? AND fate <> ?", (event, digest, Fate.REFUSED)
        ).fetchone()
        is not None
    )


def refusals(connection: sqlite3.Connection, event: str) -> Mapping[str, int]:
    """How many files were refused for an event, by reason."""
    query = "SELECT reason, count(*) FROM intake_files WHERE event = ? AND fate = ? GROUP BY reason ORDER BY reason"
    return dict(connection.execute(query, (event, Fate.REFUSED)).fetchall())


def forget_event(connection: sqlite3.Connection, event: str) -> None:
    """Of the files that came in for an event it stays known that they did, and nothing of what was in them."""
    connection.execute("UPDATE intake_files SET digest = '', what = '' WHERE event = ?", (event,))


def set_progress(connection: sqlite3.Connection, progress: str) -> None:
    connection.execute("INSERT OR REPLACE INTO intake_progress (one, progress) VALUES (1, ?)", (progress,))


def progress(connection: sqlite3.Connection) -> str:
    """JSON; empty where nothing was told yet."""
    row = connection.execute("SELECT progress FROM intake_progress").fetchone()
    return row[0] if row else ""
