"""Reading people as the console shows them: a list that is searched, sorted and paged, and one of them with faces."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from edged.domain.person import ModelRef, Person, PersonSummary
from edged.gallery.database import reading, translated
from edged.gallery.keepsakes import Keepsakes
from edged.gallery.packs import PersonKeys
from edged.gallery.rows import COLUMNS, SUMMARY, person_of, summary_of

_BUSY_S: Final = 2.0


class Order(StrEnum):
    """How a list of people is sorted."""

    NAME = "name"
    KEY = "key"
    NEWEST = "newest"
    """Who was enrolled last comes first."""


_CALLED: Final = "iif(name <> '', name, customer_person_id)"
"""What somebody is looked for under."""
_WORDS: Final = "name || char(10) || customer_person_id"
_ALL_WORDS: Final = f"{_WORDS} || char(10) || email || char(10) || groups"
_KEYS: Final = {
    Order.NAME: (f"{_CALLED} COLLATE NOCASE", "number", "ASC", ">"),
    Order.KEY: ("customer_person_id", "number", "ASC", ">"),
    Order.NEWEST: ("enrolled_at", "number", "DESC", "<"),
}


@dataclass(frozen=True, slots=True)
class PeopleQuery:
    """Who is looked for; what is empty does not matter.

    Attributes:
        text: part of the name, the customer's key, the address or a group, in any case.
        group: they are in it.
        ids: only these, by our ids; None: everybody.
    """

    text: str = ""
    group: str = ""
    ids: Collection[str] | None = None


Place = tuple[str | float, int]
"""Where a page ended: what it is sorted by, and the number in the database."""


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """A page of a list.

    Attributes:
        people: those on it; next: where the next page begins, None where there is none.
        found: how many there are on all pages; everybody: how many are enrolled.
    """

    people: tuple[PersonSummary, ...]
    next: Place | None
    found: int
    everybody: int


@dataclass(frozen=True, slots=True)
class ShownFace:
    """One enrolled photograph.

    Attributes:
        photo_hash: names it; quality: 0–1; created: UTC seconds since the epoch.
        kept: the face can be shown.
    """

    photo_hash: str
    quality: float
    created: float
    kept: bool


class PeopleReader:
    """Any thread; every method reads one state of the database on a connection of its own, blocks for the disk for a
    moment, and raises Unavailable where it cannot be read.

    Args:
        path: of the database, which is there.
        keys: open people's own keys, for their faces.
        keepsakes: has the faces.
        model: whose templates count.
    """

    def __init__(self, path: Path, keys: PersonKeys, keepsakes: Keepsakes, model: ModelRef) -> None:
        self._path = path
        self._keys = keys
        self._keepsakes = keepsakes
        self._model = model

    def page(self, query: PeopleQuery, order: Order, *, after: Place | None = None, limit: int) -> PeoplePage:
        """A page of the people who fit; for the time that it takes see `edged bench timeline`."""
        key, number, direction, beyond = _KEYS[order]
        terms, values = _terms(query)
        where, more = terms, list(values)
        if after is not None:
            where, more = f"{terms} AND ({key}, {number}) {beyond} (?, ?)", [*values, *after]
        with self._reading() as connection:
            (everybody,) = connection.execute("SELECT count(*) FROM people").fetchone()
            (found,) = connection.execute(f"SELECT count(*) FROM people WHERE {terms}", values).fetchone()  # noqa: S608  ours
            rows = connection.execute(
                f"SELECT {key}, {number}, {SUMMARY} FROM people WHERE {where}"  # noqa: S608  ours
                f" ORDER BY {key} {direction}, {number} {direction} LIMIT ?",
                (*more, limit + 1),
            ).fetchall()
        shown = rows[:limit]
        following = (shown[-1][0], shown[-1][1]) if len(rows) > limit else None
        return PeoplePage(tuple(summary_of(row[2:]) for row in shown), following, int(found), int(everybody))

    def groups(self) -> list[str]:
        """The groups that somebody is in, in their order."""
        with self._reading() as connection:
            rows = connection.execute("SELECT DISTINCT groups FROM people WHERE groups <> ''").fetchall()
        return sorted({name for (names,) in rows for name in names.split("\n")}, key=str.casefold)

    def ids_like(self, text: str) -> frozenset[str]:
        """Our ids of everybody whose name or key has this in it, in any case."""
        with self._reading() as connection:
            term, value = _has(_WORDS, text)
            rows = connection.execute(f"SELECT id FROM people WHERE {term}", (value,)).fetchall()  # noqa: S608  ours
        return frozenset(person for (person,) in rows)

    def one(self, person: str) -> PersonSummary | None:
        """Somebody by our id."""
        return self._summary("id", person)

    def with_key(self, key: str) -> PersonSummary | None:
        """Somebody by the customer's key."""
        return self._summary("customer_person_id", key)

    def named(self, people: Collection[str]) -> dict[str, Person]:
        """Those of these ids who are enrolled."""
        with self._reading() as connection:
            rows = [
                connection.execute(f"SELECT {COLUMNS} FROM people WHERE id = ?", (person,)).fetchone()  # noqa: S608  ours
                for person in people
            ]
        return {row[0]: person_of(row) for row in rows if row}

    def faces(self, person: str) -> list[ShownFace]:
        """The enrolled photographs of somebody by our id, the best first."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT hex(photo_hash), quality, created FROM templates"
                " WHERE person = (SELECT number FROM people WHERE id = ?)"
                " AND model = (SELECT number FROM models WHERE digest = ?) ORDER BY quality DESC, number",
                (person, self._model.digest),
            ).fetchall()
        kept = self._keepsakes.hashes(person) if rows else frozenset()
        return [ShownFace(name.lower(), quality, created, name.lower() in kept) for name, quality, created in rows]

    def face(self, person: str, photo_hash: str = "") -> bytes | None:
        """The JPEG of one of somebody's enrolled faces, without a hash of the best; None where none is kept.

        Raises:
            Corrupt: the file was changed.
        """
        with self._reading() as connection:
            row = connection.execute("SELECT key FROM people WHERE id = ?", (person,)).fetchone()
        if row is None:
            return None
        if not photo_hash:
            photo_hash = next((face.photo_hash for face in self.faces(person) if face.kept), "")
        if not photo_hash:
            return None
        return self._keepsakes.load_encoded(person, self._keys.open(person, row[0]), photo_hash)

    def _summary(self, column: str, value: str) -> PersonSummary | None:
        with self._reading() as connection:
            row = connection.execute(f"SELECT {SUMMARY} FROM people WHERE {column} = ?", (value,)).fetchone()  # noqa: S608  ours
        return summary_of(row) if row else None

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with (
            translated(self._path),
            closing(sqlite3.connect(self._path, timeout=_BUSY_S, isolation_level=None)) as connection,
        ):
            connection.execute("PRAGMA query_only = ON")
            connection.create_function("has", 2, _is_in, deterministic=True)
            with reading(connection):
                yield connection


def _terms(query: PeopleQuery) -> tuple[str, list[Any]]:
    terms, values = ["TRUE"], list[Any]()
    if query.text:
        term, value = _has(_ALL_WORDS, query.text)
        terms.append(term)
        values.append(value)
    if query.group:
        terms.append("instr(char(10) || groups || char(10), char(10) || ? || char(10)) > 0")
        values.append(query.group)
    if query.ids is not None:
        terms.append(f"id IN ({', '.join('?' * len(query.ids))})" if query.ids else "FALSE")
        values += sorted(query.ids)
    return " AND ".join(terms), values


def _has(words: str, text: str) -> tuple[str, str]:
    """A term for words that have a text in them, in any case, and its value.

    SQLite knows the case of ASCII only, and is twenty times as fast as Python with it.
    """
    if not text.isascii():
        return f"has(?, {words})", text.casefold()
    plain = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"({words}) LIKE ? ESCAPE '\\'", f"%{plain}%"


def _is_in(part: str, words: str) -> bool:
    return part in words.casefold()
