"""Rows of selfie searches: whose turn one is, and what was found."""

from __future__ import annotations

import sqlite3
from typing import Final

from edged.api.albums import Search, Turn

TURN_S: Final = 60.0
"""Whoever has not ended a search for so long has died over it: the next may."""


def state_of(connection: sqlite3.Connection, event: int, request_id: str, now: float) -> Search | Turn | None:
    """A search that is done, that it is somebody's turn, or None where it is nobody's."""
    row = connection.execute(
        "SELECT begun, confidence, photos FROM searches WHERE event = ? AND request_id = ?", (event, request_id)
    ).fetchone()
    if row is None:
        return None
    begun, confidence, photos = row
    if confidence is not None:
        return Search(request_id, confidence, tuple(photos.split()))
    # A clock that was set back would leave a turn for longer than the minute.
    return Turn.OTHERS if abs(now - begun) < TURN_S else None


def take_turn(connection: sqlite3.Connection, event: int, request_id: str, now: float) -> None:
    connection.execute(
        "INSERT INTO searches (event, request_id, begun) VALUES (?, ?, ?)"
        " ON CONFLICT (event, request_id) DO UPDATE SET begun = excluded.begun",
        (event, request_id, now),
    )


def finish(connection: sqlite3.Connection, event: int, search: Search, now: float) -> bool:
    """False where it was done already: that stays."""
    done = connection.execute(
        "INSERT INTO searches (event, request_id, begun, confidence, photos) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (event, request_id) DO UPDATE SET confidence = excluded.confidence, photos = excluded.photos"
        " WHERE confidence IS NULL",
        (event, search.request_id, now, search.confidence, "\n".join(search.photos)),
    )
    return done.rowcount == 1


def drop(connection: sqlite3.Connection, event: int, request_id: str) -> None:
    connection.execute(
        "DELETE FROM searches WHERE event = ? AND request_id = ? AND confidence IS NULL", (event, request_id)
    )
