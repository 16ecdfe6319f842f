"""People: found, made, changed and deleted, within somebody else's transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable

from edged.api.directory import Fields, KnownPerson
from edged.domain.text import is_storable
from edged.hub.sqlite.faces import faces_of


def number_of(connection: sqlite3.Connection, key: str) -> int | None:
    """Our number of the person with this key; None where nobody has it, and for the empty one."""
    if not key or not is_storable(key):
        return None
    row = connection.execute("SELECT number FROM people WHERE key <> '' AND key = ?", (key,)).fetchone()
    return None if row is None else int(row[0])


def number_of_id(connection: sqlite3.Connection, person: str) -> int | None:
    """Our number of the person with this id of ours."""
    if not is_storable(person):
        return None
    row = connection.execute("SELECT number FROM people WHERE id = ?", (person,)).fetchone()
    return None if row is None else int(row[0])


def make_person(connection: sqlite3.Connection, key: str, new_id: Callable[[], str], revision: int, now: float) -> int:
    """A person without fields and faces; our number of theirs."""
    (number,) = connection.execute(
        "INSERT INTO people (id, key, created, revision) VALUES (?, ?, ?, ?) RETURNING number",
        (new_id(), key, round(now, 6), revision),
    ).fetchone()
    return int(number)


def known_person(connection: sqlite3.Connection, number: int | None) -> KnownPerson | None:
    """Somebody with all faces."""
    row = connection.execute(
        "SELECT id, key, first_name, last_name, email, phone FROM people WHERE number = ?", (number,)
    ).fetchone()
    if row is None or number is None:
        return None
    person, key, *fields = row
    return KnownPerson(person, key, Fields(*fields), faces_of(connection, number))


def set_fields(connection: sqlite3.Connection, number: int, fields: Fields, *, erase: bool) -> None:
    """Writes the fields of a person; an empty one erases what was there, or does not."""
    values = (fields.first_name, fields.last_name, fields.email, fields.phone)
    if erase:
        sets = "first_name = ?, last_name = ?, email = ?, phone = ?"
    else:
        sets = ", ".join(
            f"{name} = coalesce(nullif(?, ''), {name})" for name in ("first_name", "last_name", "email", "phone")
        )
    connection.execute(f"UPDATE people SET {sets} WHERE number = ?", (*values, number))  # noqa: S608  names of ours


def count_faces(connection: sqlite3.Connection, number: int) -> int:
    (count,) = connection.execute("SELECT count(*) FROM faces WHERE person = ?", (number,)).fetchone()
    return int(count)


def touch(connection: sqlite3.Connection, numbers: Iterable[int], revision: int) -> None:
    """Notes that something of theirs has changed."""
    connection.executemany(
        "UPDATE people SET revision = ? WHERE number = ?", [(revision, number) for number in numbers]
    )


def touch_owners(connection: sqlite3.Connection, gallery: int, revision: int) -> None:
    """Notes the same of everybody with a face in a gallery."""
    connection.execute(
        "UPDATE people SET revision = ? WHERE number IN (SELECT faces.person FROM face_galleries"
        " JOIN faces ON faces.number = face_galleries.face WHERE face_galleries.gallery = ?)",
        (revision, gallery),
    )


def settle(connection: sqlite3.Connection, numbers: Collection[int], revision: int, now: float) -> None:
    """After people have lost faces: whoever has none left is deleted, the others are noted as changed."""
    those = json.dumps(list(numbers))
    connection.execute(
        "UPDATE people SET revision = ? WHERE number IN (SELECT value FROM json_each(?))", (revision, those)
    )
    _delete(connection, those, "AND NOT EXISTS (SELECT 1 FROM faces WHERE faces.person = people.number)", revision, now)


def delete_person(connection: sqlite3.Connection, number: int, revision: int, now: float) -> None:
    """Deletes somebody with all faces."""
    connection.execute("INSERT INTO gone SELECT number, ? FROM faces WHERE person = ?", (revision, number))
    _delete(connection, json.dumps([number]), "", revision, now)


def _delete(connection: sqlite3.Connection, those: str, where: str, revision: int, now: float) -> None:
    """Deletes people, and keeps who it was for those who have copies."""
    condition = f"number IN (SELECT value FROM json_each(?)) {where}"  # noqa: S608  ours
    connection.execute(
        f"INSERT INTO departed (person, key, revision, at) SELECT id, key, ?, ? FROM people WHERE {condition}",  # noqa: S608  ours
        (revision, now, those),
    )
    connection.execute(f"DELETE FROM people WHERE {condition}", (those,))  # noqa: S608  ours
