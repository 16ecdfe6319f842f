"""Galleries and who is in them, within somebody else's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from edged.api.directory import DEFAULT_GALLERY, GalleryChange
from edged.hub.admission import admit_galleries, is_gallery


def gallery_names(connection: sqlite3.Connection) -> list[str]:
    """`default` first, then the others in their order."""
    rows = connection.execute("SELECT name FROM galleries ORDER BY name").fetchall()
    return [DEFAULT_GALLERY, *(name for (name,) in rows)]


def number_of_gallery(connection: sqlite3.Connection, name: str) -> int | None:
    """Our number of a gallery other than `default`."""
    if not is_gallery(name):
        return None
    row = connection.execute("SELECT number FROM galleries WHERE name = ?", (name,)).fetchone()
    return None if row is None else int(row[0])


def make_gallery(connection: sqlite3.Connection, name: str) -> int:
    (number,) = connection.execute("INSERT INTO galleries (name) VALUES (?) RETURNING number", (name,)).fetchone()
    return int(number)


def galleries_of(connection: sqlite3.Connection, names: Iterable[str]) -> list[int]:
    """Our numbers of galleries, which are made where they are not there. Raises Refused `bad_gallery`."""
    numbers = []
    for name in admit_galleries(names):
        number = number_of_gallery(connection, name)
        numbers.append(make_gallery(connection, name) if number is None else number)
    return numbers


def change_galleries(connection: sqlite3.Connection, face: int, change: GalleryChange) -> None:
    """Moves a face into galleries and out of them. Raises Refused `bad_gallery`."""
    if change.exactly is not None:
        connection.execute("DELETE FROM face_galleries WHERE face = ?", (face,))
    joined = galleries_of(connection, (*(change.exactly or ()), *change.add))
    connection.executemany(
        "INSERT INTO face_galleries (gallery, face) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(gallery, face) for gallery in joined],
    )
    left = [number_of_gallery(connection, name) for name in change.remove]
    connection.executemany(
        "DELETE FROM face_galleries WHERE gallery = ? AND face = ?",
        [(gallery, face) for gallery in left if gallery is not None],
    )
