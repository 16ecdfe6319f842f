"""Rows of what guests reported."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from edged.photos.photo import Standing
from edged.photos.photo_rows import set_standing
from edged.photos.report import MOST_HIDING, MOST_REPORTS, Report, ReportReason


def find(connection: sqlite3.Connection, event: int, request_id: str, photo: str) -> Report | None:
    """What a search has reported of a photograph."""
    row = connection.execute(
        "SELECT photos.id, reason, at, hides, request_id FROM reports JOIN photos ON photos.number = photo"
        " WHERE reports.event = ? AND request_id = ? AND photos.id = ?",
        (event, request_id, photo),
    ).fetchone()
    return _report(row) if row else None


def insert(
    connection: sqlite3.Connection, event: int, request_id: str, photo: str, reason: ReportReason, now: float
) -> Report | None:
    """Notes a report that is not there yet, and takes the photograph away where it does.

    Returns:
        It; None where the photograph is gone, or the search has reported enough.
    """
    query = (
        "SELECT photos.number, standing, EXISTS (SELECT 1 FROM reports WHERE photo = photos.number AND hides),"
        " (SELECT count(*) FROM reports WHERE event = ?1 AND request_id = ?3)"
        " FROM photos WHERE event = ?1 AND id = ?2"
    )
    found = connection.execute(query, (event, photo, request_id)).fetchone()
    if found is None or found[3] >= MOST_REPORTS:
        return None
    number, standing, was_hidden, count = found
    hides = standing == Standing.SHOWN and not was_hidden and count < MOST_HIDING
    connection.execute(
        "INSERT INTO reports (event, photo, request_id, reason, at, hides) VALUES (?, ?, ?, ?, ?, ?)",
        (event, number, request_id, reason, now, hides),
    )
    if hides:
        set_standing(connection, event, photo, Standing.WAITING)
    return Report(photo, reason, now, hides, request_id)


def all_of(connection: sqlite3.Connection, event: int) -> Sequence[Report]:
    """Of an event, the latest first."""
    rows = connection.execute(
        "SELECT photos.id, reason, at, hides, request_id FROM reports JOIN photos ON photos.number = photo"
        " WHERE reports.event = ? ORDER BY reports.number DESC",
        (event,),
    )
    return [_report(row) for row in rows]


def forget(connection: sqlite3.Connection, event: int, requests: Sequence[str]) -> None:
    """Nobody knows any more whose these searches' reports were; what was reported stays."""
    connection.execute(
        "UPDATE reports SET request_id = NULL WHERE event = ? AND request_id IN (SELECT value FROM json_each(?))",
        (event, json.dumps(requests)),
    )


def _report(row: Sequence[Any]) -> Report:
    photo, reason, at, hides, request_id = row
    return Report(photo, ReportReason(reason), at, bool(hides), request_id)
