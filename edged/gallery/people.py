"""People and their templates on disk: the truth."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from edged.domain.errors import Refused
from edged.domain.person import ModelRef, Person, PersonSummary, Template
from edged.gallery.admission import MAX_TEMPLATES, NOT_UNIT, clean_key, clean_person, clean_template
from edged.gallery.database import damaged, open_database, reading, translated, writing
from edged.gallery.fingerprint import template_print, words
from edged.gallery.roll import Templates

_BLOCK: Final = 4096
"""Templates read at once."""

_PERSON: Final = "id, customer_person_id, name, email, phone, notes, groups, valid_from, valid_until"
_SUMMARY: Final = f"{_PERSON}, (SELECT count(*) FROM templates WHERE person = people.number), enrolled_at"  # noqa: S608  our own names


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """What happened after a revision.

    Attributes:
        revision: the newest one; templates: how many there are to come.
        gone: numbers of people deleted; people: enrolled or changed, by number.
        blocks: the templates added; read them before the context ends.
    """

    revision: int
    gone: tuple[int, ...]
    people: dict[int, Person]
    templates: int
    blocks: Iterator[Templates]


class People:
    """The database of people. One thread at a time; other processes may read and write it meanwhile.

    Every method blocks on the disk, and raises Unavailable when it is full, failing or locked for 5 s (nothing is
    changed then) and Corrupt when it is damaged.
    """

    def __init__(
        self, path: Path, connection: sqlite3.Connection, now: Callable[[], float], new_id: Callable[[], str]
    ) -> None:
        self.path = path
        self._connection = connection
        self._now = now
        self._new_id = new_id

    @classmethod
    def open(cls, path: Path, *, now: Callable[[], float], new_id: Callable[[], str]) -> Self:
        """Opens the database at `path`, or makes it; see `open_database`.

        Args:
            now: seconds since the Unix epoch.
            new_id: a new UUIDv7 as text.
        """
        return cls(path, open_database(path), now, new_id)

    def close(self) -> None:
        self._connection.close()

    def enroll(self, person: Person, templates: Sequence[Template], model: ModelRef) -> Person:
        """Stores a person, or adds to one whose customer_person_id is known.

        A known person keeps their id, and every field that is empty in `person` keeps its value. A photograph that
        the person already has for this model is passed over, so that doing it twice is doing it once.

        Returns:
            the person as stored; on the disk when this returns.

        Raises:
            Refused: a field or template is unfit, the id belongs to somebody else, or it would be more than 64
                templates of this model.
        """
        person = clean_person(person)
        templates = [clean_template(template, model) for template in templates]
        with translated(self.path), writing(self._connection):
            number, before = self._lookup(person.customer_person_id)
            merged = _merged(before, person) if before else replace(person, id=person.id or self._new_id())
            fresh = self._unknown(number, templates, model)
            if merged != before or fresh:
                revision = self._next_revision()
                number = self._store_person(number, merged, revision)
                self._store_templates(number, merged, fresh, model, revision)
        return merged

    def delete(self, customer_person_id: str) -> bool:
        """Deletes a person with all templates; False where there was none. Gone from the disk when this returns."""
        key = clean_key(customer_person_id)
        with translated(self.path), writing(self._connection):
            number, _person = self._lookup(key)
            if number is not None:
                self._execute("INSERT INTO departed VALUES (?, ?)", number, self._next_revision())
                self._execute("DELETE FROM people WHERE number = ?", number)
        return number is not None

    def find(self, customer_person_id: str) -> PersonSummary | None:
        """One person by the customer's key."""
        with translated(self.path):
            row = self._execute(
                f"SELECT {_SUMMARY} FROM people WHERE customer_person_id = ?",  # noqa: S608  names
                clean_key(customer_person_id),
            ).fetchone()
        return _summary(row) if row else None

    def page(self, *, after: str = "", limit: int = 100) -> list[PersonSummary]:
        """A page of people in the order of their customer_person_id, beginning after `after`."""
        with translated(self.path):
            rows = self._execute(
                f"SELECT {_SUMMARY} FROM people"  # noqa: S608  only our own column names
                " WHERE customer_person_id > ? ORDER BY customer_person_id LIMIT ?",
                after,
                limit,
            ).fetchall()
        return [_summary(row) for row in rows]

    def count(self) -> int:
        """How many people there are."""
        with translated(self.path):
            return int(self._execute("SELECT count(*) FROM people").fetchone()[0])

    def foreign_writes(self) -> int:
        """A number that differs from the last one when another connection has written meanwhile. Takes microseconds."""
        with translated(self.path):
            return int(self._execute("PRAGMA data_version").fetchone()[0])

    @contextmanager
    def changes(self, since: int, model: ModelRef) -> Iterator[Changes]:
        """All that was changed after revision `since`, as one state of the database, with the templates of `model`."""
        with translated(self.path), reading(self._connection):
            (revision,) = self._execute("SELECT number FROM revision").fetchone()
            gone = self._execute("SELECT person FROM departed WHERE revision > ?", since)
            people = self._execute(f"SELECT {_PERSON}, number FROM people WHERE revision > ?", since)  # noqa: S608  names
            (templates,) = self._execute(
                "SELECT count(*) FROM templates"
                " WHERE revision > ? AND model = (SELECT number FROM models WHERE digest = ?)",
                since,
                model.digest,
            ).fetchone()
            yield Changes(
                revision,
                tuple(number for (number,) in gone),
                {row[-1]: _person(row[:-1]) for row in people},
                templates,
                self._blocks(since, model),
            )

    def _execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)

    def _next_revision(self) -> int:
        (revision,) = self._execute("UPDATE revision SET number = number + 1 RETURNING number").fetchone()
        return int(revision)

    def _lookup(self, key: str) -> tuple[int | None, Person | None]:
        row = self._execute(
            f"SELECT {_PERSON}, number FROM people WHERE customer_person_id = ?",  # noqa: S608  our own column names
            key,
        ).fetchone()
        return (row[-1], _person(row[:-1])) if row else (None, None)

    def _unknown(self, number: int | None, templates: Sequence[Template], model: ModelRef) -> list[Template]:
        """Those of the templates whose photograph the person does not have yet, each once."""
        rows = self._execute(
            "SELECT photo_hash FROM templates"
            " WHERE person = ? AND model = (SELECT number FROM models WHERE digest = ?)",
            number,
            model.digest,
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

    def _store_person(self, number: int | None, person: Person, revision: int) -> int:
        values = (
            person.name,
            person.email,
            person.phone,
            person.notes,
            "\n".join(person.groups),
            person.valid_from,
            person.valid_until,
            revision,
        )
        if number is not None:
            self._execute(
                "UPDATE people SET name = ?, email = ?, phone = ?, notes = ?, groups = ?, valid_from = ?,"
                " valid_until = ?, revision = ? WHERE number = ?",
                *values,
                number,
            )
            return number
        if self._execute("SELECT 1 FROM people WHERE id = ?", person.id).fetchone():
            raise Refused("id", f"the id {person.id} belongs to somebody else", "Leave it out to get a new one.")
        (number,) = self._execute(
            "INSERT INTO people (name, email, phone, notes, groups, valid_from, valid_until, revision, id,"
            " customer_person_id, enrolled_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number",
            *values,
            person.id,
            person.customer_person_id,
            self._now(),
        ).fetchone()
        return int(number)

    def _store_templates(
        self, number: int, person: Person, templates: Sequence[Template], model: ModelRef, revision: int
    ) -> None:
        if not templates:
            return
        self._execute(
            "INSERT OR IGNORE INTO models (name, digest, dimension) VALUES (?, ?, ?)",
            model.name,
            model.digest,
            model.dimension,
        )
        self._connection.executemany(
            "INSERT INTO templates (id, person, model, vector, quality, photo_hash, print, revision)"
            " VALUES (?, ?, (SELECT number FROM models WHERE digest = ?), ?, ?, ?, ?, ?)",
            [
                (
                    template.id or self._new_id(),
                    number,
                    model.digest,
                    template.vector.astype("<f4", copy=False).tobytes(),
                    template.quality,
                    bytes.fromhex(template.photo_hash),
                    template_print(person.customer_person_id, template.vector),
                    revision,
                )
                for template in templates
            ],
        )

    def _blocks(self, since: int, model: ModelRef) -> Iterator[Templates]:
        cursor = self._execute(
            "SELECT person, vector, print FROM templates"
            " WHERE revision > ? AND model = (SELECT number FROM models WHERE digest = ?) ORDER BY revision, number",
            since,
            model.digest,
        )
        while rows := cursor.fetchmany(_BLOCK):
            try:
                yield _templates(rows, model.dimension)
            except ValueError as error:
                raise damaged(self.path, str(error)) from error


def _templates(rows: Sequence[tuple[int, bytes, bytes]], dimension: int) -> Templates:
    """Rows of owner, vector and print, column by column. ValueError where they are not as we wrote them."""
    owners, vectors, prints = zip(*rows, strict=True)
    matrix = np.frombuffer(b"".join(vectors), "<f4").astype(np.float32, copy=False).reshape(len(rows), dimension)
    with np.errstate(over="ignore", invalid="ignore"):
        sound = np.abs(np.linalg.norm(matrix, axis=1) - 1) < NOT_UNIT
    if not sound.all():
        raise ValueError("a template is not of unit length")
    return Templates(np.array(owners, np.int32), matrix, words(b"".join(prints)))


def _merged(before: Person, given: Person) -> Person:
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


def _person(row: tuple[Any, ...]) -> Person:
    own_id, key, name, email, phone, notes, groups, valid_from, valid_until = row
    return Person(
        own_id, key, name, email, phone, notes, tuple(groups.split("\n")) if groups else (), valid_from, valid_until
    )


def _summary(row: tuple[Any, ...]) -> PersonSummary:
    *person, templates, enrolled_at = row
    return PersonSummary(_person(tuple(person)), templates, enrolled_at)
