"""Everybody's templates side by side, to be compared person by person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from edged.gallery.roll import Roll


@dataclass(frozen=True, slots=True, eq=False)
class Families:
    """People in a row, each with the rows of the matrix that are theirs. A person's place is their number here.

    Attributes:
        rows: int32, shape (templates,): those of the person at place 0, of the one at place 1, and so on.
        bounds: int32, shape (people + 1,): where in `rows` each begins; the last is its length.
    """

    rows: NDArray[np.int32]
    bounds: NDArray[np.int32]

    @classmethod
    def of(cls, roll: Roll) -> Self:
        """Of everybody with a template, in the order of their numbers."""
        alive = np.ones(roll.matrix.count, bool)
        alive[roll.dead] = False
        rows = np.flatnonzero(alive).astype(np.int32)
        owners = roll.matrix.owners[rows]
        order = np.argsort(owners, kind="stable")
        _numbers, begins = np.unique(owners[order], return_index=True)
        return cls(rows[order], np.append(begins, len(rows)).astype(np.int32))

    @property
    def people(self) -> int:
        return len(self.bounds) - 1

    @property
    def sizes(self) -> NDArray[np.int32]:
        """int32, shape (people,): how many templates each has."""
        return np.diff(self.bounds)

    def rows_of(self, places: NDArray[np.int32]) -> NDArray[np.int32]:
        """All rows of the people at these places, one person after the other."""
        begins = self.bounds[places]
        sizes = self.bounds[places + 1] - begins
        ends = np.cumsum(sizes)
        within = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - sizes, sizes)
        rows: NDArray[np.int32] = self.rows[np.repeat(begins, sizes) + within]
        return rows

    def places(self) -> NDArray[np.int32]:
        """int32, shape (templates,): the place of whom each of `rows` belongs to."""
        return np.repeat(np.arange(self.people, dtype=np.int32), self.sizes)

    def without(self, positions: NDArray[np.intp]) -> Families:
        """The same people without the rows at these positions of `rows`; everybody must keep one."""
        kept = np.ones(len(self.rows), bool)
        kept[positions] = False
        lost = np.bincount(self.places()[positions], minlength=self.people)
        bounds = np.append(0, np.cumsum(self.sizes - lost)).astype(np.int32)
        return Families(self.rows[kept], bounds)

    def only(self, places: NDArray[np.int32]) -> Families:
        """The people at these places, in this order."""
        bounds = np.append(0, np.cumsum(self.sizes[places])).astype(np.int32)
        return Families(self.rows_of(places), bounds)
