"""Organisations and their events on the server, within somebody else's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, LiteralString

from edged.hub.postgresql.database import Session, only, row, rows
from edged.photos.admission import no_event
from edged.photos.album import EventPlan, Organisation, PhotoEvent
from edged.photos.kept import KeptEvent
from edged.photos.stored import PLAN, event_of, written

COLUMNS: Final[LiteralString] = (
    "e.id, o.slug, e.slug, e.created, e.closed, e.consent_version, e.photos, e.waiting, e.name, e.enabled,"
    " e.selfie_search, e.name_search, e.downloads, e.threshold, e.consent, e.closes, e.expires, e.keeps_selfies,"
    " e.keeps_originals, e.is_moderated, e.forgets_faces"
)
"""Of an event in what a statement over `events e` and `organisations o` answers: `event_of` reads them."""
WIDTH: Final = COLUMNS.count(",") + 1
_JOINED: Final = f"SELECT {COLUMNS} FROM events e JOIN organisations o ON o.number = e.organisation"  # noqa: S608  ours


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
    session: Session, event_id: str, organisation: str, slug: str, plan: EventPlan, created: float
) -> bool:
    """False where the organisation has one with that slug, or there is one with that id."""
    made = row(
        session,
        f"INSERT INTO events (organisation, id, slug, created, {PLAN})"  # noqa: S608  ours
        " SELECT number, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s"
        " FROM organisations WHERE slug = %s"
        " ON CONFLICT DO NOTHING RETURNING number",
        *(event_id, slug, created, *written(plan), organisation),
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
    return int(total), [event_of(one) for one in found]


def event(session: Session, organisation: str, slug: str) -> PhotoEvent | None:
    found = row(session, f"{_JOINED} WHERE o.slug = %s AND e.slug = %s", organisation, slug)
    return event_of(found) if found else None


def event_by_id(session: Session, event_id: str, *, held: bool = False) -> PhotoEvent | None:
    """Whoever's it is. `held`: nobody else changes it, or what is in it, before this transaction ends."""
    found = row(session, f"{_JOINED} WHERE e.id = %s{' FOR UPDATE OF e' if held else ''}", event_id)
    return event_of(found) if found else None


def put(session: Session, event: KeptEvent) -> None:
    """Makes an event as it is elsewhere, but for its organisation."""
    changes = ", ".join(f"{column} = %s" for column in PLAN.split(", "))
    session.execute(
        f"UPDATE events SET slug = %s, closed = %s, consent_version = %s, {changes} WHERE id = %s",  # noqa: S608  ours
        (event.slug, event.closed, event.consent_version, *written(event.plan), event.id),
    )


def event_number(session: Session, event: PhotoEvent) -> int:
    """Ours; 0, which no event has, where it is gone."""
    found = row(session, "SELECT number FROM events WHERE id = %s", event.id)
    return int(found[0]) if found else 0


def numbers(session: Session, known: Sequence[int]) -> frozenset[int]:
    """Those of these that there are."""
    return frozenset(number for (number,) in rows(session, "SELECT number FROM events WHERE number = ANY(%s)", known))


def held_number(session: Session, event: PhotoEvent) -> int:
    """As `event_number`; nobody purges it before this transaction ends."""
    found = row(session, "SELECT number FROM events WHERE id = %s FOR KEY SHARE", event.id)
    return int(found[0]) if found else 0


def current_event(session: Session, event: PhotoEvent) -> PhotoEvent:
    """The event as it is now. Raises Refused `no_event` where it is gone."""
    found = row(session, f"{_JOINED} WHERE e.id = %s", event.id)
    if found is None:
        raise no_event(event)
    return event_of(found)


def update_plan(session: Session, organisation: str, slug: str, plan: EventPlan) -> PhotoEvent | None:
    """Another text of consent is another version of it; None where there is no such event."""
    changes = ", ".join(f"{column} = %s" for column in PLAN.split(", "))
    session.execute(
        f"UPDATE events SET consent_version = consent_version + (consent <> %s)::integer, {changes} WHERE slug = %s"  # noqa: S608  ours
        " AND organisation = (SELECT number FROM organisations WHERE slug = %s)",
        (plan.terms.consent, *written(plan), slug, organisation),
    )
    return event(session, organisation, slug)


def update_closed(session: Session, organisation: str, slug: str, closed: float | None) -> PhotoEvent | None:
    """None where there is no such event."""
    session.execute(
        "UPDATE events SET closed = %s WHERE slug = %s"
        " AND organisation = (SELECT number FROM organisations WHERE slug = %s)",
        (closed, slug, organisation),
    )
    return event(session, organisation, slug)
