"""What happened to people and templates after a revision."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.errors import Corrupt
from edged.domain.person import ModelRef, Person
from edged.gallery.fingerprint import person_print, words
from edged.gallery.packs import Locked, PersonKeys, unlock
from edged.gallery.roll import Templates
from edged.gallery.rows import COLUMNS, person_of

_AT_ONCE: Final = 1024
"""Packs read and opened at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """What happened after a revision.

    Attributes:
        revision: the newest one; templates: how many there are to come.
        gone: numbers of people deleted; people: enrolled or changed, by number; prints: of these people, uint64, shape
            (N, 2), in their order, see `edged.gallery.fingerprint`.
        blocks: the templates added; read them before the transaction ends.
    """

    revision: int
    gone: tuple[int, ...]
    people: dict[int, Person]
    prints: NDArray[np.uint64]
    templates: int
    blocks: Iterator[Templates]


def read_changes(connection: sqlite3.Connection, since: int, model: ModelRef, keys: PersonKeys) -> Changes:
    """All that was changed after revision `since`, with the templates of `model`; within a reading transaction.

    Raises:
        Corrupt: a row is not as it was written; raised while `blocks` are read, too.
        sqlite3.Error: the database cannot be read.
    """
    (revision,) = connection.execute("SELECT number FROM revision").fetchone()
    gone = connection.execute("SELECT person FROM departed WHERE revision > ?", (since,))
    rows = connection.execute(f"SELECT number, print, {COLUMNS} FROM people WHERE revision > ?", (since,))  # noqa: S608  names
    (templates,) = connection.execute(
        "SELECT coalesce(sum(templates), 0) FROM packs"
        " WHERE revision > ? AND model = (SELECT number FROM models WHERE digest = ?)",
        (since, model.digest),
    ).fetchone()
    marks, people = [], {}
    for number, mark, *row in rows:
        person = people[number] = person_of(row)
        if person_print(person) != mark:
            raise Corrupt(f"the row of {person.customer_person_id!r} is not as it was written")
        marks.append(mark)
    return Changes(
        revision,
        tuple(number for (number,) in gone),
        people,
        words(b"".join(marks)),
        templates,
        _blocks(connection, since, model, keys),
    )


def _blocks(connection: sqlite3.Connection, since: int, model: ModelRef, keys: PersonKeys) -> Iterator[Templates]:
    cursor = connection.execute(
        "SELECT packs.person, people.id, people.key, packs.templates, packs.sealed"
        " FROM packs JOIN people ON people.number = packs.person"
        " WHERE packs.revision > ? AND packs.model = (SELECT number FROM models WHERE digest = ?)"
        " ORDER BY packs.revision, packs.number",
        (since, model.digest),
    )
    while rows := cursor.fetchmany(_AT_ONCE):
        yield unlock(keys, [Locked(*row) for row in rows], model)
