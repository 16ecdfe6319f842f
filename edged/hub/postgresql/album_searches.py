"""Selfie searches on the server: whose turn one is, and what was found; within somebody else's transaction."""

from __future__ import annotations

from typing import Final

from edged.hub.postgresql.database import Session, row
from edged.photos.album import Search, Turn

TURN_S: Final = 60.0
"""Whoever has not ended a search for so long has died over it: the next may."""


def state_of(session: Session, event: int, request_id: str) -> Search | None:
    """A search that is done."""
    found = row(
        session,
        "SELECT confidence, photos FROM searches WHERE event = %s AND request_id = %s AND confidence IS NOT NULL",
        *(event, request_id),
    )
    return Search(request_id, found[0], tuple(found[1])) if found else None


def begin(session: Session, event: int, request_id: str, now: float) -> Search | Turn:
    """The search where it is done, else whose turn it is: of all who ask at once, one gets it."""
    # A clock that was set back would leave a turn for longer than the minute.
    mine = row(
        session,
        "INSERT INTO searches AS s (event, request_id, begun) VALUES (%s, %s, %s)"
        " ON CONFLICT (event, request_id) DO UPDATE SET begun = excluded.begun"
        " WHERE s.confidence IS NULL AND abs(excluded.begun - s.begun) >= %s RETURNING 1",
        *(event, request_id, now, TURN_S),
    )
    if mine is not None:
        return Turn.MINE
    return state_of(session, event, request_id) or Turn.OTHERS


def finish(session: Session, event: int, search: Search, now: float) -> bool:
    """False where it was done already: that stays."""
    done = row(
        session,
        "INSERT INTO searches AS s (event, request_id, begun, confidence, photos) VALUES (%s, %s, %s, %s, %s::text[])"
        " ON CONFLICT (event, request_id) DO UPDATE"
        " SET confidence = excluded.confidence, photos = excluded.photos WHERE s.confidence IS NULL RETURNING 1",
        *(event, search.request_id, now, search.confidence, list(search.photos)),
    )
    return done is not None


def drop(session: Session, event: int, request_id: str) -> None:
    session.execute(
        "DELETE FROM searches WHERE event = %s AND request_id = %s AND confidence IS NULL", (event, request_id)
    )
