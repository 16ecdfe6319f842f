"""Rows of selfie searches: whose turn one is, what was found, and what guests said about it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.person import ModelRef
from edged.photos.album import PhotoEvent
from edged.photos.event_rows import JOINED, WIDTH
from edged.photos.photo_rows import known_model
from edged.photos.search import Probe, Search, Turn
from edged.photos.sign_off import Searched
from edged.photos.stored import event_of

TURN_S: Final = 60.0
"""Whoever has not ended a search for so long has died over it: the next may."""
_COLUMNS: Final = (
    "request_id, begun, confidence, searches.photos, vector, searches.consent, done, models.name, models.digest,"
    " models.dimension"
)
_FROM: Final = "FROM searches LEFT JOIN models ON models.number = model"


def state_of(connection: sqlite3.Connection, event: int, request_id: str, now: float) -> Search | Turn | None:
    """A search that is done, that it is somebody's turn, or None where it is nobody's."""
    row = connection.execute(
        f"SELECT {_COLUMNS} {_FROM} WHERE event = ? AND request_id = ?",
        (event, request_id),
    ).fetchone()
    if row is None:
        return None
    if row[2] is not None:
        return _search(row)
    # A clock that was set back would leave a turn for longer than the minute.
    return Turn.OTHERS if abs(now - row[1]) < TURN_S else None


def of_request(connection: sqlite3.Connection, request_id: str) -> Sequence[tuple[PhotoEvent, Search]]:
    """Those that are done, in whatever events."""
    head, tail = JOINED.split(" FROM ", 1)
    rows = connection.execute(
        f"{head}, {_COLUMNS} FROM {tail} JOIN searches ON searches.event = events.number"
        " LEFT JOIN models ON models.number = model WHERE request_id = ? AND confidence IS NOT NULL",
        (request_id,),
    )
    return [(event_of(row[:WIDTH]), _search(row[WIDTH:])) for row in rows]


def take_turn(connection: sqlite3.Connection, event: int, request_id: str, now: float) -> None:
    connection.execute(
        "INSERT INTO searches (event, request_id, begun) VALUES (?, ?, ?)"
        " ON CONFLICT (event, request_id) DO UPDATE SET begun = excluded.begun",
        (event, request_id, now),
    )


def finish(connection: sqlite3.Connection, event: int, search: Search, now: float, selfie: str | None) -> bool:
    """False where it was done already: that stays. `selfie`: digest of its file, where it is kept."""
    probe = search.probe
    model = known_model(connection, probe.model) if probe else None
    vector = probe.vector.astype("<f4").tobytes() if probe else None
    done = connection.execute(
        "INSERT INTO searches (event, request_id, begun, confidence, photos, done, model, vector, consent, selfie)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (event, request_id) DO UPDATE SET confidence = excluded.confidence, photos = excluded.photos,"
        " done = excluded.done, model = excluded.model, vector = excluded.vector, consent = excluded.consent,"
        " selfie = excluded.selfie WHERE confidence IS NULL",
        (
            event,
            search.request_id,
            now,
            search.confidence,
            "\n".join(search.photos),
            search.done or now,
            model,
            vector,
            search.consent,
            selfie,
        ),
    )
    return done.rowcount == 1


def renew(connection: sqlite3.Connection, event: int, search: Search, now: float) -> bool:
    """False where there is none that is done. What the guest has denied meanwhile stays away."""
    query = "SELECT id FROM denials JOIN photos ON photos.number = photo WHERE denials.event = ? AND request_id = ?"
    denied = {row[0] for row in connection.execute(query, (event, search.request_id))}
    photos = "\n".join(photo for photo in search.photos if photo not in denied)
    done = connection.execute(
        "UPDATE searches SET confidence = ?, photos = ?, done = ?, renewals = renewals + 1"
        " WHERE event = ? AND request_id = ? AND confidence IS NOT NULL",
        (search.confidence, photos, now, event, search.request_id),
    )
    return done.rowcount == 1


def searched(connection: sqlite3.Connection, event: int) -> Sequence[Searched]:
    """Those that were done, the oldest first."""
    rows = connection.execute(
        "SELECT done, photos, consent, vector IS NOT NULL FROM searches WHERE event = ? AND confidence IS NOT NULL"
        " ORDER BY done, request_id",
        (event,),
    )
    return [Searched(done, len(photos.split()), consent, bool(has_face)) for done, photos, consent, has_face in rows]


def drop(connection: sqlite3.Connection, event: int, request_id: str) -> None:
    connection.execute(
        "DELETE FROM searches WHERE event = ? AND request_id = ? AND confidence IS NULL", (event, request_id)
    )


def deny(connection: sqlite3.Connection, event: int, search: Search, photo: str) -> bool:
    """False where the search did not find the photograph, or it is gone."""
    if photo not in search.photos:
        return False
    noted = connection.execute(
        "INSERT INTO denials (event, request_id, photo) SELECT ?, ?, number FROM photos WHERE event = ?1 AND id = ?"
        " ON CONFLICT DO NOTHING",
        (event, search.request_id, photo),
    )
    left = "\n".join(one for one in search.photos if one != photo)
    connection.execute(
        "UPDATE searches SET photos = ?, renewals = renewals + 1 WHERE event = ? AND request_id = ?",
        (left, event, search.request_id),
    )
    return noted.rowcount == 1


def withdraw_denial(connection: sqlite3.Connection, event: int, search: Search, photo: str) -> bool:
    """False where the guest of this search did not deny the photograph, or it is gone."""
    gone = connection.execute(
        "DELETE FROM denials WHERE event = ?1 AND request_id = ?2"
        " AND photo = (SELECT number FROM photos WHERE event = ?1 AND id = ?3)",
        (event, search.request_id, photo),
    )
    if gone.rowcount != 1:
        return False
    connection.execute(
        "UPDATE searches SET photos = ?, renewals = renewals + 1 WHERE event = ? AND request_id = ?",
        ("\n".join((*search.photos, photo)), event, search.request_id),
    )
    return True


def denied(
    connection: sqlite3.Connection, event: int, model: ModelRef, vector: NDArray[np.float32], least: float
) -> frozenset[int]:
    """Numbers of the photographs of which somebody with a face like this has said that it is not them."""
    rows = connection.execute(
        "SELECT photo, vector FROM denials JOIN searches USING (event, request_id)"
        " WHERE event = ? AND model = (SELECT number FROM models WHERE digest = ?)",
        (event, model.digest),
    ).fetchall()
    near = _near([row[1] for row in rows], vector, least)
    return frozenset(row[0] for row, is_near in zip(rows, near, strict=True) if is_near)


def alike(connection: sqlite3.Connection, event: int, search: Search, least: float) -> Sequence[str]:
    """The searches that were done with a face like this one's, itself first."""
    found = [search.request_id]
    if search.probe is None:
        return found
    rows = connection.execute(
        "SELECT request_id, vector FROM searches WHERE event = ? AND request_id <> ? AND vector IS NOT NULL"
        " AND model = (SELECT number FROM models WHERE digest = ?)",
        (event, search.request_id, search.probe.model.digest),
    ).fetchall()
    near = _near([row[1] for row in rows], search.probe.vector, least)
    return found + [row[0] for row, is_near in zip(rows, near, strict=True) if is_near]


def forget(connection: sqlite3.Connection, event: int, requests: Sequence[str]) -> tuple[int, Sequence[str]]:
    """Deletes searches with their denials: how many of these, and the digests of the selfies that were kept."""
    those = "event = ? AND request_id IN (SELECT value FROM json_each(?))"
    values = (event, json.dumps(requests))
    (denials,) = connection.execute(f"SELECT count(*) FROM denials WHERE {those}", values).fetchone()  # noqa: S608  ours
    selfies = connection.execute(f"SELECT selfie FROM searches WHERE {those} AND selfie IS NOT NULL", values)  # noqa: S608  ours
    digests = [row[0] for row in selfies]
    connection.execute(f"DELETE FROM searches WHERE {those}", values)  # noqa: S608  ours
    connection.execute("UPDATE events SET guests_forgotten = guests_forgotten + 1 WHERE number = ?", (event,))
    return int(denials), digests


def remove(connection: sqlite3.Connection, event: int, request_id: str) -> Sequence[str] | None:
    """Deletes one with its denials; the digests of what was kept with it, or None where there is none."""
    row = connection.execute(
        "SELECT selfie FROM searches WHERE event = ? AND request_id = ?", (event, request_id)
    ).fetchone()
    if row is None:
        return None
    connection.execute("DELETE FROM searches WHERE event = ? AND request_id = ?", (event, request_id))
    return [row[0]] if row[0] else []


def renewals_of(connection: sqlite3.Connection, event: int, request_id: str) -> int:
    """How often a search was done again, or its guest said something of what it found."""
    row = connection.execute(
        "SELECT renewals FROM searches WHERE event = ? AND request_id = ?", (event, request_id)
    ).fetchone()
    return int(row[0]) if row else 0


def replace_with(connection: sqlite3.Connection, event: int, search: Search, renewals: int) -> None:
    """Puts what another store has found in the place of what was found here; what was kept here with it stays."""
    probe = search.probe
    connection.execute(
        "UPDATE searches SET confidence = ?, photos = ?, done = ?, renewals = ?, consent = ?, model = ?, vector = ?"
        " WHERE event = ? AND request_id = ?",
        (
            search.confidence,
            "\n".join(search.photos),
            search.done,
            renewals,
            search.consent,
            known_model(connection, probe.model) if probe else None,
            probe.vector.astype("<f4").tobytes() if probe else None,
            event,
            search.request_id,
        ),
    )


def denied_by(connection: sqlite3.Connection, event: int, request_id: str) -> tuple[str, ...]:
    """The photographs of which a guest has said that it is not them."""
    rows = connection.execute(
        "SELECT id FROM denials JOIN photos ON photos.number = photo WHERE denials.event = ? AND request_id = ?"
        " ORDER BY id",
        (event, request_id),
    )
    return tuple(row[0] for row in rows)


def take_denials(
    connection: sqlite3.Connection, event: int, request_id: str, denied: Sequence[str], shown: Sequence[str]
) -> None:
    """These photographs are denied, as far as they are here, and of the others those that were, unless they are shown.

    A store that has a photograph no more, to make room, tells nothing of it: that is no taking back.
    """
    connection.execute(
        "DELETE FROM denials WHERE event = ?1 AND request_id = ?2 AND photo IN (SELECT number FROM photos"
        " WHERE event = ?1 AND id IN (SELECT value FROM json_each(?3)))",
        (event, request_id, json.dumps(shown)),
    )
    connection.execute(
        "INSERT INTO denials (event, request_id, photo) SELECT ?1, ?2, number FROM photos"
        " WHERE event = ?1 AND id IN (SELECT value FROM json_each(?3)) ON CONFLICT DO NOTHING",
        (event, request_id, json.dumps(denied)),
    )


def selfie_of(connection: sqlite3.Connection, event: int, request_id: str) -> str | None:
    """Digest of the photograph that was searched with; None where it is not kept."""
    row = connection.execute(
        "SELECT selfie FROM searches WHERE event = ? AND request_id = ?", (event, request_id)
    ).fetchone()
    return row[0] if row else None


def _near(vectors: Sequence[bytes], probe: NDArray[np.float32], least: float) -> Sequence[bool]:
    if not vectors:
        return ()
    matrix = np.frombuffer(b"".join(vectors), "<f4").reshape(len(vectors), len(probe))
    near: list[bool] = (matrix @ probe >= least).tolist()
    return near


def _search(row: Sequence[Any]) -> Search:
    request_id, _begun, confidence, photos, vector, consent, done, name, digest, dimension = row
    probe = None
    if vector is not None:
        probe = Probe(np.frombuffer(vector, "<f4").astype(np.float32), ModelRef(name, digest, dimension))
    return Search(request_id, confidence, tuple(photos.split()), probe, consent, done)
