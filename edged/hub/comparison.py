"""Whether a SQLite file and a PostgreSQL server hold the same, row by row."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString

import numpy as np
from psycopg import sql

from edged.hub.moving_albums import EVENT, FLAGS, PHOTO
from edged.hub.moving_searches import CHANGE, REPORT
from edged.hub.postgresql.database import Session, rows
from edged.hub.postgresql.models import vectors_of

_HEADER: Final = 4
_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class Compared:
    """A table: how many rows each side has, and whether all of them are the same."""

    table: str
    here: int
    there: int
    same: bool


_PEOPLE: Final = "number, id, key, first_name, last_name, email, phone, created, revision"
_SEARCH: Final = "event, request_id, confidence, done, renewals, consent, selfie"
_PURGE: Final = "event, organisation, slug, name, at, tally, report, salt, done_by, files"
_TOKENS: Final = (
    "id, name, rights, gallery, organisation, device, created, expires, revoked, used, digest, former, former_until"
)
_BOX: Final = "box_left, box_top, box_right, box_bottom"

_ALIKE: Final[Mapping[str, LiteralString]] = {
    "people": f"SELECT {_PEOPLE} FROM people ORDER BY number",  # noqa: S608  ours
    "crops": "SELECT face, jpeg FROM crops ORDER BY face",
    "galleries": "SELECT name, face FROM galleries LEFT JOIN face_galleries ON gallery = number ORDER BY name, face",
    "departed": "SELECT number, person, key, revision, at FROM departed ORDER BY number",
    "gone": "SELECT face, revision FROM gone ORDER BY face",
    "organisations": "SELECT number, slug, name FROM organisations ORDER BY number",
    "denials": "SELECT event, request_id, photo FROM denials ORDER BY event, request_id, photo",
    "photos": f"SELECT {PHOTO} FROM photos ORDER BY number",  # noqa: S608  ours
    "album_changes": f"SELECT {CHANGE} FROM album_changes ORDER BY number",  # noqa: S608  ours
    "epoch": "SELECT name FROM epoch",
    "tokens": f"SELECT {_TOKENS} FROM tokens ORDER BY id",  # noqa: S608  ours
    "devices": "SELECT name, galleries, seen, report FROM devices ORDER BY name",
    "device_keys": "SELECT device, public_key FROM device_keys ORDER BY device",
    "requests": "SELECT request, person FROM requests ORDER BY request",
    "receipts": "SELECT person, device, revision, document FROM receipts ORDER BY person, device",
    "device_events": "SELECT number, device, id, kept, document FROM device_events ORDER BY number",
}
"""Tables that both sides are asked for in the same words."""

_UNLIKE: Final[Mapping[str, tuple[str, LiteralString]]] = {
    "faces": (
        (
            "SELECT number, person, created, lower(hex(photo_hash)), left, top, right, bottom, image FROM faces"
            " ORDER BY number"
        ),
        f"SELECT number, person, created, photo_hash, {_BOX}, image FROM faces ORDER BY number",  # noqa: S608  ours
    ),
    "audit": (
        "SELECT number, at, by, replace(act, char(0), '�'), replace(about, char(0), '�') FROM audit ORDER BY number",
        "SELECT number, at, by, act, about FROM audit ORDER BY number",
    ),
    "events": (
        f"SELECT {EVENT}, {FLAGS} FROM events ORDER BY number",  # noqa: S608  ours
        f"SELECT {EVENT}, {', '.join(f'{flag}::integer' for flag in FLAGS.split(', '))} FROM events ORDER BY number",  # noqa: S608  ours
    ),
    "photo_files": (
        "SELECT photo, kind, digest, media_type FROM photo_files ORDER BY photo, kind",
        'SELECT photo, kind, digest, media_type FROM photo_files ORDER BY photo, kind COLLATE "C"',
    ),
    "searches": (
        (
            f"SELECT {_SEARCH}, searches.photos, digest, vector FROM searches LEFT JOIN models ON models.number = model"  # noqa: S608  ours
            " WHERE confidence IS NOT NULL ORDER BY event, request_id"
        ),
        (
            f"SELECT {_SEARCH}, array_to_string(photos, E'\\n'), digest, vector_send(vector) FROM searches"  # noqa: S608  ours
            " LEFT JOIN models ON models.number = model WHERE confidence IS NOT NULL ORDER BY event, request_id"
        ),
    ),
    "reports": (
        f"SELECT {REPORT}, hides FROM reports ORDER BY number",  # noqa: S608  ours
        f"SELECT {REPORT}, hides::integer FROM reports ORDER BY number",  # noqa: S608  ours
    ),
    "purges": (
        f"SELECT {_PURGE}, digests FROM purges ORDER BY event",  # noqa: S608  ours
        f"SELECT {_PURGE}, array_to_string(digests, E'\\n') FROM purges ORDER BY event",  # noqa: S608  ours
    ),
    "photo_faces": (
        (
            "SELECT f.number, photo, event, digest, left, top, right, bottom, vector FROM photo_faces f"
            " JOIN models m ON m.number = model ORDER BY f.number"
        ),
        (
            f"SELECT f.number, photo, event, digest, {_BOX}, vector_send(vector) FROM photo_faces f"  # noqa: S608  ours
            " JOIN models m ON m.number = model ORDER BY f.number"
        ),
    ),
}
"""The other tables, as each side is asked."""


def compared(connection: sqlite3.Connection, session: Session) -> Iterator[Compared]:
    """Every table, one by one; reads all of both sides.

    Args:
        connection, session: each sees one state of its side.
    """
    session.execute("SET LOCAL statement_timeout = 0")
    for table, (here, there) in ({name: (words, words) for name, words in _ALIKE.items()} | dict(_UNLIKE)).items():
        swapped = table in ("photo_faces", "searches")
        yield _compared(table, connection.execute(here), _streamed(session, sql.SQL(there), swapped=swapped))
    models = connection.execute("SELECT number, name, digest FROM models WHERE number IN (SELECT model FROM templates)")
    numbers: dict[str, int] = dict(rows(session, "SELECT digest, number FROM models"))
    for model, name, digest in models.fetchall():
        here_vectors = connection.execute(
            "SELECT face, quality, revision, vector FROM templates WHERE model = ? ORDER BY face", (model,)
        )
        if digest not in numbers:
            yield _compared(f"vectors of {name}", here_vectors, ())
            continue
        statement = sql.SQL("SELECT face, quality, revision, vector_send(vector) FROM {} ORDER BY face")
        there_vectors = _streamed(session, statement.format(vectors_of(numbers[digest])), swapped=True)
        yield _compared(f"vectors of {name}", here_vectors, there_vectors)


def _compared(table: str, here: Iterable[Sequence[Any]], there: Iterable[Sequence[Any]]) -> Compared:
    (count_here, digest_here), (count_there, digest_there) = _digest(here), _digest(there)
    return Compared(table, count_here, count_there, digest_here == digest_there)


def _digest(found: Iterable[Sequence[Any]]) -> tuple[int, bytes]:
    count, digest = 0, hashlib.sha256()
    for count, values in enumerate(found, 1):  # noqa: B007  the last one is how many there are
        digest.update(repr(tuple(values)).encode())
    return count, digest.digest()


def _streamed(session: Session, statement: sql.Composable, *, swapped: bool) -> Iterator[Sequence[Any]]:
    """Rows of the server, some at a time; where the last column is a vector, in the bytes of the SQLite file."""
    with session.cursor(name="compared") as cursor:
        cursor.itersize = _AT_ONCE
        cursor.execute(statement, binary=True)  # type: ignore[arg-type]  # our own words
        for values in cursor:
            if swapped:
                *others, vector = values
                yield (*others, vector and np.frombuffer(vector[_HEADER:], ">f4").astype("<f4").tobytes())
            else:
                yield values
