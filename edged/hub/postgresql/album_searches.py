"""Selfie searches on the server: whose turn one is, and what was found; within somebody else's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from edged.domain.person import ModelRef
from edged.hub.postgresql.album_events import COLUMNS, WIDTH
from edged.hub.postgresql.database import Session, row, rows
from edged.hub.postgresql.models import known_model
from edged.hub.postgresql.vectors import unpacked, written
from edged.photos.album import PhotoEvent
from edged.photos.search import Probe, Search, Turn
from edged.photos.stored import event_of

TURN_S: Final = 60.0
"""Whoever has not ended a search for so long has died over it: the next may."""
_SEARCH: Final = (
    "s.request_id, s.confidence, s.photos, vector_send(s.vector), s.consent, s.done, m.name, m.digest, m.dimension"
)


def state_of(session: Session, event: int, request_id: str, *, held: bool = False) -> Search | None:
    """A search that is done.

    Args:
        held: nobody changes it before this transaction ends.
    """
    lock = " FOR UPDATE OF s" if held else ""
    found = row(
        session,
        f"SELECT {_SEARCH} FROM searches s LEFT JOIN models m ON m.number = s.model"  # noqa: S608  our words
        f" WHERE s.event = %s AND s.request_id = %s AND s.confidence IS NOT NULL{lock}",
        *(event, request_id),
    )
    return _search(found) if found else None


def of_request(session: Session, request_id: str) -> Sequence[tuple[PhotoEvent, Search]]:
    """Those that are done, in whatever events."""
    found = rows(
        session,
        f"SELECT {COLUMNS}, {_SEARCH} FROM events e JOIN organisations o ON o.number = e.organisation"  # noqa: S608  our words
        " JOIN searches s ON s.event = e.number LEFT JOIN models m ON m.number = s.model"
        " WHERE s.request_id = %s AND s.confidence IS NOT NULL ORDER BY e.number",
        request_id,
    )
    return [(event_of(one[:WIDTH]), _search(one[WIDTH:])) for one in found]


def begin(session: Session, event: int, request_id: str, now: float) -> Search | Turn:
    """The search where it is done, else whose turn it is: of all who ask at once, one gets it."""
    # A clock that was set back would leave a turn for longer than the minute.
    mine = row(
        session,
        "INSERT INTO searches AS s (event, request_id, begun) VALUES (%s, %s, %s)"
        " ON CONFLICT (event, request_id) DO UPDATE SET begun = excluded.begun"
        " WHERE s.confidence IS NULL AND abs(excluded.begun - s.begun) >= %s RETURNING 1",
        *(event, request_id, now, TURN_S),
    )
    if mine is not None:
        return Turn.MINE
    return state_of(session, event, request_id) or Turn.OTHERS


def finish(session: Session, event: int, search: Search, now: float, selfie: str | None) -> bool:
    """False where it was done already: that stays. `selfie`: digest of its file, where it is kept."""
    probe = search.probe
    model = known_model(session, probe.model) if probe else None
    done = row(
        session,
        "INSERT INTO searches AS s"
        " (event, request_id, begun, confidence, photos, done, model, vector, consent, selfie)"
        " VALUES (%s, %s, %s, %s, %s::text[], %s, %s, %s::vector, %s, %s)"
        " ON CONFLICT (event, request_id) DO UPDATE"
        " SET confidence = excluded.confidence, photos = excluded.photos, done = excluded.done,"
        " model = excluded.model, vector = excluded.vector, consent = excluded.consent, selfie = excluded.selfie"
        " WHERE s.confidence IS NULL RETURNING 1",
        *(event, search.request_id, now, search.confidence, list(search.photos), search.done or now, model),
        *(written(probe.vector) if probe else None, search.consent, selfie),
    )
    return done is not None


def renew(session: Session, event: int, search: Search, now: float) -> bool:
    """False where there is none that is done. What the guest has denied meanwhile stays away."""
    done = row(
        session,
        "UPDATE searches s SET confidence = %s, done = %s, renewals = renewals + 1, photos = ARRAY(SELECT found.id"
        " FROM unnest(%s::text[]) WITH ORDINALITY AS found (id, place) WHERE NOT EXISTS (SELECT FROM denials d"
        " JOIN photos p ON p.number = d.photo WHERE d.event = s.event AND d.request_id = s.request_id"
        " AND p.id = found.id) ORDER BY found.place)"
        " WHERE event = %s AND request_id = %s AND confidence IS NOT NULL RETURNING 1",
        *(search.confidence, now, list(search.photos), event, search.request_id),
    )
    return done is not None


def renewals_of(session: Session, event: int, request_id: str) -> int:
    """How often a search was done again, or its guest said something of what it found."""
    found = row(session, "SELECT renewals FROM searches WHERE event = %s AND request_id = %s", event, request_id)
    return int(found[0]) if found else 0


def replace_with(session: Session, event: int, search: Search, renewals: int) -> None:
    """Puts what another store has found in the place of what was found here; what was kept here with it stays."""
    probe = search.probe
    session.execute(
        "UPDATE searches SET confidence = %s, photos = %s::text[], done = %s, renewals = %s, consent = %s, model = %s,"
        " vector = %s::vector WHERE event = %s AND request_id = %s",
        (
            *(search.confidence, list(search.photos), search.done, renewals, search.consent),
            known_model(session, probe.model) if probe else None,
            written(probe.vector) if probe else None,
            *(event, search.request_id),
        ),
    )


def remove(session: Session, event: int, request_id: str) -> Sequence[str] | None:
    """Deletes one with its denials; the digests of what was kept with it, or None where there is none."""
    gone = row(
        session,
        "DELETE FROM searches WHERE event = %s AND request_id = %s RETURNING selfie",
        *(event, request_id),
    )
    if gone is None:
        return None
    return [gone[0]] if gone[0] else []


def drop(session: Session, event: int, request_id: str) -> None:
    session.execute(
        "DELETE FROM searches WHERE event = %s AND request_id = %s AND confidence IS NULL", (event, request_id)
    )


def selfie_of(session: Session, event: int, request_id: str) -> str | None:
    """Digest of the photograph that was searched with; None where it is not kept."""
    found = row(session, "SELECT selfie FROM searches WHERE event = %s AND request_id = %s", event, request_id)
    return found[0] if found else None


def _search(found: Sequence[Any]) -> Search:
    request_id, confidence, photos, sent, consent, done, name, digest, dimension = found
    probe = Probe(unpacked([sent], dimension)[0], ModelRef(name, digest, dimension)) if sent is not None else None
    return Search(request_id, confidence, tuple(photos), probe, consent, done)
