"""Vectors as pgvector writes and reads them, and where those of enrolled faces are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from psycopg import sql

from edged.domain.person import ModelRef
from edged.hub.postgresql.database import Session
from edged.hub.postgresql.models import vectors_of

_HEADER: Final = 4
"""Bytes before the numbers of a vector, in what `vector_send` answers."""


def written(vector: NDArray[np.float32]) -> str:
    """A vector as pgvector reads it, exactly this one."""
    return "[" + ",".join(map(repr, np.asarray(vector, np.float32).astype(np.float64).tolist())) + "]"


def unpacked(sent: Sequence[bytes], dimension: int) -> NDArray[np.float32]:
    """Vectors from what `vector_send` answers: shape (number, dimension)."""
    packed = b"".join(vector[_HEADER:] for vector in sent)
    return np.frombuffer(packed, ">f4").astype(np.float32).reshape(len(sent), dimension)


def store_vector(
    session: Session,
    model: int,
    of: ModelRef,
    face: int,
    vector: NDArray[np.float32],
    quality: float,
    revision: int,
) -> None:
    """The vector of an enrolled face; `model` is our number of `of`."""
    if vector.shape != (of.dimension,):
        raise ValueError("the vector is not of its model")
    statement = sql.SQL("INSERT INTO {table} (face, vector, quality, revision) VALUES (%s, %s::vector, %s, %s)")
    session.execute(statement.format(table=vectors_of(model)), (face, written(vector), quality, revision))
