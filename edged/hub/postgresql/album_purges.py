"""Ending events on the server, and what is left of them; within somebody else's transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from edged.hub.postgresql.album_events import event
from edged.hub.postgresql.album_photos import digests_of, originals, tally, unused
from edged.hub.postgresql.database import Session, only, row, rows
from edged.photos.album import Doer, Purge, Tally
from edged.photos.purge_mark import left_of

_COLUMNS: Final = "event, organisation, slug, name, at, tally, digests, report, salt, done_by, files"


def purge(session: Session, organisation: str, slug: str, now: float, by: Doer) -> tuple[Purge, Sequence[str]] | None:
    """Deletes an event with everything: what is left of it, and the digests of the files it had; None: there is none.

    Waits for whoever adds something to it just now.
    """
    number = row(
        session,
        "SELECT e.number FROM events e JOIN organisations o ON o.number = e.organisation"
        " WHERE o.slug = %s AND e.slug = %s FOR UPDATE OF e",
        *(organisation, slug),
    )
    ended = event(session, organisation, slug)
    if number is None or ended is None:
        return None
    counted, photographs = tally(session, number[0]), originals(session, number[0])
    digests = digests_of(session, number[0])
    session.execute("DELETE FROM events WHERE number = %s", number)
    left = left_of(ended, counted, photographs, files=len(unused(session, digests)), at=now, by=by)
    session.execute(
        f"INSERT INTO purges ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s::text[], %s, %s, %s, %s)",  # noqa: S608  ours
        (
            left.event,
            left.organisation,
            left.slug,
            left.name,
            left.at,
            json.dumps(asdict(left.tally)),
            list(left.digests),
            left.report,
            left.salt,
            left.by,
            left.files,
        ),
    )
    return left, digests


def is_purged(session: Session, event_id: str) -> bool:
    """Whether an event of this id was purged: asked after one was inserted, which waits for whoever purges it."""
    return bool(only(session, "SELECT EXISTS (SELECT FROM purges WHERE event = %s)", event_id))


def events(session: Session) -> Sequence[str]:
    """Their ids."""
    return [event for (event,) in rows(session, "SELECT event FROM purges")]


def purges(session: Session, organisation: str | None) -> Sequence[Purge]:
    """Of an organisation, or of all; the latest first."""
    found = rows(
        session,
        f"SELECT {_COLUMNS} FROM purges WHERE %s::text IS NULL OR organisation = %s ORDER BY at DESC, event",  # noqa: S608  ours
        *(organisation, organisation),
    )
    return [
        Purge(event_id, owner, slug, name, at, Tally(**json.loads(counts)), tuple(digests), *left)
        for event_id, owner, slug, name, at, counts, digests, *left in found
    ]


def sign(session: Session, event_id: str, report: str) -> None:
    session.execute("UPDATE purges SET report = %s WHERE event = %s", (report, event_id))
