"""Rows of what has changed: so that another store of the same events can follow, and be told what is gone."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from edged.photos.kept import Change, ChangeKind


def note(connection: sqlite3.Connection, event: int, kind: ChangeKind, thing: str, by: str, at: float) -> None:
    """Notes that a thing of an event has changed, in the transaction that changes it.

    Args:
        event: number of the event; thing: id of what has changed.
        by: id of who did it; at: when, UTC seconds since the epoch.
    """
    connection.execute(
        "INSERT OR REPLACE INTO album_changes (organisation, event, kind, id, by, at)"
        " SELECT organisations.slug, events.id, ?, ?, ?, ? FROM events"
        " JOIN organisations ON organisations.number = events.organisation WHERE events.number = ?",
        (kind, thing, by, at, event),
    )


def note_purge(connection: sqlite3.Connection, organisation: str, event: str, by: str, at: float) -> None:
    """Notes that an event is gone, and forgets all that was noted of it before."""
    connection.execute("DELETE FROM album_changes WHERE event = ?", (event,))
    connection.execute(
        "INSERT INTO album_changes (organisation, event, kind, id, by, at) VALUES (?, ?, ?, ?, ?, ?)",
        (organisation, event, ChangeKind.EVENT, event, by, at),
    )


def since(
    connection: sqlite3.Connection, after: int, limit: int, *, but: str, organisation: str
) -> tuple[int, Sequence[Change]]:
    """See `edged.photos.feed.AlbumFeed.changes`."""
    rows = connection.execute(
        "SELECT number, kind, event, id, by FROM album_changes WHERE number > ? AND organisation = ?"
        " ORDER BY number LIMIT ?",
        (after, organisation, limit),
    ).fetchall()
    reached = rows[-1][0] if rows else after
    return reached, [
        Change(number, ChangeKind(kind), event, thing)
        for number, kind, event, thing, by in rows
        if not but or by != but
    ]


def changed_at(connection: sqlite3.Connection, event: str, kind: ChangeKind, thing: str) -> float | None:
    """When a thing last changed here, UTC seconds since the epoch; None: it never was here."""
    row = connection.execute(
        "SELECT at FROM album_changes WHERE event = ? AND kind = ? AND id = ?", (event, kind, thing)
    ).fetchone()
    return float(row[0]) if row else None
