"""What devices push: somebody enrolled, changed or deleted, within somebody else's transaction."""

from __future__ import annotations

from collections.abc import Callable

from edged.api.access import Grant
from edged.api.audit import about_person, about_push
from edged.api.directory import GalleryChange
from edged.api.fleet import Aim, Enrolled, Push
from edged.domain.errors import Refused
from edged.hub.admission import admit_galleries, admit_text
from edged.hub.postgresql import faces as face_rows
from edged.hub.postgresql import people as person_rows
from edged.hub.postgresql.audit import record
from edged.hub.postgresql.database import Session, row, rows
from edged.hub.postgresql.feed import standing
from edged.hub.postgresql.galleries import change_galleries, galleries_of
from edged.hub.postgresql.ledger import advance, wait_for_turn
from edged.hub.push_plan import FacePlan, face_plan, galleries_after, is_so


def meant(session: Session, aim: Aim) -> str:
    """See `edged.api.fleet.Fleet.meant`."""
    person = aim.id
    if not person:
        made = row(session, "SELECT person FROM requests WHERE request = %s", aim.request)
        person = "" if made is None else made[0]
    if person:
        if person_rows.number_of_id(session, person) is None:
            raise Refused("not_found", "this person was deleted, or was never known here")
        return person
    known = person_rows.known_person(session, person_rows.number_of(session, aim.key))
    return "" if known is None else known.id


def push_person(session: Session, push: Push, by: Grant, now: float, new_id: Callable[[], str]) -> Enrolled | None:
    """See `edged.api.fleet.Fleet.push`."""
    admit_text(push.aim.key, push.fields)
    wait_for_turn(session)
    if meant(session, push.aim) != push.person:
        return None
    number = person_rows.number_of_id(session, push.person) if push.person else None
    before = person_rows.known_person(session, number)
    plan = face_plan(push, _hashes(session, number))
    galleries = galleries_after(
        push, () if before is None else {name for face in before.faces for name in face.galleries}
    )
    admit_galleries(galleries)
    person = push.person
    if before is None or not is_so(push, before, plan, galleries):
        person = _change(session, push, number, plan, galleries, by, now, new_id)
    known = standing(session, person, push.model)
    assert known is not None  # noqa: S101  in the same transaction
    return Enrolled(known, plan.crowded)


def remove_person(session: Session, person: str, by: Grant, now: float) -> bool:
    """See `edged.api.fleet.Fleet.remove`."""
    wait_for_turn(session)
    number = person_rows.number_of_id(session, person)
    known = person_rows.known_person(session, number)
    if number is None or known is None:
        return False
    person_rows.delete_person(session, number, advance(session), now)
    record(session, by, "delete_person", about_person(known, known.faces), now)
    return True


def _hashes(session: Session, number: int | None) -> list[tuple[int, str]]:
    """Number and whole sha256 of somebody's faces, the oldest first."""
    found = rows(session, "SELECT number, photo_hash FROM faces WHERE person = %s ORDER BY number", number)
    return [(face, photo_hash) for face, photo_hash in found]


def _change(
    session: Session,
    push: Push,
    number: int | None,
    plan: FacePlan,
    galleries: frozenset[str],
    by: Grant,
    now: float,
    new_id: Callable[[], str],
) -> str:
    """Our id of the person."""
    revision = advance(session)
    if number is None:
        number = person_rows.make_person(session, push.aim.key, new_id, revision, now)
    if push.fields is not None:
        person_rows.set_fields(session, number, push.fields, erase=True)
    for face, name in plan.renamed.items():
        session.execute("UPDATE faces SET photo_hash = %s WHERE number = %s", (name, face))
    if push.galleries is not None:
        for face, _hash in _hashes(session, number):
            change_galleries(session, face, GalleryChange(exactly=tuple(sorted(galleries))))
    joined = galleries_of(session, galleries)
    face_rows.add_faces(session, number, plan.added, joined, revision, now)
    face_rows.delete_faces(session, plan.removed, revision)
    person_rows.touch(session, [number], revision)
    known = person_rows.known_person(session, number)
    assert known is not None  # noqa: S101  in the same transaction
    if not push.person:
        session.execute("INSERT INTO requests VALUES (%s, %s)", (push.aim.request, known.id))
    added = known.faces[: len(plan.added)]
    record(session, by, "push", about_push(known, added, plan.removed, push.aim.request), now)
    return known.id
