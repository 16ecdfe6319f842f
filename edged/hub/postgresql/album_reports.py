"""Rows of what guests reported, on the server; within somebody else's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from edged.hub.postgresql import album_photos
from edged.hub.postgresql.database import Session, row, rows
from edged.photos.photo import Standing
from edged.photos.report import MOST_HIDING, MOST_REPORTS, Report, ReportReason

_SELECT: Final = "SELECT p.id, r.reason, r.at, r.hides, r.request_id FROM reports r JOIN photos p ON p.number = r.photo"


def find(session: Session, event: int, request_id: str, photo: str) -> Report | None:
    """What a search has reported of a photograph."""
    query = f"{_SELECT} WHERE r.event = %s AND r.request_id = %s AND p.id = %s"
    found = row(session, query, event, request_id, photo)
    return _report(found) if found else None


def insert(
    session: Session, event: int, request_id: str, photo: str, reason: ReportReason, now: float
) -> Report | None:
    """Notes a report that is not there yet, and takes the photograph away where it does.

    Args:
        session: within a transaction that holds the search.

    Returns:
        It; None where the photograph is gone, or the search has reported enough.
    """
    found = row(session, "SELECT number, standing FROM photos WHERE event = %s AND id = %s FOR UPDATE", event, photo)
    counted = row(session, "SELECT count(*) FROM reports WHERE event = %s AND request_id = %s", event, request_id)
    count = int(counted[0]) if counted else 0
    if found is None or count >= MOST_REPORTS:
        return None
    number, standing = found
    was_hidden = row(session, "SELECT 1 FROM reports WHERE photo = %s AND hides LIMIT 1", number)
    hides = standing == Standing.SHOWN.value and was_hidden is None and count < MOST_HIDING
    session.execute(
        "INSERT INTO reports (event, photo, request_id, reason, at, hides) VALUES (%s, %s, %s, %s, %s, %s)",
        (event, number, request_id, reason.value, now, hides),
    )
    if hides:
        album_photos.set_standing(session, event, photo, Standing.WAITING)
    return Report(photo, reason, now, hides, request_id)


def all_of(session: Session, event: int) -> Sequence[Report]:
    """Of an event, the latest first."""
    return [_report(one) for one in rows(session, f"{_SELECT} WHERE r.event = %s ORDER BY r.number DESC", event)]


def forget(session: Session, event: int, requests: Sequence[str]) -> None:
    """Nobody knows any more whose these searches' reports were; what was reported stays."""
    session.execute(
        "UPDATE reports SET request_id = NULL WHERE event = %s AND request_id = ANY(%s::text[])",
        (event, list(requests)),
    )


def _report(found: Sequence[Any]) -> Report:
    photo, reason, at, hides, request_id = found
    return Report(photo, ReportReason(reason), at, hides, request_id)
