"""The one copy of all vectors in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

_SPARE_ROWS = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """Vectors with whom they belong to: append-only columns with room to grow.

    A longer matrix shares its memory with the shorter one that it grew out of, whose rows never change: readers keep
    what they were given, and an enrolment copies nothing. Only the longest may be extended, by one thread.

    Attributes:
        count: number of rows in use.
    """

    count: int
    _vectors: NDArray[np.float32]
    _owners: NDArray[np.int32]
    _prints: NDArray[np.uint64]

    @classmethod
    def with_room(cls, rows: int, dimension: int) -> Self:
        """An empty matrix that takes so many rows, and a quarter more, before it has to move.

        The operating system gives memory to a row only when it is written.
        """
        room = rows + rows // 4 + _SPARE_ROWS
        return cls(
            0,
            np.empty((room, dimension), np.float32),
            np.empty(room, np.int32),
            np.empty((room, 2), np.uint64),
        )

    @property
    def vectors(self) -> NDArray[np.float32]:
        """float32, shape (count, dimension), rows of unit length."""
        return self._vectors[: self.count]

    @property
    def owners(self) -> NDArray[np.int32]:
        """int32, shape (count,): the number of the person each row belongs to."""
        return self._owners[: self.count]

    @property
    def prints(self) -> NDArray[np.uint64]:
        """uint64, shape (count, 2): what tells a template from every other, see `edged.gallery.fingerprint`."""
        return self._prints[: self.count]

    def with_room_for(self, rows: int) -> Self:
        """This matrix, moved to a larger room where so many rows more do not fit."""
        if self.count + rows <= len(self._vectors):
            return self
        larger = self.with_room(self.count + rows, self._vectors.shape[1])
        return larger.extended(self.vectors, self.owners, self.prints)

    def extended(self, vectors: NDArray[np.float32], owners: NDArray[np.int32], prints: NDArray[np.uint64]) -> Self:
        """This matrix with more rows at its end."""
        end = self.count + len(vectors)
        if end > len(self._vectors):
            return self.with_room_for(len(vectors)).extended(vectors, owners, prints)
        self._vectors[self.count : end] = vectors
        self._owners[self.count : end] = owners
        self._prints[self.count : end] = prints
        return replace(self, count=end)

    def without(self, dead: NDArray[np.int32]) -> Self:
        """A new matrix of its own that lacks the rows `dead`."""
        alive = np.ones(self.count, bool)
        alive[dead] = False
        rows = self.with_room(int(alive.sum()), self._vectors.shape[1])
        return rows.extended(self.vectors[alive], self.owners[alive], self.prints[alive])
