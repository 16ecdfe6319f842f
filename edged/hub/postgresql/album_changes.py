"""What has changed of events, on the server: so that a booth can follow, and be told what is gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from edged.hub.postgresql.database import Session, row, rows
from edged.photos.kept import Change, ChangeKind

_ORDER: Final = 0x616C62756D  # "album"
"""Held by whoever notes changes, until they are seen."""


def note(session: Session, event: str, kind: ChangeKind, things: Sequence[str], by: str, at: float) -> None:
    """Notes that things of an event have changed: last of all in the transaction that changes them.

    Waits until nobody else is between this and the end of their transaction: so changes become visible in the order of
    their numbers, and a reader who has seen one has missed none below. Whoever waits holds what they have changed, and
    whoever is waited for waits for nothing more: hence last of all.

    Args:
        event: its id, of one that is there; things: ids of what has changed.
        by: id of who did it; at: when, UTC seconds since the epoch.
    """
    _wait_for_turn(session)
    session.execute(
        "INSERT INTO album_changes AS c (organisation, event, kind, id, by, at)"
        " SELECT o.slug, e.id, %s, things.id, %s, %s FROM events e JOIN organisations o ON o.number = e.organisation"
        " CROSS JOIN unnest(%s::text[]) WITH ORDINALITY AS things (id, place) WHERE e.id = %s ORDER BY things.place"
        " ON CONFLICT (event, kind, id) DO UPDATE SET number = excluded.number, by = excluded.by, at = excluded.at",
        (kind.value, by, at, list(things), event),
    )


def note_purge(session: Session, organisation: str, event: str, by: str, at: float) -> None:
    """Notes that an event is gone, and forgets all that was noted of it before; last of all, as `note`."""
    _wait_for_turn(session)
    session.execute("DELETE FROM album_changes WHERE event = %s", (event,))
    session.execute(
        "INSERT INTO album_changes (organisation, event, kind, id, by, at) VALUES (%s, %s, %s, %s, %s, %s)",
        (organisation, event, ChangeKind.EVENT.value, event, by, at),
    )


def since(session: Session, after: int, limit: int, *, but: str, organisation: str) -> tuple[int, Sequence[Change]]:
    """See `edged.photos.feed.AlbumFeed.changes`."""
    found = rows(
        session,
        "SELECT number, kind, event, id, by FROM album_changes WHERE number > %s AND organisation = %s"
        " ORDER BY number LIMIT %s",
        *(after, organisation, limit),
    )
    reached = int(found[-1][0]) if found else after
    return reached, [
        Change(number, ChangeKind(kind), event, thing)
        for number, kind, event, thing, by in found
        if not but or by != but
    ]


def changed_at(session: Session, event: str, kind: ChangeKind, thing: str) -> float | None:
    """When a thing last changed here, UTC seconds since the epoch; None: it never was here."""
    found = row(
        session,
        "SELECT at FROM album_changes WHERE event = %s AND kind = %s AND id = %s",
        *(event, kind.value, thing),
    )
    return float(found[0]) if found else None


def _wait_for_turn(session: Session) -> None:
    session.execute("SELECT pg_advisory_xact_lock(%s)", (_ORDER,))
