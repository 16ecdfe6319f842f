"""Faces to try an index with: enrolled ones, each as if it were not enrolled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.gallery.families import Families
from edged.gallery.roll import Roll

_MOST_OF_A_KIND: Final = 2000
_AT_ONCE: Final = 32


@dataclass(frozen=True, slots=True, eq=False)
class Probes:
    """Templates that stand for faces at the door: those of known people first, then those of strangers.

    Attributes:
        roll, families: who is enrolled; the places are those of `families`.
        rows: int32, shape (N,): of the matrix. A known person's is compared with everything but itself; a stranger's
            with everybody but the person it is of.
        places: int32, shape (N,): whose each is; nobody's twice among the known, nor among the strangers.
        known: how many are of known people.
        nearest: int32, shape (N,): the place of who has the highest cosine among those it is compared with.
    """

    roll: Roll
    families: Families
    rows: NDArray[np.int32]
    places: NDArray[np.int32]
    known: int
    nearest: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def vectors(self) -> NDArray[np.float32]:
        """float32, shape (N, dimension), unit length; copied each time."""
        return self.roll.matrix.vectors[self.rows]

    def left_out(self, number: int) -> NDArray[np.int32]:
        """The rows that a probe is not compared with."""
        own = slice(number, number + 1)
        return self.rows[own] if number < self.known else self.families.rows_of(self.places[own])

    def held(self) -> Families:
        """The people of the known probes in this order, each without the probe."""
        own = self.families.only(self.places[: self.known])
        return own.without(np.flatnonzero(own.rows == np.repeat(self.rows[: self.known], own.sizes)))


def make_probes(roll: Roll, families: Families, seed: int) -> Probes:
    """Up to 2,000 probes of known people and as many of strangers, chosen at random; all are real faces.

    A known person's template finds what a second photograph of somebody finds. Strangers matter because an index
    misses distant neighbours more often than near ones, so that they show up to which score it may have missed
    somebody; and where everybody has one photograph, there are no others.
    """
    chance = np.random.default_rng(seed)
    known = chance.permutation(np.flatnonzero(families.sizes > 1))[:_MOST_OF_A_KIND]
    strangers = chance.permutation(families.people if families.people > 1 else 0)[:_MOST_OF_A_KIND]
    places = np.concatenate((known, strangers)).astype(np.int32)
    rows = families.rows[families.bounds[places] + chance.integers(0, families.sizes[places])]
    probes = Probes(roll, families, rows, places, len(known), np.empty(0, np.int32))
    return replace(probes, nearest=np.fromiter(_nearest(probes), np.int32, len(probes)))


def _nearest(probes: Probes) -> Iterator[int]:
    vectors = probes.roll.matrix.vectors
    place_of = np.full(len(vectors), -1, np.int32)
    place_of[probes.families.rows] = probes.families.places()
    for start in range(0, len(probes), _AT_ONCE):
        scores = vectors[probes.rows[start : start + _AT_ONCE]] @ vectors.T
        scores[:, probes.roll.dead] = -np.inf
        for number, row in enumerate(scores, start):
            row[probes.left_out(number)] = -np.inf
            yield int(place_of[row.argmax()])
