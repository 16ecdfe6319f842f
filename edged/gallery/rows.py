"""People and templates as rows of the database."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from edged.domain.errors import Refused
from edged.domain.person import ModelRef, Origin, Person, PersonSummary, Template
from edged.gallery.admission import MAX_TEMPLATES
from edged.gallery.fingerprint import person_print
from edged.gallery.packs import lock
from edged.vault.seal import Seal

COLUMNS: Final = "id, customer_person_id, name, email, phone, notes, groups, valid_from, valid_until"
SUMMARY: Final = (
    f"{COLUMNS}, (SELECT count(DISTINCT photo_hash) FROM templates WHERE person = people.number), enrolled_at"  # noqa: S608  our own names
)


_ORIGIN: Final = "face, photo, created, box_left, box_top, box_right, box_bottom, image"
_MOST_STEM: Final = 64
_MOST_SUFFIX: Final = 8
_STORED: Final = f"{COLUMNS}, key, print, revision"
_MARKS: Final = ", ".join("?" * (_STORED.count(",") + 1))


@dataclass(frozen=True, slots=True, eq=False)
class Owner:
    """Whose templates they are: number in the database, person, and the seal made of their own key."""

    number: int
    person: Person
    seal: Seal


def person_of(row: Sequence[Any]) -> Person:
    """The person in a row of `COLUMNS`."""
    own_id, key, name, email, phone, notes, groups, valid_from, valid_until = row
    return Person(
        own_id, key, name, email, phone, notes, tuple(groups.split("\n")) if groups else (), valid_from, valid_until
    )


def summary_of(row: tuple[Any, ...]) -> PersonSummary:
    """The summary in a row of `SUMMARY`."""
    *person, photographs, enrolled_at = row
    return PersonSummary(person_of(tuple(person)), photographs, enrolled_at)


def merged(before: Person, given: Person) -> Person:
    """What is known, with what was given in its place."""
    return Person(
        id=before.id,
        customer_person_id=before.customer_person_id,
        name=given.name or before.name,
        email=given.email or before.email,
        phone=given.phone or before.phone,
        notes=given.notes or before.notes,
        groups=given.groups or before.groups,
        valid_from=before.valid_from if given.valid_from is None else given.valid_from,
        valid_until=before.valid_until if given.valid_until is None else given.valid_until,
    )


def insert_person(connection: sqlite3.Connection, person: Person, key: bytes, revision: int, enrolled_at: float) -> int:
    """A new person's row; returns the number."""
    (number,) = connection.execute(
        f"INSERT INTO people ({_STORED}, enrolled_at) VALUES ({_MARKS}, ?) RETURNING number",  # noqa: S608  names
        (*_values(person, key, revision), enrolled_at),
    ).fetchone()
    return int(number)


def update_person(connection: sqlite3.Connection, number: int, person: Person, key: bytes, revision: int) -> None:
    """The row of a person who is there, with other values."""
    connection.execute(
        f"UPDATE people SET ({_STORED}) = ({_MARKS}) WHERE number = ?",  # noqa: S608  names
        (*_values(person, key, revision), number),
    )


def fresh_templates(
    connection: sqlite3.Connection, number: int | None, templates: Sequence[Template], model: ModelRef
) -> list[Template]:
    """Those of the templates whose photograph the person does not have yet for this model, each once.

    Raises:
        Refused: `too_many_templates`.
    """
    rows = connection.execute(
        "SELECT photo_hash FROM templates WHERE person = ? AND model = (SELECT number FROM models WHERE digest = ?)",
        (number, model.digest),
    )
    known = {photo_hash.hex() for (photo_hash,) in rows}
    fresh = {template.photo_hash: template for template in templates if template.photo_hash not in known}
    if len(known) + len(fresh) > MAX_TEMPLATES:
        raise Refused(
            "too_many_templates",
            f"{len(known)} photographs of this person are enrolled, {len(fresh)} more would be too many",
            f"Up to {MAX_TEMPLATES} are possible; a few good ones recognise as well.",
        )
    return list(fresh.values())


def store_templates(
    connection: sqlite3.Connection,
    owner: Owner,
    templates: Sequence[Template],
    model: ModelRef,
    revision: int,
    new_id: Callable[[], str],
    now: float,
) -> list[int]:
    """One pack of templates, at least one, and a row for each; the numbers of their faces."""
    (model_number,) = connection.execute(
        "INSERT INTO models (name, digest, dimension) VALUES (?, ?, ?)"
        " ON CONFLICT (digest) DO UPDATE SET name = excluded.name RETURNING number",
        (model.name, model.digest, model.dimension),
    ).fetchone()
    person = owner.person
    sealed = lock(owner.seal, person.id, person.customer_person_id, [item.vector for item in templates], model)
    (pack,) = connection.execute(
        "INSERT INTO packs (person, model, templates, sealed, revision) VALUES (?, ?, ?, ?, ?) RETURNING number",
        (owner.number, model_number, len(templates), sealed, revision),
    ).fetchone()
    faces = []
    for item in templates:
        photo_hash = bytes.fromhex(item.photo_hash)
        known = connection.execute(
            f"SELECT {_ORIGIN} FROM templates WHERE person = ? AND photo_hash = ?",  # noqa: S608  our own names
            (owner.number, photo_hash),
        ).fetchone()
        (number,) = connection.execute(
            f"INSERT INTO templates (id, person, model, pack, quality, photo_hash, {_ORIGIN})"  # noqa: S608  our own names
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number",
            (
                *(item.id or new_id(), owner.number, model_number, pack, item.quality, photo_hash),
                *(known or _origin_of(item, now)),
            ),
        ).fetchone()
        if known is None:
            connection.execute("UPDATE templates SET face = number WHERE number = ?", (number,))
        faces.append(int(known[0] if known else number))
    return faces


def _origin_of(template: Template, now: float) -> tuple[object, ...]:
    """Values of `_ORIGIN`, the face's number left open."""
    origin = template.origin or Origin(template.photo_hash, (0, 0, 0, 0), image_name("", "", template.photo_hash))
    return (0, bytes.fromhex(origin.photo), round(now, 6), *origin.box, origin.image)


def image_name(stem: str, suffix: str, mark: str) -> str:
    """A name for the image of a face: `enroll/<stem>_<7 characters>.<suffix>`.

    Args:
        stem, suffix: as somebody sent them; what is not a letter, a digit, `_` or `-` of ASCII becomes `_`, and what is
            too long is cut.
        mark: hexadecimal digits, 7 at least.
    """
    stem = re.sub(r"[^a-zA-Z0-9_-]", "_", stem)[:_MOST_STEM] or "image"
    suffix = re.sub(r"[^a-zA-Z0-9]", "", suffix)[:_MOST_SUFFIX].lower() or "jpg"
    return f"enroll/{stem}_{mark[:7]}.{suffix}"


def _values(person: Person, key: bytes, revision: int) -> tuple[object, ...]:
    return (
        person.id,
        person.customer_person_id,
        person.name,
        person.email,
        person.phone,
        person.notes,
        "\n".join(person.groups),
        person.valid_from,
        person.valid_until,
        key,
        person_print(person),
        revision,
    )
