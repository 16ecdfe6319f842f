"""Faces: those that fit, in pages, one by one; adding and deleting them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from edged.api.directory import DEFAULT_GALLERY, MAX_FACE, FaceFilter, FacePage, KnownFace, Meta, NewFace
from edged.domain.person import ModelRef
from edged.domain.rect import Rect
from edged.domain.text import is_storable
from edged.hub.admission import image_name

_KNOWN: Final = (
    "SELECT faces.number, people.id, people.key, faces.created, substr(faces.photo_hash, 1, 16),"
    " faces.left, faces.top, faces.right, faces.bottom, faces.image,"
    " (SELECT group_concat(name) FROM face_galleries JOIN galleries ON galleries.number = face_galleries.gallery"
    " WHERE face_galleries.face = faces.number)"
    " FROM faces JOIN people ON people.number = faces.person"
)
"""Names of galleries hold no comma."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """A filter in SQL.

    Attributes:
        number: the column with the number of the face; source: the tables; where: the condition, with `values`.
    """

    number: str
    source: str
    where: str
    values: tuple[Any, ...]


def choice(wanted: FaceFilter) -> _Choice:
    """What to select from for the faces that fit."""
    number, source = "faces.number", "faces"
    terms: list[tuple[str, Any]] = []
    if wanted.gallery is not None and wanted.gallery != DEFAULT_GALLERY:
        number, source = "member.face", "face_galleries AS member JOIN faces ON faces.number = member.face"
        terms.append(("member.gallery = (SELECT number FROM galleries WHERE name = ?)", _text(wanted.gallery)))
    if wanted.key is not None or wanted.person is not None:
        source += " JOIN people ON people.number = faces.person"
    if wanted.key is not None:
        # The index of keys has no empty ones, and SQLite uses it where it can see that none is asked for.
        is_empty = wanted.key == ""
        terms.append(("people.key = ?" if is_empty else "people.key <> '' AND people.key = ?", _text(wanted.key)))
    if wanted.person is not None:
        terms.append(("people.id = ?", _text(wanted.person)))
    if wanted.least is not None:
        terms.append((f"{number} >= ?", _bound(wanted.least)))
    if wanted.below is not None:
        terms.append((f"{number} < ?", _bound(wanted.below)))
    where = " AND ".join(term for term, _value in terms) or "TRUE"
    return _Choice(number, source, where, tuple(value for _term, value in terms))


def numbers_of(
    connection: sqlite3.Connection, wanted: FaceFilter, limit: int = -1, *, newest: bool = True
) -> list[int]:
    """The numbers of faces that fit, at most `limit` where it is not negative; the newest or the oldest first."""
    chosen = choice(wanted)
    order = "DESC" if newest else "ASC"
    rows = connection.execute(
        f"SELECT {chosen.number} FROM {chosen.source} WHERE {chosen.where} ORDER BY 1 {order} LIMIT ?",  # noqa: S608  ours
        (*chosen.values, limit),
    )
    return [number for (number,) in rows]


def those_that_fit(connection: sqlite3.Connection, wanted: FaceFilter, numbers: Iterable[int]) -> set[int]:
    """Of some faces those that are there and fit."""
    chosen = choice(wanted)
    rows = connection.execute(
        f"SELECT {chosen.number} FROM {chosen.source} WHERE {chosen.where}"  # noqa: S608  ours
        f" AND {chosen.number} IN (SELECT value FROM json_each(?))",
        (*chosen.values, _list(numbers)),
    )
    return {number for (number,) in rows}


def count_people(connection: sqlite3.Connection, wanted: FaceFilter) -> int:
    """How many people have a face that fits."""
    chosen = choice(wanted)
    (count,) = connection.execute(
        f"SELECT count(DISTINCT faces.person) FROM {chosen.source} WHERE {chosen.where}",  # noqa: S608  ours
        chosen.values,
    ).fetchone()
    return int(count)


def known_faces(connection: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, KnownFace]:
    """Some faces by their numbers; those that are not there are left out."""
    those = " WHERE faces.number IN (SELECT value FROM json_each(?))"
    rows = connection.execute(_KNOWN + those, (_list(numbers),))
    return {row[0]: _known(row) for row in rows}


def faces_of(connection: sqlite3.Connection, person: int) -> tuple[KnownFace, ...]:
    """All faces of a person, by our number of theirs, the newest first."""
    rows = connection.execute(_KNOWN + " WHERE faces.person = ? ORDER BY faces.number DESC", (person,))
    return tuple(_known(row) for row in rows)


def page(connection: sqlite3.Connection, wanted: FaceFilter, limit: int) -> FacePage:
    """See `edged.api.directory.Directory.faces`."""
    upwards = wanted.least is not None and wanted.below is None
    numbers = numbers_of(connection, wanted, limit + 1, newest=not upwards)
    goes_on = len(numbers) > limit
    numbers = sorted(numbers[:limit], reverse=True)
    if upwards:
        behind = bool(numbers_of(connection, replace(wanted, least=None, below=wanted.least), 1))
    elif wanted.below is not None:
        behind = bool(numbers_of(connection, replace(wanted, least=wanted.below, below=None), 1))
    else:
        behind = False
    known = known_faces(connection, numbers)
    older, newer = (behind, goes_on) if upwards else (goes_on, behind)
    return FacePage(tuple(known[number] for number in numbers), older, newer)


def metas(connection: sqlite3.Connection, gallery: str | None) -> list[Meta]:
    """See `edged.api.directory.Directory.metas`."""
    chosen = choice(FaceFilter(gallery=gallery))
    rows = connection.execute(
        f"SELECT people.key, count(*), max(faces.number) FROM {chosen.source}"  # noqa: S608  ours
        f" JOIN people ON people.number = faces.person WHERE {chosen.where} AND people.key <> ''"
        " GROUP BY people.key ORDER BY people.key",
        chosen.values,
    ).fetchall()
    known = known_faces(connection, [newest for _key, _count, newest in rows])
    return [Meta(key, count, known[newest]) for key, count, newest in rows]


def add_faces(
    connection: sqlite3.Connection,
    person: int,
    faces: Sequence[NewFace],
    galleries: Collection[int],
    revision: int,
    now: float,
) -> list[int]:
    """Stores faces of a person, in the order given; their numbers."""
    added = []
    for face in faces:
        vector = np.ascontiguousarray(face.seen.vector, "<f4")
        if vector.shape != (face.model.dimension,):
            raise ValueError("the vector is not of its model")
        box = face.seen.box
        (number,) = connection.execute(
            "INSERT INTO faces (person, created, photo_hash, left, top, right, bottom, image)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING number",
            (
                *(person, round(now, 6), bytes.fromhex(face.photo_hash)),
                *(box.left, box.top, box.right, box.bottom, image_name(face.stem, face.suffix)),
            ),
        ).fetchone()
        connection.execute(
            "INSERT INTO templates (face, model, vector, quality, revision) VALUES (?, ?, ?, ?, ?)",
            (number, _model(connection, face.model), vector.tobytes(), float(face.seen.quality), revision),
        )
        if face.seen.crop:
            connection.execute("INSERT INTO crops VALUES (?, ?)", (number, face.seen.crop))
        connection.executemany(
            "INSERT INTO face_galleries (gallery, face) VALUES (?, ?)", [(gallery, number) for gallery in galleries]
        )
        added.append(int(number))
    return added


def delete_faces(connection: sqlite3.Connection, numbers: Collection[int], revision: int) -> list[int]:
    """Deletes faces; whose they were: our numbers of people, each once."""
    numbers_text = _list(numbers)
    those = "IN (SELECT value FROM json_each(?))"
    owners = connection.execute(f"SELECT DISTINCT person FROM faces WHERE number {those}", (numbers_text,)).fetchall()  # noqa: S608  ours
    connection.executemany("INSERT INTO gone VALUES (?, ?)", [(number, revision) for number in numbers])
    connection.execute(f"DELETE FROM faces WHERE number {those}", (numbers_text,))  # noqa: S608  ours
    return [person for (person,) in owners]


def is_number(number: int) -> bool:
    """Whether a face may have it."""
    return 1 <= number <= MAX_FACE


def _model(connection: sqlite3.Connection, model: ModelRef) -> int:
    """Our number of a model, which gets one where it has none."""
    connection.execute(
        "INSERT INTO models (name, digest, dimension) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING",
        (model.name, model.digest, model.dimension),
    )
    (number,) = connection.execute("SELECT number FROM models WHERE digest = ?", (model.digest,)).fetchone()
    return int(number)


def _known(row: tuple[Any, ...]) -> KnownFace:
    number, person, key, created, photo_hash, left, top, right, bottom, image, galleries = row
    names = galleries.split(",") if galleries else []
    box = Rect(left, top, right, bottom)
    return KnownFace(
        number, person, key, created, photo_hash.hex(), box, tuple(sorted((DEFAULT_GALLERY, *names))), image
    )


def _text(text: str) -> str | None:
    """A text to look for; what cannot be stored equals nothing."""
    return text if is_storable(text) else None


def _bound(number: int) -> int:
    """A bound that SQLite can hold, and that means the same."""
    return min(max(number, 0), MAX_FACE + 1)


def _list(numbers: Iterable[int]) -> str:
    return json.dumps([int(number) for number in numbers])
