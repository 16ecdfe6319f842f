"""Rows of organisations and their events."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from edged.photos.album import EventPlan, Organisation, PhotoEvent
from edged.photos.kept import KeptEvent
from edged.photos.stored import PLAN, event_of, written

_OWN: Final = f"slug, created, closed, consent_version, photos, waiting, {PLAN}"
_COLUMNS: Final = "events.id, organisations.slug, " + ", ".join(f"events.{column}" for column in _OWN.split(", "))
JOINED: Final = f"SELECT {_COLUMNS} FROM events JOIN organisations ON organisations.number = events.organisation"  # noqa: S608  ours
"""Ends before the conditions; its rows are read by `event_of`."""
WIDTH: Final = _COLUMNS.count(",") + 1


def insert_organisation(connection: sqlite3.Connection, slug: str, name: str) -> bool:
    """False where there is one with that slug."""
    done = connection.execute(
        "INSERT INTO organisations (slug, name) VALUES (?, ?) ON CONFLICT DO NOTHING", (slug, name)
    )
    return done.rowcount == 1


def organisations(connection: sqlite3.Connection) -> Sequence[Organisation]:
    return [Organisation(*row) for row in connection.execute("SELECT slug, name FROM organisations ORDER BY slug")]


def organisation(connection: sqlite3.Connection, slug: str) -> Organisation | None:
    row = connection.execute("SELECT slug, name FROM organisations WHERE slug = ?", (slug,)).fetchone()
    return Organisation(*row) if row else None


def insert_event(
    connection: sqlite3.Connection, event_id: str, organisation: str, slug: str, plan: EventPlan, created: float
) -> bool:
    """False where the organisation has one with that slug, or there is one with that id."""
    done = connection.execute(
        f"INSERT INTO events (organisation, id, slug, created, {PLAN})"  # noqa: S608  ours
        " SELECT number, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM organisations WHERE slug = ?"
        " ON CONFLICT DO NOTHING",
        (event_id, slug, created, *written(plan), organisation),
    )
    return done.rowcount == 1


def events(
    connection: sqlite3.Connection, organisation: str, offset: int, limit: int
) -> tuple[int, Sequence[PhotoEvent]]:
    """How many an organisation has, and some of them, the newest first."""
    (total,) = connection.execute(
        "SELECT count(*) FROM events WHERE organisation = (SELECT number FROM organisations WHERE slug = ?)",
        (organisation,),
    ).fetchone()
    rows = connection.execute(
        f"{JOINED} WHERE organisations.slug = ? ORDER BY events.number DESC LIMIT ? OFFSET ?",
        (organisation, limit, offset),
    )
    return total, [event_of(row) for row in rows]


def event(connection: sqlite3.Connection, organisation: str, slug: str) -> PhotoEvent | None:
    row = connection.execute(
        f"{JOINED} WHERE organisations.slug = ? AND events.slug = ?", (organisation, slug)
    ).fetchone()
    return event_of(row) if row else None


def event_by_id(connection: sqlite3.Connection, event_id: str) -> PhotoEvent | None:
    row = connection.execute(f"{JOINED} WHERE events.id = ?", (event_id,)).fetchone()
    return event_of(row) if row else None


def put(connection: sqlite3.Connection, event: KeptEvent) -> None:
    """Makes an event as it is elsewhere, but for its organisation."""
    columns = ", ".join(f"{column} = ?" for column in PLAN.split(", "))
    connection.execute(
        f"UPDATE events SET slug = ?, closed = ?, consent_version = ?, {columns} WHERE id = ?",  # noqa: S608  ours
        (event.slug, event.closed, event.consent_version, *written(event.plan), event.id),
    )


def event_number(connection: sqlite3.Connection, event: PhotoEvent) -> int:
    """Ours; 0, which no event has, where it is gone."""
    row = connection.execute("SELECT number FROM events WHERE id = ?", (event.id,)).fetchone()
    return int(row[0]) if row else 0


def numbers(connection: sqlite3.Connection) -> frozenset[int]:
    """Of all events."""
    return frozenset(row[0] for row in connection.execute("SELECT number FROM events"))


def update_plan(connection: sqlite3.Connection, number: int, plan: EventPlan) -> None:
    """Another text of consent is another version of it."""
    connection.execute(
        "UPDATE events SET consent_version = consent_version + (consent <> ?) WHERE number = ?",
        (plan.terms.consent, number),
    )
    columns = ", ".join(f"{column} = ?" for column in PLAN.split(", "))
    connection.execute(f"UPDATE events SET {columns} WHERE number = ?", (*written(plan), number))  # noqa: S608  ours


def update_closed(connection: sqlite3.Connection, number: int, closed: float | None) -> None:
    connection.execute("UPDATE events SET closed = ? WHERE number = ?", (closed, number))
