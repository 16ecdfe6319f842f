"""Rows of the photographs that make room for others."""

from __future__ import annotations

import sqlite3

from edged.photos import photo_rows
from edged.photos.kept import ChangeKind


def oldest(connection: sqlite3.Connection, now: float) -> str | None:
    """The id of the photograph that was added first to an event that is closed or over; None where there is none.

    Args:
        now: UTC seconds since the epoch.
    """
    row = connection.execute(
        "SELECT photos.id FROM photos JOIN events ON events.number = photos.event"
        " WHERE closed IS NOT NULL OR closes <= ?1 OR expires <= ?1 ORDER BY photos.added, photos.number LIMIT 1",
        (now,),
    ).fetchone()
    return row[0] if row else None


def drop(connection: sqlite3.Connection, photo: str) -> tuple[str, tuple[str, ...]] | None:
    """Deletes one here alone: a hub that has it is not told, and keeps it.

    Returns:
        The slugs of its event, and the digests of its files; None where there is none.
    """
    deleted = photo_rows.delete_photo(connection, photo)
    if deleted is None:
        return None
    # What was still to be told of it would be told as its deletion.
    connection.execute("DELETE FROM album_changes WHERE kind = ? AND id = ?", (ChangeKind.PHOTO, photo))
    _event, name, digests = deleted
    return name, tuple(digests)
