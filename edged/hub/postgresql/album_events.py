"""Organisations and their events on the server, within somebody else's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from edged.hub.postgresql.database import Session, only, row, rows
from edged.photos.album import Features, Organisation, PhotoEvent

_JOINED: Final = """
    SELECT o.slug, e.slug, e.name, e.created, e.enabled, e.selfie_search, e.name_search, e.downloads, e.threshold,
        e.photos
    FROM events e JOIN organisations o ON o.number = e.organisation
"""


def insert_organisation(session: Session, slug: str, name: str) -> bool:
    """False where there is one with that slug."""
    made = row(
        session,
        "INSERT INTO organisations (slug, name) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING number",
        *(slug, name),
    )
    return made is not None


def organisations(session: Session) -> Sequence[Organisation]:
    return [Organisation(*found) for found in rows(session, "SELECT slug, name FROM organisations ORDER BY slug")]


def organisation(session: Session, slug: str) -> Organisation | None:
    found = row(session, "SELECT slug, name FROM organisations WHERE slug = %s", slug)
    return Organisation(*found) if found else None


def insert_event(
    session: Session,
    organisation: str,
    slug: str,
    name: str,
    features: Features,
    threshold: float,
    created: float,
) -> bool:
    """False where the organisation has one with that slug."""
    made = row(
        session,
        "INSERT INTO events"
        " (organisation, slug, name, created, threshold, enabled, selfie_search, name_search, downloads)"
        " SELECT number, %s, %s, %s, %s, %s, %s, %s, %s FROM organisations WHERE slug = %s"
        " ON CONFLICT DO NOTHING RETURNING number",
        *(slug, name, created, threshold, *_flags(features), organisation),
    )
    return made is not None


def events(session: Session, organisation: str, offset: int, limit: int) -> tuple[int, Sequence[PhotoEvent]]:
    """How many an organisation has, and some of them, the newest first."""
    total = only(
        session,
        "SELECT count(*) FROM events e JOIN organisations o ON o.number = e.organisation WHERE o.slug = %s",
        organisation,
    )
    found = rows(
        session,
        f"{_JOINED} WHERE o.slug = %s ORDER BY e.number DESC LIMIT %s OFFSET %s",
        *(organisation, limit, offset),
    )
    return int(total), [_event(one) for one in found]


def event(session: Session, organisation: str, slug: str) -> PhotoEvent | None:
    found = row(session, f"{_JOINED} WHERE o.slug = %s AND e.slug = %s", organisation, slug)
    return _event(found) if found else None


def event_number(session: Session, event: PhotoEvent) -> int:
    """Ours; 0, which no event has, where it was deleted."""
    found = row(
        session,
        "SELECT e.number FROM events e JOIN organisations o ON o.number = e.organisation"
        " WHERE o.slug = %s AND e.slug = %s",
        *(event.organisation, event.slug),
    )
    return int(found[0]) if found else 0


def held_event(session: Session, event: PhotoEvent) -> int:
    """As `event_number`; nobody deletes it before this transaction ends."""
    number = event_number(session, event)
    there = row(session, "SELECT number FROM events WHERE number = %s FOR KEY SHARE", number)
    return number if there else 0


def update_features(session: Session, organisation: str, slug: str, features: Features) -> PhotoEvent | None:
    """None where there is no such event."""
    session.execute(
        "UPDATE events SET enabled = %s, selfie_search = %s, name_search = %s, downloads = %s WHERE slug = %s"
        " AND organisation = (SELECT number FROM organisations WHERE slug = %s)",
        (*_flags(features), slug, organisation),
    )
    return event(session, organisation, slug)


def _flags(features: Features) -> tuple[bool, bool, bool, bool]:
    return features.enabled, features.selfie_search, features.name_search, features.downloads


def _event(found: Sequence[Any]) -> PhotoEvent:
    organisation, slug, name, created, enabled, selfie, by_name, downloads, threshold, photos = found
    features = Features(enabled, selfie, by_name, downloads)
    return PhotoEvent(organisation, slug, name, created, features, threshold, photos)
