"""Rows of organisations and their events."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from edged.api.albums import Features, Organisation, PhotoEvent

_COLUMNS: Final = (
    "organisations.slug, events.slug, events.name, events.created, events.enabled, events.selfie_search,"
    " events.name_search, events.downloads, events.threshold, events.photos"
)
_JOINED: Final = f"SELECT {_COLUMNS} FROM events JOIN organisations ON organisations.number = events.organisation"  # noqa: S608  ours


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
    connection: sqlite3.Connection,
    organisation: str,
    slug: str,
    name: str,
    features: Features,
    threshold: float,
    created: float,
) -> bool:
    """False where the organisation has one with that slug."""
    done = connection.execute(
        "INSERT INTO events"
        " (organisation, slug, name, created, threshold, enabled, selfie_search, name_search, downloads)"
        " SELECT number, ?, ?, ?, ?, ?, ?, ?, ? FROM organisations WHERE slug = ? ON CONFLICT DO NOTHING",
        (slug, name, created, threshold, *_flags(features), organisation),
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
        f"{_JOINED} WHERE organisations.slug = ? ORDER BY events.number DESC LIMIT ? OFFSET ?",
        (organisation, limit, offset),
    )
    return total, [_event(row) for row in rows]


def event(connection: sqlite3.Connection, organisation: str, slug: str) -> PhotoEvent | None:
    row = connection.execute(
        f"{_JOINED} WHERE organisations.slug = ? AND events.slug = ?", (organisation, slug)
    ).fetchone()
    return _event(row) if row else None


def event_number(connection: sqlite3.Connection, event: PhotoEvent) -> int:
    """Ours; 0, which no event has, where it was deleted."""
    row = connection.execute(
        "SELECT number FROM events WHERE slug = ? AND organisation = (SELECT number FROM organisations WHERE slug = ?)",
        (event.slug, event.organisation),
    ).fetchone()
    return int(row[0]) if row else 0


def update_features(connection: sqlite3.Connection, number: int, features: Features) -> None:
    connection.execute(
        "UPDATE events SET enabled = ?, selfie_search = ?, name_search = ?, downloads = ? WHERE number = ?",
        (*_flags(features), number),
    )


def _flags(features: Features) -> tuple[bool, bool, bool, bool]:
    return features.enabled, features.selfie_search, features.name_search, features.downloads


def _event(row: tuple[Any, ...]) -> PhotoEvent:
    organisation, slug, name, created, enabled, selfie, by_name, downloads, threshold, photos = row
    features = Features(bool(enabled), bool(selfie), bool(by_name), bool(downloads))
    return PhotoEvent(organisation, slug, name, created, features, threshold, photos)
