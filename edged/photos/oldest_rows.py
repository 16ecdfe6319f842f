"""Rows of the photographs that make room for others."""

from __future__ import annotations

import sqlite3

from edged.photos import photo_rows
from edged.photos.kept import ChangeKind


def oldest(connection: sqlite3.Connection, now: float, told: int | None) -> str | None:
    """The id of the photograph that was added first to an event that is closed or over; None where there is none.

    Args:
        now: UTC seconds since the epoch.
        told: the number of the last change that the hub was told of: what it was not is not deleted, since nobody else
            has it. None: there is no hub.
    """
    row = connection.execute(
        "SELECT photos.id FROM photos JOIN events ON events.number = photos.event"
        " WHERE (closed IS NOT NULL OR closes <= ?1 OR expires <= ?1) AND (?2 IS NULL OR NOT EXISTS ("
        "SELECT 1 FROM album_changes AS change WHERE change.event = events.id AND kind = ?3 AND change.id = photos.id"
        " AND change.number > ?2)) ORDER BY photos.added, photos.number LIMIT 1",
        (now, told, ChangeKind.PHOTO),
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
