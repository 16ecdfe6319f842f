"""Rows of the events that were purged: what is left of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from edged.photos.album import Purge, Tally

_COLUMNS: Final = "event, organisation, slug, name, at, tally, digests, report, salt, done_by, files"


def insert(connection: sqlite3.Connection, purge: Purge) -> None:
    connection.execute(
        f"INSERT INTO purges ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608  ours
        (
            purge.event,
            purge.organisation,
            purge.slug,
            purge.name,
            purge.at,
            json.dumps(asdict(purge.tally)),
            "\n".join(purge.digests),
            purge.report,
            purge.salt,
            purge.by,
            purge.files,
        ),
    )


def is_purged(connection: sqlite3.Connection, event: str) -> bool:
    return connection.execute("SELECT 1 FROM purges WHERE event = ?", (event,)).fetchone() is not None


def of_event(connection: sqlite3.Connection, event: str) -> Purge | None:
    """By the event's id."""
    query = f"SELECT {_COLUMNS} FROM purges WHERE event = ?"  # noqa: S608  ours
    row = connection.execute(query, (event,)).fetchone()
    return _purge(row) if row else None


def all_of(connection: sqlite3.Connection, organisation: str | None) -> Sequence[Purge]:
    """Of an organisation, or of all; the latest first."""
    query = f"SELECT {_COLUMNS} FROM purges WHERE ?1 IS NULL OR organisation = ?1 ORDER BY at DESC, event"  # noqa: S608  ours
    return [_purge(row) for row in connection.execute(query, (organisation,))]


def events(connection: sqlite3.Connection) -> Sequence[str]:
    """Their ids."""
    return [row[0] for row in connection.execute("SELECT event FROM purges")]


def unsigned(connection: sqlite3.Connection) -> Sequence[Purge]:
    """Those that have no report yet, the one that has waited longest first. Asked many times a minute."""
    query = f"SELECT {_COLUMNS} FROM purges WHERE report = '' ORDER BY at, event DESC"  # noqa: S608  ours
    return [_purge(row) for row in connection.execute(query)]


def sign(connection: sqlite3.Connection, event: str, report: str) -> None:
    connection.execute("UPDATE purges SET report = ? WHERE event = ?", (report, event))


def _purge(row: Sequence[Any]) -> Purge:
    event, owner, slug, name, at, tally, digests, *left = row
    return Purge(event, owner, slug, name, at, Tally(**json.loads(tally)), tuple(digests.split()), *left)
