"""Rows of what has changed: so that another store of the same events can follow, and be told what is gone."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from edged.photos.kept import Change, ChangeKind


def note(
    connection: sqlite3.Connection,
    event: int,
    kind: ChangeKind,
    thing: str,
    by: str,
    at: float,
    *,
    step: int = 1,
    least: int = 0,
) -> None:
    """Notes that a thing of an event has changed, in the transaction that changes it.

    Args:
        event: number of the event; thing: id of what has changed.
        by: id of who did it, who is not told of it; at: when, UTC seconds since the epoch.
        step: how much its revision grows; least: what that is at least from now on.
    """
    connection.execute(
        "INSERT OR REPLACE INTO album_changes (organisation, event, kind, id, by, at, revision)"
        " SELECT organisations.slug, events.id, ?1, ?2, ?3, ?4, max(?6, ?7 + coalesce("
        "(SELECT revision FROM album_changes AS former WHERE former.event = events.id AND kind = ?1 AND id = ?2), 0))"
        " FROM events JOIN organisations ON organisations.number = events.organisation WHERE events.number = ?5",
        (kind, thing, by, at, event, least, step),
    )


def note_more(connection: sqlite3.Connection, event: str, kind: ChangeKind, thing: str, by: str, at: float) -> None:
    """Notes that there is more of a thing, which is otherwise as it was: whoever is still to be told of that is told.

    Args:
        event: id of the event.
    """
    connection.execute(
        "INSERT OR REPLACE INTO album_changes (organisation, event, kind, id, by, at, revision)"
        " SELECT organisation, event, kind, id, iif(by = ?1, by, ''), ?2, revision FROM album_changes"
        " WHERE event = ?3 AND kind = ?4 AND id = ?5",
        (by, at, event, kind, thing),
    )


def raise_revision(connection: sqlite3.Connection, event: str, kind: ChangeKind, thing: str, revision: int) -> None:
    """A thing was changed so often elsewhere, and is as it is here."""
    connection.execute(
        "UPDATE album_changes SET revision = max(revision, ?) WHERE event = ? AND kind = ? AND id = ?",
        (revision, event, kind, thing),
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


def revision_of(connection: sqlite3.Connection, event: str, kind: ChangeKind, thing: str) -> int:
    """How often a thing was changed, also one that is gone; 0: it never was here."""
    row = connection.execute(
        "SELECT revision FROM album_changes WHERE event = ? AND kind = ? AND id = ?", (event, kind, thing)
    ).fetchone()
    return int(row[0]) if row else 0
