"""Enrolled faces as the dialects see them: one for each template of one model, read from the database."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from edged.domain.errors import Refused
from edged.domain.person import ModelRef, Person
from edged.gallery.admission import clean_key
from edged.gallery.rows import COLUMNS, person_of

NAMELESS: Final = "face:"
"""What the key of somebody begins with who was enrolled without one; their id follows."""
_GALLERY: Final = re.compile(r"[a-zA-Z0-9_-]{1,48}")
_LARGEST: Final = 2**31
_COLUMNS: Final = (
    "templates.face, people.id, people.customer_person_id, templates.created, templates.photo, templates.box_left,"
    " templates.box_top, templates.box_right, templates.box_bottom, people.groups, templates.image"
)
_SOURCE: Final = (
    "templates JOIN people ON people.number = templates.person"
    " WHERE templates.model = (SELECT number FROM models WHERE digest = ?)"
)
_HAS_KEY: Final = f"people.customer_person_id <> '{NAMELESS}' || people.id"


@dataclass(frozen=True, slots=True)
class StoredFace:
    """A face.

    Attributes:
        number: of the face; person: our id of whose it is; key: the customer's, empty where there is none.
        created: UTC seconds since the epoch; photo: sha256 of the photograph, lower-case hex.
        box: left, top, right, bottom; zeros where it is not known.
        groups: of the person, those that can be the name of a gallery, sorted.
    """

    number: int
    person: str
    key: str
    created: float
    photo: str
    box: tuple[int, int, int, int]
    groups: tuple[str, ...]
    image: str


@dataclass(frozen=True, slots=True, eq=False)
class StoredPerson:
    """A person.

    Attributes:
        key: the customer's, empty where there is none; first_name, last_name: together the name.
        faces: the newest first.
    """

    person: Person
    key: str
    first_name: str
    last_name: str
    faces: tuple[StoredFace, ...]


@dataclass(frozen=True, slots=True)
class Which:
    """Which faces; what is None does not matter.

    Attributes:
        group: of whoever is in it; key: of the person with it, the empty one means without a key; person: our id.
        least: with this number or a higher one; below: with a lower one.
    """

    group: str | None = None
    key: str | None = None
    person: str | None = None
    least: int | None = None
    below: int | None = None


def is_gallery_name(name: str) -> bool:
    """Whether a gallery may be called so: 1 to 48 letters and digits of ASCII, `_` and `-`."""
    return _GALLERY.fullmatch(name) is not None


def key_of(person: Person) -> str:
    """The customer's own key of a person; empty where we have made one up."""
    return "" if person.customer_person_id == NAMELESS + person.id else person.customer_person_id


def stored_faces(
    connection: sqlite3.Connection, model: ModelRef, which: Which, limit: int = -1, *, newest: bool = True
) -> list[StoredFace]:
    """Those that fit, at most `limit` where it is not negative, the newest or the oldest first."""
    terms, values = _terms(which)
    order = "DESC" if newest else "ASC"
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM {_SOURCE}{terms} ORDER BY templates.face {order} LIMIT ?",  # noqa: S608  ours
        (model.digest, *values, limit),
    )
    return [_face_of(row) for row in rows]


def stored_face(connection: sqlite3.Connection, model: ModelRef, number: int) -> StoredFace | None:
    found = stored_faces(connection, model, Which(least=number, below=number + 1), 1)
    return found[0] if found else None


def faces_at(
    connection: sqlite3.Connection, model: ModelRef, places: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], StoredFace]:
    """Faces by the number of their person and their place among that person's, as a `Roll` has them.

    Those that are not there any more are left out.
    """
    wanted = set(places)
    rows = connection.execute(
        f"SELECT templates.person, {_COLUMNS} FROM {_SOURCE}"  # noqa: S608  ours
        " AND templates.person IN (SELECT value FROM json_each(?)) ORDER BY templates.person, templates.pack,"
        " templates.number",
        (model.digest, json.dumps(sorted({person for person, _place in wanted}))),
    )
    found: dict[tuple[int, int], StoredFace] = {}
    last, place = -1, 0
    for person, *row in rows:
        place = place + 1 if person == last else 0
        last = person
        if (person, place) in wanted:
            found[person, place] = _face_of(row)
    return found


def stored_person(
    connection: sqlite3.Connection, model: ModelRef, *, key: str | None = None, person: str | None = None
) -> StoredPerson | None:
    """Somebody by their key or by our id. Without a key there is only the id."""
    terms, values = _person_terms(key, person)
    row = connection.execute(
        f"SELECT first_name, {COLUMNS} FROM people WHERE TRUE{terms}",  # noqa: S608  ours
        values,
    ).fetchone()
    if row is None or key == "":
        return None
    who = person_of(row[1:])
    first, last = parted(who.name, row[0])
    faces = stored_faces(connection, model, Which(person=who.id))
    return StoredPerson(who, key_of(who), first, last, tuple(faces))


def count_people(connection: sqlite3.Connection, model: ModelRef, which: Which) -> int:
    """How many have a face that fits."""
    terms, values = _terms(which)
    (count,) = connection.execute(
        f"SELECT count(DISTINCT templates.person) FROM {_SOURCE}{terms}",  # noqa: S608  ours
        (model.digest, *values),
    ).fetchone()
    return int(count)


def keys_with_faces(
    connection: sqlite3.Connection, model: ModelRef, group: str | None
) -> list[tuple[str, int, StoredFace]]:
    """Every key that has a face, how many it has, and the newest of them, in the order of the keys."""
    terms, values = _terms(Which(group=group))
    # SQLite takes the other columns from the row that has the greatest number.
    rows = connection.execute(
        f"SELECT count(*), max(templates.face), {_COLUMNS} FROM {_SOURCE}{terms} AND {_HAS_KEY}"  # noqa: S608  ours
        " GROUP BY templates.person ORDER BY people.customer_person_id",
        (model.digest, *values),
    )
    return [(face.key, count, face) for count, _newest, *row in rows for face in [_face_of(row)]]


def gallery_names(connection: sqlite3.Connection) -> list[str]:
    """Those that somebody is in, and those that were made, in their order."""
    names = {name for (name,) in connection.execute("SELECT name FROM galleries")}
    for (groups,) in connection.execute("SELECT DISTINCT groups FROM people"):
        names.update(name for name in groups.split("\n") if is_gallery_name(name))
    return sorted(names)


def joined(first_name: str, last_name: str) -> str:
    """The name of somebody with these two."""
    return " ".join(part for part in (first_name, last_name) if part)


def parted(name: str, first_name: str | None) -> tuple[str, str]:
    """First and last name.

    Args:
        first_name: as it was given; None where only the whole name was. Where it does not fit the name, which somebody
            has changed since, or was not given, the last word of several is the last name.
    """
    if first_name is not None:
        if first_name in ("", name):
            return first_name, name[len(first_name) :]
        if name.startswith(f"{first_name} "):
            return first_name, name[len(first_name) + 1 :]
    first, _space, last = name.rpartition(" ")
    return (first, last) if first else (last, "")


def _terms(which: Which) -> tuple[str, list[object]]:
    terms, values = _person_terms(which.key, which.person)
    if which.group is not None:
        if is_gallery_name(which.group):
            terms += " AND instr(char(10) || people.groups || char(10), char(10) || ? || char(10)) > 0"
            values.append(which.group)
        else:
            terms += " AND FALSE"
    for bound, sign in ((which.least, ">="), (which.below, "<")):
        if bound is not None:
            terms += f" AND templates.face {sign} ?"
            values.append(min(max(bound, 0), _LARGEST))
    return terms, values


def _person_terms(key: str | None, person: str | None) -> tuple[str, list[object]]:
    """What cannot be stored equals nobody's."""
    terms, values = "", list[object]()
    if key == "":
        terms += f" AND NOT ({_HAS_KEY})"
    elif key is not None:
        try:
            values.append(clean_key(key))
            terms += f" AND {_HAS_KEY} AND people.customer_person_id = ?"
        except Refused:
            terms += " AND FALSE"
    if person is not None:
        if person.isascii() and person.isprintable():
            terms += " AND people.id = ?"
            values.append(person)
        else:
            terms += " AND FALSE"
    return terms, values


def _face_of(row: Sequence[Any]) -> StoredFace:
    number, person, key, created, photo, left, top, right, bottom, groups, image = row
    return StoredFace(
        number,
        person,
        "" if key == NAMELESS + person else key,
        created,
        photo.hex(),
        (left, top, right, bottom),
        tuple(sorted(name for name in groups.split("\n") if is_gallery_name(name))),
        image,
    )
