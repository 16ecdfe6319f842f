"""Whose faces the photographs of an event have, on the server; within somebody else's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.person import ModelRef
from edged.hub.postgresql.album_guests import denied
from edged.hub.postgresql.database import Session, rows
from edged.hub.postgresql.models import known_model, model_number
from edged.hub.postgresql.vectors import unpacked, written
from edged.photos.album import Found, NewPhoto, Standing

_SLACK: Final = 1e-4
"""The server's cosines are exact to six digits only: so many more faces are compared again."""


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
    cosines = _cosines([sent for _photo, sent in near], model, probe)
    best: dict[int, float] = {}
    for place in np.argsort(-cosines, kind="stable").tolist():
        if cosines[place] >= least:
            best.setdefault(near[place][0], float(cosines[place]))
    left_out = denied(session, event, number, model, probe, least)
    ids: dict[int, str] = dict(
        rows(
            session,
            "SELECT number, id FROM photos WHERE number = ANY(%s::bigint[]) AND standing = %s",
            *([photo for photo in best if photo not in left_out], Standing.SHOWN.value),
        )
    )
    return [Found(ids[photo], similarity) for photo, similarity in best.items() if photo in ids]


def forget_faces(
    session: Session, event: int, model: ModelRef, probe: NDArray[np.float32], least: float, photos: Sequence[str]
) -> int:
    """Takes the templates of this cosine or a higher one out of these photographs, which stay; how many they were."""
    near = rows(
        session,
        "SELECT f.number, p.number, vector_send(f.vector) FROM photo_faces f JOIN photos p ON p.number = f.photo"
        " JOIN models m ON m.number = f.model WHERE p.event = %s AND p.id = ANY(%s::text[]) AND m.digest = %s"
        " AND (f.vector <#> %s::vector) <= %s ORDER BY p.number, f.number FOR UPDATE OF p, f",
        *(event, list(photos), model.digest, written(probe), _SLACK - least),
    )
    if not near:
        return 0
    theirs = _cosines([sent for *_numbers, sent in near], model, probe) >= least
    faces = [face for (face, _photo, _sent), is_theirs in zip(near, theirs, strict=True) if is_theirs]
    session.execute(
        "UPDATE photos p SET faces = faces - gone.number FROM (SELECT photo, count(*) AS number FROM photo_faces"
        " WHERE number = ANY(%s::bigint[]) GROUP BY photo) AS gone WHERE p.number = gone.photo",
        (faces,),
    )
    session.execute("DELETE FROM photo_faces WHERE number = ANY(%s::bigint[])", (faces,))
    session.execute("UPDATE events SET faces = faces - %s WHERE number = %s", (len(faces), event))
    return len(faces)


def _cosines(sent: Sequence[bytes], model: ModelRef, probe: NDArray[np.float32]) -> NDArray[np.float32]:
    cosines: NDArray[np.float32] = np.clip(unpacked(sent, model.dimension) @ probe.astype(np.float32), -1, 1)
    return cosines
