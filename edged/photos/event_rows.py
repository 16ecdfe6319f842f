"""Rows of organisations and their events."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from edged.photos.album import EventPlan, Features, Organisation, PhotoEvent, Terms
from edged.photos.kept import KeptEvent

_PLAN: Final = (
    "name, enabled, selfie_search, name_search, downloads, threshold, consent, closes, expires, keeps_selfies,"
    " keeps_originals, is_moderated, forgets_faces"
)
_OWN: Final = f"id, slug, created, closed, consent_version, photos, waiting, {_PLAN}"
_COLUMNS: Final = "organisations.slug, " + ", ".join(f"events.{column}" for column in _OWN.split(", "))
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
        f"INSERT INTO events (organisation, id, slug, created, {_PLAN})"  # noqa: S608  ours
        " SELECT number, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM organisations WHERE slug = ?"
        " ON CONFLICT DO NOTHING",
        (event_id, slug, created, *_written(plan), organisation),
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
    columns = ", ".join(f"{column} = ?" for column in _PLAN.split(", "))
    connection.execute(
        f"UPDATE events SET slug = ?, closed = ?, consent_version = ?, {columns} WHERE id = ?",  # noqa: S608  ours
        (event.slug, event.closed, event.consent_version, *_written(event.plan), event.id),
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
    columns = ", ".join(f"{column} = ?" for column in _PLAN.split(", "))
    connection.execute(f"UPDATE events SET {columns} WHERE number = ?", (*_written(plan), number))  # noqa: S608  ours


def update_closed(connection: sqlite3.Connection, number: int, closed: float | None) -> None:
    connection.execute("UPDATE events SET closed = ? WHERE number = ?", (closed, number))


def event_of(row: Sequence[Any]) -> PhotoEvent:
    """The event of a row of `JOINED`."""
    organisation, event_id, slug, created, closed, version, photos, waiting, *plan = row
    name, enabled, selfie, by_name, downloads, threshold, consent, closes, expires, *flags = plan
    features = Features(bool(enabled), bool(selfie), bool(by_name), bool(downloads))
    terms = Terms(consent, closes, expires, *map(bool, flags))
    planned = EventPlan(name, features, threshold, terms)
    return PhotoEvent(event_id, organisation, slug, planned, created, closed, version, photos, waiting)


def _written(plan: EventPlan) -> tuple[Any, ...]:
    features, terms = plan.features, plan.terms
    return (
        plan.name,
        features.enabled,
        features.selfie_search,
        features.name_search,
        features.downloads,
        plan.threshold,
        terms.consent,
        terms.closes,
        terms.expires,
        terms.keeps_selfies,
        terms.keeps_originals,
        terms.is_moderated,
        terms.forgets_faces,
    )
