"""What devices push: somebody enrolled, changed or deleted, within somebody else's transaction."""

from __future__ import annotations

import sqlite3

from edged.api.access import Grant
from edged.api.audit import about_person, about_push
from edged.api.directory import GalleryChange
from edged.api.fleet import Aim, Enrolled, Push
from edged.domain.errors import Refused
from edged.hub.admission import admit_galleries, admit_text
from edged.hub.push_plan import FacePlan, face_plan, galleries_after, is_so
from edged.hub.sqlite import faces as face_rows
from edged.hub.sqlite import people as person_rows
from edged.hub.sqlite.database import HubDatabase, advance
from edged.hub.sqlite.feed import standing
from edged.hub.sqlite.galleries import change_galleries, galleries_of


def meant(connection: sqlite3.Connection, aim: Aim) -> str:
    """See `edged.api.fleet.Fleet.meant`."""
    person = aim.id
    if not person:
        row = connection.execute("SELECT person FROM requests WHERE request = ?", (aim.request,)).fetchone()
        person = "" if row is None else row[0]
    if person:
        if person_rows.number_of_id(connection, person) is None:
            raise Refused("not_found", "this person was deleted, or was never known here")
        return person
    known = person_rows.known_person(connection, person_rows.number_of(connection, aim.key))
    return "" if known is None else known.id


def push_person(database: HubDatabase, connection: sqlite3.Connection, push: Push, by: Grant) -> Enrolled | None:
    """See `edged.api.fleet.Fleet.push`."""
    admit_text(push.aim.key, push.fields)
    if meant(connection, push.aim) != push.person:
        return None
    number = person_rows.number_of_id(connection, push.person) if push.person else None
    before = person_rows.known_person(connection, number)
    plan = face_plan(push, _hashes(connection, number))
    galleries = galleries_after(
        push, () if before is None else {name for face in before.faces for name in face.galleries}
    )
    admit_galleries(galleries)
    person = push.person
    if before is None or not is_so(push, before, plan, galleries):
        person = _change(database, connection, push, number, plan, galleries, by)
    known = standing(connection, person, push.model)
    assert known is not None  # noqa: S101  in the same transaction
    return Enrolled(known, plan.crowded)


def remove_person(database: HubDatabase, connection: sqlite3.Connection, person: str, by: Grant) -> bool:
    """See `edged.api.fleet.Fleet.remove`."""
    number = person_rows.number_of_id(connection, person)
    known = person_rows.known_person(connection, number)
    if number is None or known is None:
        return False
    person_rows.delete_person(connection, number, advance(connection), database.now())
    database.record(connection, by, "delete_person", about_person(known, known.faces))
    return True


def _hashes(connection: sqlite3.Connection, number: int | None) -> list[tuple[int, str]]:
    """Number and whole sha256 of somebody's faces, the oldest first."""
    rows = connection.execute("SELECT number, photo_hash FROM faces WHERE person = ? ORDER BY number", (number,))
    return [(face, photo_hash.hex()) for face, photo_hash in rows]


def _change(
    database: HubDatabase,
    connection: sqlite3.Connection,
    push: Push,
    number: int | None,
    plan: FacePlan,
    galleries: frozenset[str],
    by: Grant,
) -> str:
    """Our id of the person."""
    revision, now = advance(connection), database.now()
    if number is None:
        number = person_rows.make_person(connection, push.aim.key, database.new_id, revision, now)
    if push.fields is not None:
        person_rows.set_fields(connection, number, push.fields, erase=True)
    connection.executemany(
        "UPDATE faces SET photo_hash = ? WHERE number = ?",
        [(bytes.fromhex(name), face) for face, name in plan.renamed.items()],
    )
    if push.galleries is not None:
        for face, _hash in _hashes(connection, number):
            change_galleries(connection, face, GalleryChange(exactly=tuple(sorted(galleries))))
    joined = galleries_of(connection, galleries)
    face_rows.add_faces(connection, number, plan.added, joined, revision, now)
    face_rows.delete_faces(connection, plan.removed, revision)
    person_rows.touch(connection, [number], revision)
    known = person_rows.known_person(connection, number)
    assert known is not None  # noqa: S101  in the same transaction
    if not push.person:
        connection.execute("INSERT INTO requests VALUES (?, ?)", (push.aim.request, known.id))
    added = known.faces[: len(plan.added)]
    database.record(connection, by, "push", about_push(known, added, plan.removed, push.aim.request))
    return known.id
