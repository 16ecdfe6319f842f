"""Rows of photographs, their files and their faces."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np

from edged.domain.person import ModelRef
from edged.domain.rect import Rect
from edged.photos.admission import admit_model
from edged.photos.album import Tally
from edged.photos.photo import NewPhoto, Photo, PhotoFace, PhotoKind, Standing
from edged.photos.photo_bundle import BundledFile
from edged.photos.stored import photo_of

_COLUMNS: Final = "id, filename, width, height, taken, added, size, media_type, standing, source"
_COUNTED: Final = {Standing.SHOWN: "photos", Standing.WAITING: "waiting"}
"""Columns of `events` that count photographs."""


def insert_photo(connection: sqlite3.Connection, event: int, photo: NewPhoto, row: Photo, digest: str) -> int:
    """Adds a photograph; its number.

    Args:
        event: number of the event; photo: what is kept; row: what is told of it; digest: of the file as it came.
    """
    values = (row.id, row.filename, row.width, row.height, row.taken, row.added, row.size, row.media_type)
    done = connection.execute(
        f"INSERT INTO photos (event, digest, faces, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608  ours
        (event, digest, len(photo.faces), *values, row.standing, row.source),
    )
    _count(connection, event, row.standing, 1)
    connection.execute("UPDATE events SET faces = faces + ? WHERE number = ?", (len(photo.faces), event))
    number = int(done.lastrowid or 0)
    if photo.faces:
        _insert_faces(connection, event, number, photo.faces, photo.model)
    return number


def insert_files(connection: sqlite3.Connection, photo: int, files: Iterable[BundledFile]) -> None:
    """Which files a photograph has."""
    connection.executemany(
        "INSERT INTO photo_files (photo, kind, digest, media_type) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(photo, file.kind.value, file.digest, file.media_type) for file in files],
    )


def by_digest(connection: sqlite3.Connection, event: int, digest: str) -> Photo | None:
    query = f"SELECT {_COLUMNS} FROM photos WHERE event = ? AND digest = ?"  # noqa: S608  ours
    row = connection.execute(query, (event, digest)).fetchone()
    return photo_of(row) if row else None


def by_id(connection: sqlite3.Connection, event: int, photo: str) -> Photo | None:
    """Whether it is shown or not."""
    query = f"SELECT {_COLUMNS} FROM photos WHERE event = ? AND id = ?"  # noqa: S608  ours
    row = connection.execute(query, (event, photo)).fetchone()
    return photo_of(row) if row else None


def by_time(
    connection: sqlite3.Connection, event: int, offset: int, limit: int, standing: Standing | None
) -> tuple[int, tuple[Photo, ...]]:
    """How many of a standing an event has, and some of them."""
    counted = _COUNTED.get(standing) if standing else None
    if counted:
        query, values = f"SELECT {counted} FROM events WHERE number = ?", (event,)  # noqa: S608  ours
    else:
        query = "SELECT count(*) FROM photos WHERE event = ?1 AND (?2 IS NULL OR standing = ?2)"
        values = (event, standing)  # type: ignore[assignment]
    row = connection.execute(query, values).fetchone()
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM photos WHERE event = ?1 AND (?2 IS NULL OR standing = ?2)"  # noqa: S608  ours
        " ORDER BY taken IS NULL, taken, added, number LIMIT ?3 OFFSET ?4",
        (event, standing, limit, offset),
    )
    return (row[0] if row else 0), tuple(photo_of(row) for row in rows)


def by_ids(connection: sqlite3.Connection, event: int, ids: Sequence[str]) -> Sequence[Photo]:
    """Those that are shown, in the order asked."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM photos WHERE id IN (SELECT value FROM json_each(?)) AND event = ? AND standing = ?",  # noqa: S608  ours
        (json.dumps(ids), event, Standing.SHOWN),
    )
    there = {row[0]: photo_of(row) for row in rows}
    return [there[one] for one in ids if one in there]


def set_standing(connection: sqlite3.Connection, event: int, photo: str, standing: Standing) -> bool:
    """False where there is none."""
    row = connection.execute("SELECT standing FROM photos WHERE event = ? AND id = ?", (event, photo)).fetchone()
    if row is None:
        return False
    connection.execute("UPDATE photos SET standing = ? WHERE event = ? AND id = ?", (standing, event, photo))
    _count(connection, event, Standing(row[0]), -1)
    _count(connection, event, standing, 1)
    return True


def file_of(
    connection: sqlite3.Connection, photo: str, kind: PhotoKind, guests_at: float | None
) -> tuple[str, str, str] | None:
    """Digest and media type of a file, and what the photograph is called; of a missing original, the preview's.

    Args:
        guests_at: only where guests may see it at this moment; None: anyway.
    """
    kinds = (kind, PhotoKind.PREVIEW) if kind is PhotoKind.ORIGINAL else (kind,)
    row: tuple[str, str, str] | None = connection.execute(
        "SELECT photo_files.digest, photo_files.media_type, photos.filename FROM photos"
        " JOIN photo_files ON photo_files.photo = photos.number JOIN events ON events.number = photos.event"
        " WHERE photos.id = ?1 AND kind IN (SELECT value FROM json_each(?2))"
        " AND (?4 IS NULL OR (standing = ?5 AND enabled AND (expires IS NULL OR expires > ?4)))"
        " ORDER BY kind <> ?3 LIMIT 1",
        (photo, json.dumps([one.value for one in kinds]), kind.value, guests_at, Standing.SHOWN),
    ).fetchone()
    return row


def delete_photo(connection: sqlite3.Connection, photo: str) -> tuple[int, str, Sequence[str]] | None:
    """Deletes one; number and slugs of its event and the digests of its files; None where there is none."""
    row = connection.execute(
        "SELECT photos.number, event, photos.faces, standing, organisations.slug || '/' || events.slug FROM photos"
        " JOIN events ON events.number = event JOIN organisations ON organisations.number = organisation"
        " WHERE photos.id = ?",
        (photo,),
    ).fetchone()
    if row is None:
        return None
    number, event, faces, standing, name = row
    digests = _digests(connection, "SELECT digest FROM photo_files WHERE photo = ?", number)
    connection.execute("DELETE FROM photos WHERE number = ?", (number,))
    _count(connection, event, Standing(standing), -1)
    connection.execute("UPDATE events SET faces = faces - ?, removals = removals + 1 WHERE number = ?", (faces, event))
    return event, name, digests


def delete_faces(connection: sqlite3.Connection, event: int, faces: Sequence[int]) -> None:
    """Takes templates out of photographs, which stay."""
    those = json.dumps(faces)
    connection.execute(
        "UPDATE photos SET faces = faces - (SELECT count(*) FROM photo_faces"
        " WHERE photo = photos.number AND photo_faces.number IN (SELECT value FROM json_each(?1)))"
        " WHERE number IN (SELECT photo FROM photo_faces WHERE number IN (SELECT value FROM json_each(?1)))",
        (those,),
    )
    connection.execute("DELETE FROM photo_faces WHERE number IN (SELECT value FROM json_each(?))", (those,))
    connection.execute(
        "UPDATE events SET faces = faces - ?, removals = removals + 1 WHERE number = ?", (len(faces), event)
    )


def faces_of(connection: sqlite3.Connection, event: int, photo: str) -> Sequence[tuple[int, PhotoFace, ModelRef]]:
    """The faces of a photograph: number, face, and who made its vector."""
    rows = connection.execute(
        "SELECT photo_faces.number, left, top, right, bottom, vector, name, digest, dimension FROM photo_faces"
        " JOIN models ON models.number = model"
        " WHERE photo = (SELECT number FROM photos WHERE event = ? AND id = ?) ORDER BY photo_faces.number",
        (event, photo),
    )
    return [
        (number, PhotoFace(Rect(*box), np.frombuffer(vector, "<f4").astype(np.float32)), ModelRef(*model))
        for number, *box, vector, name, digest, dimension in rows
        for model in [(name, digest, dimension)]
    ]


def kinds_of(connection: sqlite3.Connection, event: int, photo: str) -> frozenset[str]:
    """Which files a photograph has (`PhotoKind` values)."""
    rows = connection.execute(
        "SELECT kind FROM photo_files WHERE photo = (SELECT number FROM photos WHERE event = ? AND id = ?)",
        (event, photo),
    )
    return frozenset(row[0] for row in rows)


def number_of(connection: sqlite3.Connection, event: int, photo: str) -> int:
    """Ours; 0, which no photograph has, where there is none."""
    row = connection.execute("SELECT number FROM photos WHERE event = ? AND id = ?", (event, photo)).fetchone()
    return int(row[0]) if row else 0


def digest_of(connection: sqlite3.Connection, event: int, photo: str) -> str:
    """Of the file as it came; empty where there is no such photograph."""
    row = connection.execute("SELECT digest FROM photos WHERE event = ? AND id = ?", (event, photo)).fetchone()
    return str(row[0]) if row else ""


def photos_of_faces(connection: sqlite3.Connection, faces: Sequence[int]) -> Sequence[str]:
    """The photographs that these faces are in."""
    return _digests(
        connection,
        "SELECT DISTINCT photos.id FROM photo_faces JOIN photos ON photos.number = photo"
        " WHERE photo_faces.number IN (SELECT value FROM json_each(?))",
        json.dumps(faces),
    )


def originals(connection: sqlite3.Connection, event: int) -> Sequence[str]:
    """The digests of an event's photographs as they came, sorted."""
    return _digests(connection, "SELECT digest FROM photos WHERE event = ? ORDER BY digest", event)


def delete_event(connection: sqlite3.Connection, event: int) -> Sequence[str]:
    """Deletes an event with everything; the digests of the files of its photographs and searches."""
    digests = _digests(
        connection,
        "SELECT photo_files.digest FROM photo_files JOIN photos ON photos.number = photo WHERE event = ?1"
        " UNION SELECT selfie FROM searches WHERE event = ?1 AND selfie IS NOT NULL",
        event,
    )
    connection.execute("DELETE FROM events WHERE number = ?", (event,))
    return digests


def unused(connection: sqlite3.Connection, digests: Sequence[str]) -> Sequence[str]:
    """Those that no photograph and no search has a file under."""
    return _digests(
        connection,
        "SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM photo_files WHERE digest = value)"
        " AND NOT EXISTS (SELECT 1 FROM searches WHERE selfie = value)",
        json.dumps(digests),
    )


def tally(connection: sqlite3.Connection, event: int) -> Tally:
    """What there is of an event."""
    shown, waiting, faces, forgotten = connection.execute(
        "SELECT photos, waiting, faces, guests_forgotten FROM events WHERE number = ?", (event,)
    ).fetchone() or (0, 0, 0, 0)
    (hidden,) = connection.execute(
        "SELECT count(*) FROM photos WHERE event = ? AND standing = ?", (event, Standing.HIDDEN)
    ).fetchone()
    (size,) = connection.execute("SELECT coalesce(sum(size), 0) FROM photos WHERE event = ?", (event,)).fetchone()
    searches, selfies = connection.execute(
        "SELECT count(*), count(selfie) FROM searches WHERE event = ? AND confidence IS NOT NULL", (event,)
    ).fetchone()
    (denials,) = connection.execute("SELECT count(*) FROM denials WHERE event = ?", (event,)).fetchone()
    return Tally(shown, waiting, hidden, faces, searches, denials, selfies, size, forgotten)


def known_model(connection: sqlite3.Connection, model: ModelRef) -> int:
    """The number of a model, which is written down where it is new. Raises Refused `bad_vector`: see `admit_model`."""
    connection.execute(
        "INSERT INTO models (name, digest, dimension) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING",
        (model.name, model.digest, model.dimension),
    )
    query = "SELECT number, dimension FROM models WHERE digest = ?"
    number, dimension = connection.execute(query, (model.digest,)).fetchone()
    admit_model(model, dimension)
    return int(number)


def _count(connection: sqlite3.Connection, event: int, standing: Standing, more: int) -> None:
    column = _COUNTED.get(standing)
    if column:
        connection.execute(f"UPDATE events SET {column} = {column} + ? WHERE number = ?", (more, event))  # noqa: S608  ours


def _insert_faces(
    connection: sqlite3.Connection, event: int, photo: int, faces: Iterable[PhotoFace], model: ModelRef
) -> None:
    number = known_model(connection, model)
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
