"""Entries as they lie in the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from edged.audit.entry import Entry
from edged.audit.mark import Marker

COLUMNS: Final = "number, at, mono, boot, by, act, about, hash, mark"
INSERT: Final = f"INSERT INTO entry ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608  our own words
_KINDS: Final = (int, int, int, str, str, str, str, bytes, bytes)


@dataclass(frozen=True, slots=True)
class Row:
    """One row, whatever is in it.

    Attributes:
        entry: what it says; None where it cannot be an entry.
        mark: the device's, or what took its place.
    """

    number: int
    entry: Entry | None
    mark: bytes


def row_of(row: Sequence[Any]) -> Row:
    """A row of `COLUMNS`."""
    if not all(isinstance(value, kind) for value, kind in zip(row, _KINDS, strict=True)):
        return Row(int(row[0]), None, b"")
    *fields, mark = row
    return Row(row[0], Entry(*fields), mark)


def values_of(entry: Entry, marker: Marker) -> tuple[object, ...]:
    """An entry for `COLUMNS`."""
    mark = marker.entry(entry.number, entry.hash)
    return (
        entry.number,
        entry.at_ms,
        entry.mono_ms,
        entry.boot,
        entry.by,
        entry.act,
        entry.about,
        entry.hash,
        mark,
    )


def rows(connection: sqlite3.Connection, after: int = -1) -> Iterator[Row]:
    """All rows after a number, in their order. Raises sqlite3.Error, also while they are read."""
    for row in connection.execute(
        f"SELECT {COLUMNS} FROM entry WHERE number > ? ORDER BY number",  # noqa: S608  our own words
        (after,),
    ):
        yield row_of(row)


def last_row(connection: sqlite3.Connection) -> Row | None:
    """The one with the highest number. Raises sqlite3.Error."""
    row = connection.execute(f"SELECT {COLUMNS} FROM entry ORDER BY number DESC LIMIT 1").fetchone()  # noqa: S608  our own words
    return None if row is None else row_of(row)
