"""Faces to try an index with: the enrolled ones, each as if it were not enrolled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.gallery.roll import Roll

_MOST_OF_A_KIND: Final = 2000
_AT_ONCE: Final = 32


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """A template that stands for a face at the door.

    Attributes:
        vector: float32, shape (dimension,), unit length.
        left_out: rows of the matrix that it is not compared with: its own, or all of its person.
        known: its person stays in the gallery with other templates; otherwise it is a stranger.
        nearest: number of the person with the highest cosine among the other rows.
    """

    vector: NDArray[np.float32]
    left_out: NDArray[np.intp]
    known: bool
    nearest: int


def make_probes(roll: Roll, seed: int) -> list[Probe]:
    """Up to 2,000 probes of known people and as many of strangers, in random order; all are real faces.

    A known person's template is compared with everything but itself: what a second photograph of somebody finds. A
    stranger's is compared with everybody else. Strangers matter because an index misses distant neighbours more often
    than near ones, so that they show up to which score it may have missed somebody.
    """
    chance = np.random.default_rng(seed)
    alive = np.setdiff1d(np.arange(roll.matrix.count), roll.dead, assume_unique=True)
    _owners, family, sizes = np.unique(roll.matrix.owners[alive], return_inverse=True, return_counts=True)
    known = chance.permutation(alive[sizes[family] > 1])[:_MOST_OF_A_KIND]
    strangers = chance.permutation(alive if len(sizes) > 1 else alive[:0])[:_MOST_OF_A_KIND]
    kinds = [(row, True) for row in known.tolist()] + [(row, False) for row in strangers.tolist()]
    left_out = [np.array([row] if is_known else _family(roll, row), np.intp) for row, is_known in kinds]
    vectors = roll.matrix.vectors[[row for row, _is_known in kinds]]
    nearest = _nearest(roll, vectors, left_out)
    probes = [
        Probe(vector, own, is_known, person)
        for vector, own, (_row, is_known), person in zip(vectors, left_out, kinds, nearest, strict=True)
    ]
    return [probes[place] for place in chance.permutation(len(probes)).tolist()]


def _family(roll: Roll, row: int) -> tuple[int, ...]:
    return roll.members[int(roll.matrix.owners[row])].rows


def _nearest(roll: Roll, vectors: NDArray[np.float32], left_out: list[NDArray[np.intp]]) -> list[int]:
    nearest: list[int] = []
    for start in range(0, len(vectors), _AT_ONCE):
        scores = vectors[start : start + _AT_ONCE] @ roll.matrix.vectors.T
        scores[:, roll.dead] = -np.inf
        for row, own in zip(scores, left_out[start : start + _AT_ONCE], strict=True):
            row[own] = -np.inf
        nearest += roll.matrix.owners[scores.argmax(axis=1)].tolist()
    return nearest
