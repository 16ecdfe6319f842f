"""Whose faces the photographs of an event have, on the server; within somebody else's transaction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edged.domain.person import ModelRef
from edged.domain.rect import Rect
from edged.hub.postgresql.album_guests import denied
from edged.hub.postgresql.database import Session, rows
from edged.hub.postgresql.models import known_model, model_number
from edged.hub.postgresql.vectors import unpacked, written
from edged.photos.event_faces import EventFaces, KeptFaces
from edged.photos.likeness import Likeness, same_guest
from edged.photos.photo import NewPhoto, PhotoFace, Standing
from edged.photos.search import Found


def insert_faces(session: Session, event: int, number: int, photo: NewPhoto) -> None:
    """Adds the faces of a photograph, by the number it has.

    Args:
        session: within a transaction that has counted them in the event: so nobody else adds to it meanwhile, and the
            numbers of its faces become visible in their order.
        event: its number.
    """
    if not photo.faces:
        return
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


def like(
    session: Session,
    kept: KeptFaces,
    event: int,
    model: ModelRef,
    probe: NDArray[np.float32],
    least: float,
    sure: float,
) -> Sequence[Found]:
    """See `edged.api.albums.Albums.like`. `kept`: what is in memory."""
    _faces, found = _found(session, kept, event, model, probe, least, sure)
    # Another thread may have brought in photographs that this session does not see yet.
    ids: dict[int, str] = dict(
        rows(
            session,
            "SELECT number, id FROM photos WHERE number = ANY(%s::bigint[]) AND standing = %s",
            *([one.photo for one in found], Standing.SHOWN.value),
        )
    )
    return [Found(ids[one.photo], max(-1.0, one.similarity)) for one in found if one.photo in ids]


def theirs(
    session: Session,
    kept: KeptFaces,
    event: int,
    model: ModelRef,
    probe: NDArray[np.float32],
    least: float,
    sure: float,
    photos: Sequence[str],
) -> Sequence[int]:
    """The numbers of the faces that `like` finds, and of all as near by themselves in these photographs."""
    faces, found = _found(session, kept, event, model, probe, least, sure)
    numbers = rows(session, "SELECT number FROM photos WHERE event = %s AND id = ANY(%s::text[])", event, list(photos))
    return faces.theirs(probe, least, found, [number for (number,) in numbers])


def faces_of(session: Session, event: int, photo: str) -> Sequence[tuple[int, PhotoFace, ModelRef]]:
    """The faces of a photograph: number, face, and who made its vector."""
    found = rows(
        session,
        "SELECT f.number, box_left, box_top, box_right, box_bottom, vector_send(f.vector), m.name, m.digest,"
        " m.dimension FROM photo_faces f JOIN models m ON m.number = f.model JOIN photos p ON p.number = f.photo"
        " WHERE p.event = %s AND p.id = %s ORDER BY f.number",
        *(event, photo),
    )
    return [
        (number, PhotoFace(Rect(*box), unpacked([sent], dimension)[0]), ModelRef(name, digest, dimension))
        for number, *box, sent, name, digest, dimension in found
    ]


def delete_faces(session: Session, event: int, numbers: Sequence[int]) -> tuple[int, Sequence[str]]:
    """Takes templates out of photographs, which stay: how many were still there, and the photographs' ids."""
    held = rows(
        session,
        "SELECT f.number, p.id FROM photo_faces f JOIN photos p ON p.number = f.photo"
        " WHERE f.number = ANY(%s::bigint[]) ORDER BY p.number, f.number FOR UPDATE OF p, f",
        list(numbers),
    )
    faces = [face for face, _photo in held]
    if not faces:
        return 0, ()
    session.execute(
        "UPDATE photos p SET faces = faces - gone.number FROM (SELECT photo, count(*) AS number FROM photo_faces"
        " WHERE number = ANY(%s::bigint[]) GROUP BY photo) AS gone WHERE p.number = gone.photo",
        (faces,),
    )
    session.execute("DELETE FROM photo_faces WHERE number = ANY(%s::bigint[])", (faces,))
    session.execute(
        "UPDATE events SET faces = faces - %s, removals = removals + 1 WHERE number = %s", (len(faces), event)
    )
    return len(faces), list(dict.fromkeys(photo for _face, photo in held))


def _found(
    session: Session,
    kept: KeptFaces,
    event: int,
    model: ModelRef,
    probe: NDArray[np.float32],
    least: float,
    sure: float,
) -> tuple[EventFaces, Sequence[Likeness]]:
    number = model_number(session, model) or 0

    def newer(last: int) -> Sequence[tuple[int, int, bytes]]:
        found = rows(
            session,
            "SELECT number, photo, vector_send(vector) FROM photo_faces WHERE event = %s AND number > %s AND model = %s"
            " ORDER BY number",
            *(event, last, number),
        )
        return [(face, photo, unpacked([sent], model.dimension).tobytes()) for face, photo, sent in found]

    removals: dict[int, int] = dict(
        rows(session, "SELECT number, removals FROM events WHERE number = ANY(%s::bigint[])", [event, *kept.events()])
    )
    kept.forget_all_but(removals)  # whoever purged them
    faces = kept.current(event, model, removals.get(event, 0), newer)
    # Two selfies are one person's from where two faces are one for certain.
    left_out = denied(session, event, number, model, probe, same_guest(least, sure))
    return faces, faces.found(probe, least, sure, left_out)
