"""Which enrolled faces are most like a probe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, LiteralString

import numpy as np
from numpy.typing import NDArray
from psycopg import sql

from edged.api.directory import DEFAULT_GALLERY, FaceFilter
from edged.domain.person import ModelRef
from edged.hub.postgresql.database import Session
from edged.hub.postgresql.faces import fitting
from edged.hub.postgresql.galleries import number_of_gallery
from edged.hub.postgresql.models import model_number, vectors_of
from edged.hub.postgresql.vectors import unpacked, written

_SPARE: Final = 20
"""So many more than were asked for are compared again: the server's cosines are exact to six digits only."""
_WIDTH: Final = "1000"
"""How many faces the index keeps in sight (`hnsw.ef_search`): the most that pgvector allows."""

_SEARCH: Final = """
    SELECT face, vector_send(vector) FROM {table} WHERE face = ANY (ARRAY (
        SELECT v.face FROM {source} WHERE {condition} ORDER BY v.vector <#> %s::vector LIMIT %s
    ))
"""
_EVERYWHERE: Final = "{table} v"
_IN_GALLERY: Final = "face_galleries m JOIN {table} v ON v.face = m.face"
_OF_PEOPLE: Final = "people p JOIN faces f ON f.person = p.number JOIN {table} v ON v.face = f.number"


def nearest_faces(
    session: Session, model: ModelRef, probe: NDArray[np.float32], count: int, wanted: FaceFilter
) -> list[tuple[int, float]]:
    """The numbers of the faces that fit and are most like a probe, and their exact cosines, the most similar first.

    All faces that fit are compared; without a filter only those that the index names, where the model has one, see
    `edged.hub.postgresql.models.index_vectors`.

    Args:
        session: that sees one state of the tables, see `Database.glance`.
        model: that made the probe.
        probe: float32, shape (dimension,), unit length.
        count: at most so many, at least 1.
        wanted: without bounds.
    """
    number = model_number(session, model)
    if number is None:
        return []
    source: LiteralString = _EVERYWHERE
    condition: LiteralString = "true"
    values: tuple[object, ...] = ()
    if wanted.key is not None or wanted.person is not None:
        source = _OF_PEOPLE
        condition, values = fitting(wanted)
    elif wanted.gallery is not None and wanted.gallery != DEFAULT_GALLERY:
        source = _IN_GALLERY
        condition = "m.gallery = %s"
        values = (number_of_gallery(session, wanted.gallery),)
    session.execute("SELECT set_config('hnsw.ef_search', %s, true)", (_WIDTH,))
    table = vectors_of(number)
    statement = sql.SQL(_SEARCH).format(
        table=table, source=sql.SQL(source).format(table=table), condition=sql.SQL(condition)
    )
    with session.cursor(binary=True) as cursor:
        found = cursor.execute(statement, (*values, written(probe), count + _SPARE)).fetchall()
    return _ranked([(face, sent) for face, sent in found], probe, model.dimension)[:count]


def _ranked(found: Sequence[tuple[int, bytes]], probe: NDArray[np.float32], dimension: int) -> list[tuple[int, float]]:
    if not found:
        return []
    vectors = unpacked([sent for _face, sent in found], dimension)
    cosines = np.clip(vectors @ probe, -1, 1).tolist()
    numbers = [face for face, _sent in found]
    return sorted(zip(numbers, cosines, strict=True), key=lambda match: (-match[1], match[0]))
