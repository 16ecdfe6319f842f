"""The list of changes, read from the server's tables of people and of those who are gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from psycopg import sql

from edged.api.directory import DEFAULT_GALLERY, Fields
from edged.api.fleet import Fed, FedFace, Feed, Place
from edged.domain.person import ModelRef
from edged.domain.text import is_storable
from edged.hub.postgresql.database import Session, only, row, rows
from edged.hub.postgresql.ledger import revision
from edged.hub.postgresql.models import model_number, vectors_of
from edged.hub.postgresql.vectors import unpacked
from edged.hub.push_plan import NOBODY
from edged.wire.feed import MOST_AHEAD

_PLACES: Final = """
    (SELECT revision, 2 * number + 1, number FROM people WHERE (revision, 2 * number + 1) > (%s, %s)
        ORDER BY revision, number LIMIT %s)
    UNION ALL
    (SELECT revision, 2 * number, number FROM departed WHERE (revision, 2 * number) > (%s, %s)
        ORDER BY revision, number LIMIT %s)
    ORDER BY 1, 2 LIMIT %s
"""
"""Those who are gone have even places, the others odd ones. Two short walks along an index each, and one merge."""
_AHEAD: Final = """
    SELECT person FROM departed WHERE revision >= %s AND (revision, 2 * number) > (%s, %s)
    ORDER BY revision, number LIMIT %s
"""
_MOST: Final = 2**62


@dataclass(frozen=True, slots=True)
class _Found:
    place: Place
    number: int

    @property
    def is_gone(self) -> bool:
        return self.place.number % 2 == 0


def read_feed(session: Session, after: Place, model: ModelRef, limit: int, galleries: Collection[str] | None) -> Feed:
    """See `edged.api.fleet.Fleet.changes`; the session sees one state of the tables, see `Database.glance`."""
    asked = (min(after.revision, _MOST), min(after.number, _MOST), limit + 1)
    found = [_Found(Place(one[0], one[1]), one[2]) for one in rows(session, _PLACES, *asked, *asked, limit + 1)]
    page = found[:limit]
    people = _people(session, [item for item in page if not item.is_gone], model, galleries)
    gone = _gone(session, [item for item in page if item.is_gone])
    items = tuple((gone if item.is_gone else people)[item.number] for item in page)
    last = page[-1].place if page else after
    at = (min(last.revision, _MOST), min(last.number, _MOST))
    ahead = rows(session, _AHEAD, at[0], *at, MOST_AHEAD)
    return Feed(
        only(session, "SELECT name FROM epoch"),
        revision(session),
        items,
        more=len(found) > limit,
        ahead=tuple(person for (person,) in ahead),
    )


def standing(session: Session, person: str, model: ModelRef = NOBODY) -> Fed | None:
    """See `edged.api.fleet.Fleet.standing`; with the quality of faces as the model sees them."""
    if not is_storable(person):
        return None
    one = row(
        session,
        "SELECT revision, 2 * number + 1, number FROM people WHERE id = %s"
        " UNION ALL SELECT revision, 2 * number, number FROM departed WHERE person = %s",
        *(person, person),
    )
    if one is None:
        return None
    found = _Found(Place(one[0], one[1]), one[2])
    read = _gone(session, [found]) if found.is_gone else _people(session, [found], model, None)
    known = read[found.number]
    return replace(known, faces=tuple(replace(face, vector=None) for face in known.faces))


def _gone(session: Session, found: Sequence[_Found]) -> Mapping[int, Fed]:
    places = {item.number: item.place for item in found}
    gone = rows(session, "SELECT number, person, key FROM departed WHERE number = ANY(%s::bigint[])", list(places))
    return {number: Fed(places[number], person, key, gone=True, fields=Fields()) for number, person, key in gone}


def _people(
    session: Session, found: Sequence[_Found], model: ModelRef, galleries: Collection[str] | None
) -> Mapping[int, Fed]:
    places = {item.number: item.place for item in found}
    those = list(places)
    names: dict[int, list[str]] = defaultdict(list)
    for number, name in rows(
        session,
        "SELECT DISTINCT f.person, g.name FROM faces f JOIN face_galleries m ON m.face = f.number"
        " JOIN galleries g ON g.number = m.gallery WHERE f.person = ANY(%s::bigint[]) ORDER BY g.name",
        those,
    ):
        names[number].append(name)
    faces = _faces(session, those, model)
    people = {}
    for number, person, key, *fields in rows(
        session,
        "SELECT number, id, key, first_name, last_name, email, phone FROM people WHERE number = ANY(%s::bigint[])",
        those,
    ):
        if galleries is None or DEFAULT_GALLERY in galleries or not set(galleries).isdisjoint(names[number]):
            people[number] = Fed(
                places[number], person, key, False, Fields(*fields), tuple(names[number]), tuple(faces[number])
            )
        else:
            people[number] = Fed(places[number], person, key, gone=True, fields=Fields())
    return people


def _faces(session: Session, people: Sequence[int], model: ModelRef) -> Mapping[int, list[FedFace]]:
    faces: dict[int, list[FedFace]] = defaultdict(list)
    known = model_number(session, model)
    vectors = sql.SQL("LEFT JOIN {} v ON v.face = f.number").format(vectors_of(known)) if known else sql.SQL("")
    columns = sql.SQL("v.quality, vector_send(v.vector)" if known else "NULL::float8, NULL::bytea")
    statement = sql.SQL(
        "SELECT f.person, f.number, f.photo_hash, f.created, {} FROM faces f {} WHERE f.person = ANY(%s::bigint[])"
        " ORDER BY f.number"
    ).format(columns, vectors)
    with session.cursor(binary=True) as cursor:
        for person, *face in cursor.execute(statement, (list(people),)):
            faces[person].append(_face(model, *face))
    return faces


def _face(model: ModelRef, number: int, photo_hash: str, created: float, quality: float | None, sent: Any) -> FedFace:
    own = None if sent is None else unpacked([sent], model.dimension)[0]
    return FedFace(number, photo_hash, created, quality or 0.0, own)
