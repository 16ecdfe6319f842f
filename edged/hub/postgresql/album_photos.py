"""Photographs, their files and their faces on the server, within somebody else's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, LiteralString

import numpy as np
from numpy.typing import NDArray

from edged.domain.person import ModelRef
from edged.hub.postgresql.database import Session, only, row, rows
from edged.hub.postgresql.models import known_model, model_number
from edged.hub.postgresql.vectors import unpacked, written
from edged.photos.album import Found, NewPhoto, Photo, PhotoKind
from edged.photos.photo_bundle import BundledFile

_COLUMNS: Final = "id, filename, width, height, taken, added, size, media_type"
_SLACK: Final = 1e-4
"""The server's cosines are exact to six digits only: so many more faces are compared again."""


def insert_photo(session: Session, event: int, photo: NewPhoto, told: Photo, digest: str) -> int | None:
    """Adds a photograph; its number, or None where the event has one with these bytes.

    Args:
        session: within a transaction that holds the event.
        event: its number.
        photo: what is kept; told: what is told of it; digest: of the file as it came.
    """
    values = (told.id, told.filename, told.width, told.height, told.taken, told.added, told.size, told.media_type)
    made = row(
        session,
        f"INSERT INTO photos (event, digest, faces, {_COLUMNS})"  # noqa: S608  our words
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (event, digest) DO NOTHING RETURNING number",
        *(event, digest, len(photo.faces), *values),
    )
    if made is None:
        return None
    number = int(made[0])
    session.execute(
        "UPDATE events SET photos = photos + 1, faces = faces + %s WHERE number = %s", (len(photo.faces), event)
    )
    if photo.faces:
        _insert_faces(session, event, number, photo)
    return number


def insert_files(session: Session, photo: int, files: Iterable[BundledFile]) -> None:
    """Which files a photograph has."""
    with session.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO photo_files (photo, kind, digest, media_type) VALUES (%s, %s, %s, %s)",
            [(photo, file.kind.value, file.digest, file.media_type) for file in files],
        )


def by_digest(session: Session, event: int, digest: str) -> Photo | None:
    found = row(session, f"SELECT {_COLUMNS} FROM photos WHERE event = %s AND digest = %s", event, digest)  # noqa: S608  our words
    return Photo(*found) if found else None


def by_time(session: Session, event: int, offset: int, limit: int) -> tuple[int, tuple[Photo, ...]]:
    """How many an event has, and some of them."""
    total = row(session, "SELECT photos FROM events WHERE number = %s", event)
    found = rows(
        session,
        f"SELECT {_COLUMNS} FROM photos WHERE event = %s ORDER BY taken NULLS LAST, added, number LIMIT %s OFFSET %s",  # noqa: S608  our words
        *(event, limit, offset),
    )
    return (int(total[0]) if total else 0), tuple(Photo(*one) for one in found)


def by_ids(session: Session, event: int, ids: Sequence[str]) -> Sequence[Photo]:
    found = rows(session, f"SELECT {_COLUMNS} FROM photos WHERE event = %s AND id = ANY(%s::text[])", event, list(ids))  # noqa: S608  our words
    there = {one[0]: Photo(*one) for one in found}
    return [there[one] for one in ids if one in there]


def file_of(session: Session, photo: str, kind: PhotoKind) -> tuple[str, str, str] | None:
    """Digest and media type of a file, and what the photograph is called."""
    found = row(
        session,
        "SELECT f.digest, f.media_type, p.filename FROM photos p JOIN photo_files f ON f.photo = p.number"
        " WHERE p.id = %s AND f.kind = %s",
        *(photo, kind.value),
    )
    return (found[0], found[1], found[2]) if found else None


def delete_photo(session: Session, photo: str) -> tuple[str, Sequence[str]] | None:
    """Deletes one; the slugs of its event and the digests of its files; None where there is none."""
    found = row(
        session,
        "SELECT p.number, p.event, o.slug || '/' || e.slug FROM photos p JOIN events e ON e.number = p.event"
        " JOIN organisations o ON o.number = e.organisation WHERE p.id = %s",
        photo,
    )
    if found is None:
        return None
    number, event, name = found
    digests = _texts(session, "SELECT digest FROM photo_files WHERE photo = %s", number)
    gone = row(session, "DELETE FROM photos WHERE number = %s RETURNING faces", number)
    if gone is None:
        return None
    session.execute("UPDATE events SET photos = photos - 1, faces = faces - %s WHERE number = %s", (gone[0], event))
    return name, digests


def delete_event(session: Session, event: int) -> Sequence[str]:
    """Deletes an event with everything; the digests of its photographs' files."""
    only(session, "SELECT number FROM events WHERE number = %s FOR UPDATE", event)
    digests = _texts(
        session, "SELECT f.digest FROM photo_files f JOIN photos p ON p.number = f.photo WHERE p.event = %s", event
    )
    session.execute("DELETE FROM events WHERE number = %s", (event,))
    return digests


def unused(session: Session, digests: Sequence[str]) -> Sequence[str]:
    """Those that no photograph has a file under."""
    return _texts(
        session,
        "SELECT d.digest FROM unnest(%s::text[]) AS d (digest)"
        " WHERE NOT EXISTS (SELECT FROM photo_files f WHERE f.digest = d.digest)",
        list(digests),
    )


def hold_files(session: Session, digests: Iterable[str]) -> None:
    """Waits until nobody else writes or deletes files with these digests; nobody does until this transaction ends."""
    session.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(d.digest, 0))"
        " FROM (SELECT unnest(%s::text[]) AS digest ORDER BY 1) AS d",
        (sorted(set(digests)),),
    )


def like(session: Session, event: int, model: ModelRef, probe: NDArray[np.float32], least: float) -> Sequence[Found]:
    """See `edged.api.albums.Albums.like`: all faces of the event are compared, by the server; then exactly."""
    number = model_number(session, model)
    if number is None:
        return []
    near = rows(
        session,
        "SELECT photo, vector_send(vector) FROM photo_faces"
        " WHERE event = %s AND model = %s AND (vector <#> %s::vector) <= %s",
        *(event, number, written(probe), _SLACK - least),
    )
    if not near:
        return []
    cosines = np.clip(unpacked([sent for _photo, sent in near], model.dimension) @ probe.astype(np.float32), -1, 1)
    best: dict[int, float] = {}
    for place in np.argsort(-cosines, kind="stable").tolist():
        if cosines[place] >= least:
            best.setdefault(near[place][0], float(cosines[place]))
    ids: dict[int, str] = dict(
        rows(session, "SELECT number, id FROM photos WHERE number = ANY(%s::bigint[])", list(best))
    )
    return [Found(ids[photo], similarity) for photo, similarity in best.items()]


def _insert_faces(session: Session, event: int, number: int, photo: NewPhoto) -> None:
    if any(face.vector.shape != (photo.model.dimension,) for face in photo.faces):
        raise ValueError("a vector is not of its model")
    model = known_model(session, photo.model)
    with (
        session.cursor() as cursor,
        cursor.copy(
            "COPY photo_faces (photo, event, model, box_left, box_top, box_right, box_bottom, vector) FROM STDIN"
        ) as copy,
    ):
        for face in photo.faces:
            box = face.box
            copy.write_row((number, event, model, box.left, box.top, box.right, box.bottom, written(face.vector)))


def _texts(session: Session, statement: LiteralString, *values: object) -> list[str]:
    return [found[0] for found in rows(session, statement, *values)]
