"""Whose faces the photographs of an event have, on the server; within somebody else's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.person import ModelRef
from edged.domain.rect import Rect
from edged.hub.postgresql.album_guests import denied
from edged.hub.postgresql.database import Session, rows
from edged.hub.postgresql.models import known_model, model_number
from edged.hub.postgresql.vectors import unpacked, written
from edged.photos.album import Found, NewPhoto, PhotoFace, Standing
from edged.photos.likeness import Likeness, alike

_SLACK: Final = 1e-4
"""The server's cosines are exact to six digits only: so many more faces are compared again."""
_EVERYBODY: Final = 2.0
"""What no negative cosine reaches."""


def insert_faces(session: Session, event: int, number: int, photo: NewPhoto) -> None:
    """Adds the faces of a photograph, by the number it has."""
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
    session: Session, event: int, model: ModelRef, probe: NDArray[np.float32], least: float, sure: float
) -> Sequence[Found]:
    """See `edged.api.albums.Albums.like`."""
    found = _found(session, event, model, probe, least, sure)[1]
    ids: dict[int, str] = dict(
        rows(
            session,
            "SELECT number, id FROM photos WHERE number = ANY(%s::bigint[]) AND standing = %s",
            *([one.photo for one in found], Standing.SHOWN.value),
        )
    )
    return [Found(ids[one.photo], max(-1.0, one.similarity)) for one in found if one.photo in ids]


def forget_faces(
    session: Session,
    event: int,
    model: ModelRef,
    probe: NDArray[np.float32],
    least: float,
    sure: float,
    photos: Sequence[str],
) -> tuple[int, Sequence[str]]:
    """Takes the templates that `like` finds out of the photographs, which stay; and all that are as near by themselves
    in these. How many they were, and the photographs' ids.
    """
    numbers, found = _found(session, event, model, probe, least, sure)
    near = rows(
        session,
        "SELECT f.number, vector_send(f.vector) FROM photo_faces f JOIN photos p ON p.number = f.photo"
        " JOIN models m ON m.number = f.model WHERE p.event = %s AND p.id = ANY(%s::text[]) AND m.digest = %s"
        " AND (f.vector <#> %s::vector) <= %s",
        *(event, list(photos), model.digest, written(probe), _SLACK - least),
    )
    cosines = unpacked([sent for _face, sent in near], model.dimension) @ probe.astype(np.float32) if near else ()
    theirs = [face for (face, _sent), cosine in zip(near, cosines, strict=True) if cosine >= least]
    theirs += [numbers[one.face] for one in found if numbers[one.face] not in theirs]
    return delete_faces(session, event, theirs)


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
    session.execute("UPDATE events SET faces = faces - %s WHERE number = %s", (len(faces), event))
    return len(faces), list(dict.fromkeys(photo for _face, photo in held))


def _found(
    session: Session, event: int, model: ModelRef, probe: NDArray[np.float32], least: float, sure: float
) -> tuple[Sequence[int], Sequence[Likeness]]:
    """The numbers of the faces that were compared, and which of them are the person's.

    Where nothing may be joined, the server compares, and those that are near are compared again; else all faces of the
    event are fetched.
    """
    number = model_number(session, model)
    if number is None:
        return (), ()
    reach = _SLACK - least if sure > 1 else _EVERYBODY
    near = rows(
        session,
        "SELECT number, photo, vector_send(vector) FROM photo_faces"
        " WHERE event = %s AND model = %s AND (vector <#> %s::vector) <= %s ORDER BY number",
        *(event, number, written(probe), reach),
    )
    if not near:
        return (), ()
    left_out = denied(session, event, number, model, probe, sure if sure <= 1 else least)
    photos = np.array([photo for _face, photo, _sent in near], np.int64)
    hidden = np.isin(photos, list(left_out)) if left_out else None
    vectors = unpacked([sent for *_numbers, sent in near], model.dimension)
    return [face for face, *_others in near], alike(probe, vectors, photos, least=least, sure=sure, denied=hidden)
