"""The list of changes, read from the tables of people and of those who are gone."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edged.api.directory import DEFAULT_GALLERY, Fields
from edged.api.fleet import Fed, FedFace, Feed, Place
from edged.domain.person import ModelRef
from edged.domain.text import is_storable
from edged.hub.push_plan import NOBODY
from edged.hub.sqlite.database import revision
from edged.wire.feed import MOST_AHEAD

_PLACES: Final = """
SELECT * FROM (
    SELECT revision, 2 * number + 1, number FROM people
    WHERE revision >= :revision AND (revision > :revision OR 2 * number + 1 > :number)
    ORDER BY revision, number LIMIT :limit
) UNION ALL SELECT * FROM (
    SELECT revision, 2 * number, number FROM departed
    WHERE revision >= :revision AND (revision > :revision OR 2 * number > :number)
    ORDER BY revision, number LIMIT :limit
) ORDER BY 1, 2 LIMIT :limit
"""
"""Those who are gone have even places, the others odd ones. Two short walks along an index each, and one merge."""
_AHEAD: Final = """
SELECT person FROM departed WHERE revision >= :revision AND (revision > :revision OR 2 * number > :number)
ORDER BY revision, number LIMIT :limit
"""
_FACES: Final = """
SELECT faces.person, faces.number, faces.photo_hash, faces.created, templates.quality, templates.vector
FROM faces LEFT JOIN templates ON templates.face = faces.number
    AND templates.model = (SELECT number FROM models WHERE digest = ?)
WHERE faces.person IN (SELECT value FROM json_each(?)) ORDER BY faces.number
"""
_GALLERIES: Final = """
SELECT DISTINCT faces.person, galleries.name FROM faces
JOIN face_galleries ON face_galleries.face = faces.number JOIN galleries ON galleries.number = face_galleries.gallery
WHERE faces.person IN (SELECT value FROM json_each(?)) ORDER BY galleries.name
"""


@dataclass(frozen=True, slots=True)
class _Found:
    place: Place
    number: int

    @property
    def is_gone(self) -> bool:
        return self.place.number % 2 == 0


def read_feed(
    connection: sqlite3.Connection, after: Place, model: ModelRef, limit: int, galleries: Collection[str] | None
) -> Feed:
    """See `edged.api.fleet.Fleet.changes`; within a reading transaction."""
    (epoch,) = connection.execute("SELECT name FROM epoch").fetchone()
    asked = {"revision": after.revision, "number": after.number, "limit": limit + 1}
    found = [_Found(Place(row[0], row[1]), row[2]) for row in connection.execute(_PLACES, asked)]
    page = found[:limit]
    people = _people(connection, [item for item in page if not item.is_gone], model, galleries)
    gone = _gone(connection, [item for item in page if item.is_gone])
    items = tuple((gone if item.is_gone else people)[item.number] for item in page)
    last = page[-1].place if page else after
    later = {"revision": last.revision, "number": last.number, "limit": MOST_AHEAD}
    ahead = tuple(person for (person,) in connection.execute(_AHEAD, later))
    return Feed(epoch, revision(connection), items, more=len(found) > limit, ahead=ahead)


def standing(connection: sqlite3.Connection, person: str, model: ModelRef = NOBODY) -> Fed | None:
    """See `edged.api.fleet.Fleet.standing`; with the quality of faces as the model sees them."""
    if not is_storable(person):
        return None
    row = connection.execute(
        "SELECT revision, 2 * number + 1, number FROM people WHERE id = ?1"
        " UNION ALL SELECT revision, 2 * number, number FROM departed WHERE person = ?1",
        (person,),
    ).fetchone()
    if row is None:
        return None
    found = _Found(Place(row[0], row[1]), row[2])
    read = _gone(connection, [found]) if found.is_gone else _people(connection, [found], model, None)
    known = read[found.number]
    return replace(known, faces=tuple(replace(face, vector=None) for face in known.faces))


def _gone(connection: sqlite3.Connection, found: Sequence[_Found]) -> Mapping[int, Fed]:
    places = {item.number: item.place for item in found}
    rows = connection.execute(
        "SELECT number, person, key FROM departed WHERE number IN (SELECT value FROM json_each(?))",
        (json.dumps(list(places)),),
    )
    return {number: Fed(places[number], person, key, gone=True, fields=Fields()) for number, person, key in rows}


def _people(
    connection: sqlite3.Connection, found: Sequence[_Found], model: ModelRef, galleries: Collection[str] | None
) -> Mapping[int, Fed]:
    places = {item.number: item.place for item in found}
    those = json.dumps(list(places))
    names = defaultdict(list)
    for number, name in connection.execute(_GALLERIES, (those,)):
        names[number].append(name)
    faces = defaultdict(list)
    for number, *row in connection.execute(_FACES, (model.digest, those)):
        faces[number].append(_face(*row))
    rows = connection.execute(
        "SELECT number, id, key, first_name, last_name, email, phone FROM people"
        " WHERE number IN (SELECT value FROM json_each(?))",
        (those,),
    )
    people = {}
    for number, person, key, *fields in rows:
        if galleries is None or DEFAULT_GALLERY in galleries or not set(galleries).isdisjoint(names[number]):
            people[number] = Fed(
                places[number], person, key, False, Fields(*fields), tuple(names[number]), tuple(faces[number])
            )
        else:
            people[number] = Fed(places[number], person, key, gone=True, fields=Fields())
    return people


def _face(number: int, photo_hash: bytes, created: float, quality: float | None, vector: bytes | None) -> FedFace:
    own = None if vector is None else np.frombuffer(vector, "<f4").astype(np.float32)
    return FedFace(number, photo_hash.hex(), created, quality or 0.0, own)
