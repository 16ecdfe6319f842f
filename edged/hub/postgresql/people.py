"""People on the server: found, made, changed and deleted, within somebody else's transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection

from edged.api.directory import Fields, KnownPerson
from edged.domain.text import is_storable
from edged.hub.postgresql.database import Session, only, row
from edged.hub.postgresql.faces import faces_of


def number_of(session: Session, key: str) -> int | None:
    """Our number of the person with this key; None where nobody has it, and for the empty one."""
    if not key or not is_storable(key):
        return None
    found = row(session, "SELECT number FROM people WHERE key <> '' AND key = %s", key)
    return None if found is None else int(found[0])


def number_of_id(session: Session, person: str) -> int | None:
    """Our number of the person with this id of ours."""
    if not is_storable(person):
        return None
    found = row(session, "SELECT number FROM people WHERE id = %s", person)
    return None if found is None else int(found[0])


def make_person(session: Session, key: str, new_id: Callable[[], str], revision: int, now: float) -> int:
    """A person without fields and faces; our number of theirs."""
    return int(
        only(
            session,
            "INSERT INTO people (id, key, first_name, last_name, email, phone, created, revision)"
            " VALUES (%s, %s, '', '', '', '', %s, %s) RETURNING number",
            *(new_id(), key, round(now, 6), revision),
        )
    )


def known_person(session: Session, number: int | None) -> KnownPerson | None:
    """Somebody with all faces."""
    if number is None:
        return None
    found = row(session, "SELECT id, key, first_name, last_name, email, phone FROM people WHERE number = %s", number)
    if found is None:
        return None
    person, key, *fields = found
    return KnownPerson(person, key, Fields(*fields), faces_of(session, number))


def set_fields(session: Session, number: int, fields: Fields, *, erase: bool) -> None:
    """Writes the fields of a person; an empty one erases what was there, or does not."""
    session.execute(
        """
        UPDATE people SET
            first_name = CASE WHEN %(keep)s AND %(first)s = '' THEN first_name ELSE %(first)s END,
            last_name = CASE WHEN %(keep)s AND %(last)s = '' THEN last_name ELSE %(last)s END,
            email = CASE WHEN %(keep)s AND %(email)s = '' THEN email ELSE %(email)s END,
            phone = CASE WHEN %(keep)s AND %(phone)s = '' THEN phone ELSE %(phone)s END
        WHERE number = %(number)s
        """,
        {
            "keep": not erase,
            "first": fields.first_name,
            "last": fields.last_name,
            "email": fields.email,
            "phone": fields.phone,
            "number": number,
        },
    )


def count_faces(session: Session, number: int) -> int:
    return int(only(session, "SELECT count(*) FROM faces WHERE person = %s", number))


def touch(session: Session, numbers: Collection[int], revision: int) -> None:
    """Notes that something of theirs has changed."""
    session.execute("UPDATE people SET revision = %s WHERE number = ANY(%s::bigint[])", (revision, list(numbers)))


def touch_owners(session: Session, gallery: int, revision: int) -> None:
    """Notes the same of everybody with a face in a gallery."""
    session.execute(
        "UPDATE people SET revision = %s WHERE number IN (SELECT f.person FROM face_galleries m"
        " JOIN faces f ON f.number = m.face WHERE m.gallery = %s)",
        (revision, gallery),
    )


def settle(session: Session, numbers: Collection[int], revision: int, now: float) -> None:
    """After people have lost faces: whoever has none left is deleted, the others are noted as changed."""
    touch(session, numbers, revision)
    for number in numbers:
        if count_faces(session, number) == 0:
            delete_person(session, number, revision, now)


def delete_person(session: Session, number: int, revision: int, now: float) -> None:
    """Deletes somebody with all faces, and keeps who it was for those who have copies."""
    session.execute("INSERT INTO gone SELECT number, %s FROM faces WHERE person = %s", (revision, number))
    session.execute(
        "INSERT INTO departed (person, key, revision, at) SELECT id, key, %s, %s FROM people WHERE number = %s",
        (revision, now, number),
    )
    session.execute("DELETE FROM people WHERE number = %s", (number,))
