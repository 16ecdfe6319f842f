"""Rows of photographs, their files and their faces."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Final

from edged.api.albums import NewPhoto, Photo, PhotoFace, PhotoKind
from edged.domain.person import ModelRef
from edged.hub.photo_bundle import BundledFile

_COLUMNS: Final = "id, filename, width, height, taken, added, size, media_type"


def insert_photo(connection: sqlite3.Connection, event: int, photo: NewPhoto, row: Photo, digest: str) -> int:
    """Adds a photograph; its number.

    Args:
        event: number of the event; photo: what is kept; row: what is told of it; digest: of the file as it came.
    """
    values = (row.id, row.filename, row.width, row.height, row.taken, row.added, row.size, row.media_type)
    done = connection.execute(
        f"INSERT INTO photos (event, digest, faces, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608  ours
        (event, digest, len(photo.faces), *values),
    )
    connection.execute(
        "UPDATE events SET photos = photos + 1, faces = faces + ? WHERE number = ?", (len(photo.faces), event)
    )
    number = int(done.lastrowid or 0)
    _insert_faces(connection, event, number, photo.faces, photo.model)
    return number


def insert_files(connection: sqlite3.Connection, photo: int, files: Iterable[BundledFile]) -> None:
    """Which files a photograph has."""
    connection.executemany(
        "INSERT INTO photo_files (photo, kind, digest, media_type) VALUES (?, ?, ?, ?)",
        [(photo, file.kind.value, file.digest, file.media_type) for file in files],
    )


def by_digest(connection: sqlite3.Connection, event: int, digest: str) -> Photo | None:
    query = f"SELECT {_COLUMNS} FROM photos WHERE event = ? AND digest = ?"  # noqa: S608  ours
    row = connection.execute(query, (event, digest)).fetchone()
    return Photo(*row) if row else None


def by_time(connection: sqlite3.Connection, event: int, offset: int, limit: int) -> tuple[int, tuple[Photo, ...]]:
    """How many an event has, and some of them."""
    row = connection.execute("SELECT photos FROM events WHERE number = ?", (event,)).fetchone()
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM photos WHERE event = ?"  # noqa: S608  ours
        " ORDER BY taken IS NULL, taken, added, number LIMIT ? OFFSET ?",
        (event, limit, offset),
    )
    return (row[0] if row else 0), tuple(Photo(*row) for row in rows)


def by_ids(connection: sqlite3.Connection, event: int, ids: Sequence[str]) -> Sequence[Photo]:
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM photos WHERE id IN (SELECT value FROM json_each(?)) AND event = ?",  # noqa: S608  ours
        (json.dumps(ids), event),
    )
    there = {row[0]: Photo(*row) for row in rows}
    return [there[one] for one in ids if one in there]


def file_of(connection: sqlite3.Connection, photo: str, kind: PhotoKind) -> tuple[str, str, str] | None:
    """Digest and media type of a file, and what the photograph is called."""
    row: tuple[str, str, str] | None = connection.execute(
        "SELECT photo_files.digest, photo_files.media_type, photos.filename"
        " FROM photos JOIN photo_files ON photo_files.photo = photos.number WHERE photos.id = ? AND kind = ?",
        (photo, kind.value),
    ).fetchone()
    return row


def delete_photo(connection: sqlite3.Connection, photo: str) -> tuple[str, Sequence[str]] | None:
    """Deletes one; the slugs of its event and the digests of its files; None where there is none."""
    row = connection.execute(
        "SELECT photos.number, event, photos.faces, organisations.slug || '/' || events.slug FROM photos"
        " JOIN events ON events.number = event JOIN organisations ON organisations.number = organisation"
        " WHERE photos.id = ?",
        (photo,),
    ).fetchone()
    if row is None:
        return None
    number, event, faces, name = row
    digests = _digests(connection, "SELECT digest FROM photo_files WHERE photo = ?", number)
    connection.execute("DELETE FROM photos WHERE number = ?", (number,))
    connection.execute(
        "UPDATE events SET photos = photos - 1, faces = faces - ?, removals = removals + 1 WHERE number = ?",
        (faces, event),
    )
    return name, digests


def delete_event(connection: sqlite3.Connection, event: int) -> Sequence[str]:
    """Deletes an event with everything; the digests of its photographs' files."""
    digests = _digests(
        connection,
        "SELECT photo_files.digest FROM photo_files JOIN photos ON photos.number = photo WHERE event = ?",
        event,
    )
    connection.execute("DELETE FROM events WHERE number = ?", (event,))
    return digests


def unused(connection: sqlite3.Connection, digests: Sequence[str]) -> Sequence[str]:
    """Those that no photograph has a file under."""
    return _digests(
        connection,
        "SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM photo_files WHERE digest = value)",
        json.dumps(digests),
    )


def _insert_faces(
    connection: sqlite3.Connection, event: int, photo: int, faces: Iterable[PhotoFace], model: ModelRef
) -> None:
    connection.execute(
        "INSERT INTO models (name, digest, dimension) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING",
        (model.name, model.digest, model.dimension),
    )
    (number,) = connection.execute("SELECT number FROM models WHERE digest = ?", (model.digest,)).fetchone()
    connection.executemany(
        "INSERT INTO photo_faces (photo, event, model, left, top, right, bottom, vector)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (photo, event, number, box.left, box.top, box.right, box.bottom, face.vector.astype("<f4").tobytes())
            for face in faces
            for box in [face.box]
        ],
    )


def _digests(connection: sqlite3.Connection, query: str, value: Any) -> Sequence[str]:
    return [row[0] for row in connection.execute(query, (value,))]
