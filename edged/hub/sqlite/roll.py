"""Every vector of a model in memory, once, as of a revision of the database."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from edged.domain.person import ModelRef
from edged.hub.sqlite.database import revision

_SPARE_ROWS: Final = 1024
_PIECE: Final = 1000
"""Rows that are read at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Roll:
    """Vectors, and whose face each is of: append-only columns with room to grow.

    A longer roll shares its memory with the shorter one that it grew out of, whose rows never change, but for one
    thing: the vectors of deleted faces become NaN, for everybody at once.

    Attributes:
        revision: of the database; last: number of the newest template that is in it.
        count: rows in use; dead: of them, deleted.
    """

    revision: int
    last: int
    count: int
    dead: int
    _vectors: NDArray[np.float32]
    _faces: NDArray[np.int32]

    @classmethod
    def empty(cls, dimension: int, room: int = 0) -> Self:
        """Without rows, and with room for some: the system gives memory to a row when it is written."""
        room += room // 4 + _SPARE_ROWS
        return cls(-1, 0, 0, 0, np.empty((room, dimension), np.float32), np.empty(room, np.int32))

    @property
    def faces(self) -> NDArray[np.int32]:
        """int32, shape (count,): the numbers of the faces."""
        return self._faces[: self.count]

    def cosines(self, probe: NDArray[np.float32], rows: NDArray[np.intp] | None = None) -> NDArray[np.float32]:
        """How much every face, or those of some rows, resembles a probe: -1…1, or NaN for one that was deleted.

        Not by `@`: OpenBLAS spreads a product over all cores and lets in one at a time, so that eight who look at once
        get a sixth of what they get when each uses one core.
        """
        vectors = self._vectors[: self.count] if rows is None else self._vectors[rows]
        return np.asarray(np.clip(np.einsum("ij,j->i", vectors, probe), -1, 1), np.float32)

    def extended(self, last: int, vectors: NDArray[np.float32], faces: NDArray[np.int32]) -> Self:
        """This roll with more rows at its end."""
        end = self.count + len(vectors)
        if end > len(self._vectors):
            return self._in_a_larger_room(end).extended(last, vectors, faces)
        self._vectors[self.count : end] = vectors
        self._faces[self.count : end] = faces
        return replace(self, last=last, count=end)

    def _in_a_larger_room(self, rows: int) -> Self:
        room = self.empty(self._vectors.shape[1], rows)
        room = replace(room, revision=self.revision, dead=self.dead)
        return room.extended(self.last, self._vectors[: self.count], self.faces)

    def without(self, gone: NDArray[np.int32]) -> Self:
        """This roll when faces have been deleted: their vectors leave the memory."""
        rows = np.flatnonzero(np.isin(self.faces, gone))
        self._vectors[rows] = np.nan
        return replace(self, dead=self.dead + len(rows))


class Rolls:
    """The rolls of all models that were asked for, kept up with the database. Any thread."""

    def __init__(self) -> None:
        self._rolls: dict[str, Roll] = {}
        self._turn = threading.Lock()

    def roll(self, connection: sqlite3.Connection, model: ModelRef) -> Roll:
        """The roll of a model, not older than the state that a connection sees; perhaps newer.

        Reads what has changed since the last call: by this process or others. The first call reads everything.
        """
        now = revision(connection)
        roll = self._rolls.get(model.digest)
        if roll is not None and roll.revision >= now:
            return roll
        with self._turn:
            roll = self._rolls.get(model.digest)
            if roll is None or roll.revision < now:
                roll = replace(_caught_up(connection, model, roll), revision=now)
                self._rolls[model.digest] = roll
        return roll


def _caught_up(connection: sqlite3.Connection, model: ModelRef, roll: Roll | None) -> Roll:
    """A roll with everything that a connection sees."""
    if roll is not None:
        gone = connection.execute("SELECT face FROM gone WHERE revision > ?", (roll.revision,)).fetchall()
        if gone:
            roll = roll.without(np.array(gone, np.int32).ravel())
        if roll.dead > _SPARE_ROWS and roll.dead * 2 > roll.count:
            roll = None  # the room of those who are gone is given back
    if roll is None:
        (rows,) = connection.execute(
            "SELECT count(*) FROM templates JOIN models ON models.number = templates.model WHERE digest = ?",
            (model.digest,),
        ).fetchone()
        roll = Roll.empty(model.dimension, rows)
    for piece in _pieces(connection, model, roll.last):
        numbers, faces, vectors = zip(*piece, strict=True)
        matrix = np.frombuffer(b"".join(vectors), "<f4").reshape(len(piece), model.dimension)
        roll = roll.extended(numbers[-1], matrix.astype(np.float32, copy=False), np.array(faces, np.int32))
    return roll


def _pieces(connection: sqlite3.Connection, model: ModelRef, last: int) -> Iterator[list[tuple[int, int, bytes]]]:
    rows = connection.execute(
        "SELECT number, face, vector FROM templates"
        " WHERE number > ? AND model = (SELECT number FROM models WHERE digest = ?) ORDER BY number",
        (last, model.digest),
    )
    while piece := rows.fetchmany(_PIECE):
        yield piece
