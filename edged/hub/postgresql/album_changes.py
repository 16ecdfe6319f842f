"""What has changed of events, on the server: so that a booth can follow, and be told what is gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from edged.hub.postgresql.database import Session, row, rows
from edged.photos.kept import Change, ChangeKind

_ORDER: Final = 0x616C62756D  # "album"
"""Held by whoever notes changes, until they are seen."""


def note(
    session: Session,
    event: str,
    kind: ChangeKind,
    things: Sequence[str],
    by: str,
    at: float,
    *,
    step: int = 1,
    least: int = 0,
) -> None:
    """Notes that things of an event have changed: last of all in the transaction that changes them.

    Waits until nobody else is between this and the end of their transaction: so changes become visible in the order of
    their numbers, and a reader who has seen one has missed none below. Whoever waits holds what they have changed, and
    whoever is waited for waits for nothing more: hence last of all.

    Args:
        event: its id, of one that is there; things: ids of what has changed.
        by: id of who did it, who is not told of it; at: when, UTC seconds since the epoch.
        step: how much their revisions grow; least: what these are at least from now on.
    """
    _wait_for_turn(session)
    session.execute(
        "INSERT INTO album_changes AS c (organisation, event, kind, id, by, at, revision)"
        " SELECT o.slug, e.id, %s, things.id, %s, %s, greatest(%s::bigint, %s::bigint)"
        " FROM events e JOIN organisations o ON o.number = e.organisation"
        " CROSS JOIN unnest(%s::text[]) WITH ORDINALITY AS things (id, place) WHERE e.id = %s ORDER BY things.place"
        " ON CONFLICT (event, kind, id) DO UPDATE SET number = excluded.number, by = excluded.by, at = excluded.at,"
        " revision = greatest(%s::bigint, c.revision + %s::bigint)",
        (kind.value, by, at, least, step, list(things), event, least, step),
    )


def note_more(session: Session, event: str, kind: ChangeKind, thing: str, by: str, at: float) -> None:
    """Notes that there is more of a thing, which is otherwise as it was: whoever is still to be told of that is told.

    Last of all, as `note`.
    """
    _wait_for_turn(session)
    session.execute(
        "INSERT INTO album_changes AS c (organisation, event, kind, id, by, at)"
        " SELECT organisation, event, kind, id, by, %s FROM album_changes WHERE event = %s AND kind = %s AND id = %s"
        " ON CONFLICT (event, kind, id) DO UPDATE SET number = excluded.number, at = excluded.at,"
        " by = CASE c.by WHEN %s THEN c.by ELSE '' END",
        (at, event, kind.value, thing, by),
    )


def raise_revision(session: Session, event: str, kind: ChangeKind, thing: str, revision: int) -> None:
    """A thing was changed so often elsewhere, and is as it is here."""
    session.execute(
        "UPDATE album_changes SET revision = greatest(revision, %s) WHERE event = %s AND kind = %s AND id = %s",
        (revision, event, kind.value, thing),
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


def revision_of(session: Session, event: str, kind: ChangeKind, thing: str) -> int:
    """How often a thing was changed, also one that is gone; 0: it never was here."""
    found = row(
        session,
        "SELECT revision FROM album_changes WHERE event = %s AND kind = %s AND id = %s",
        *(event, kind.value, thing),
    )
    return int(found[0]) if found else 0


def _wait_for_turn(session: Session) -> None:
    session.execute("SELECT pg_advisory_xact_lock(%s)", (_ORDER,))
