"""Faces to try an index with, made of what is enrolled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.gallery.roll import Roll

_MOST_PROBES: Final = 2000
_LEAST_LIKE, _MOST_LIKE = 0.35, 0.75
"""Cosines between a face at the door and the photographs of the same person."""
_LOOKED_AT: Final = 5 * _MOST_PROBES
_NOISE_ROWS: Final = 16
_AT_ONCE: Final = 32


@dataclass(frozen=True, slots=True, eq=False)
class Probes:
    """Unit vectors with the person who is nearest to each.

    Attributes:
        vectors: float32, shape (N, dimension).
        own_rows: intp, shape (N,): the row that a probe is a copy of and must not be compared with; -1 for none.
        nearest: int32, shape (N,): number of the person with the highest cosine, own row left out.
    """

    vectors: NDArray[np.float32]
    own_rows: NDArray[np.intp]
    nearest: NDArray[np.int32]


def make_probes(roll: Roll, seed: int) -> Probes:
    """Up to 2,000 probes as unlike what is enrolled as a face at the door is: 0.35–0.75 from its own person.

    Best are real ones: templates of people who have others, none more alike than that, each compared with everything
    but itself. Photographs of one sitting are no test, since they are found by any index. Where real ones are too few,
    templates turned away from themselves fill up, towards a mixture of others. These are harder to find than real
    faces, so that a gallery with one photograph a person errs towards the exact scan.
    """
    chance = np.random.default_rng(seed)
    alive = chance.permutation(np.setdiff1d(np.arange(roll.matrix.count), roll.dead, assume_unique=True))
    real = np.array([row for row in alive[:_LOOKED_AT].tolist() if _is_a_test(roll, row)][:_MOST_PROBES], np.intp)
    turned = _turned_away(roll.matrix.vectors, alive, min(_MOST_PROBES, len(alive)) - len(real), chance)
    vectors = np.concatenate((roll.matrix.vectors[real], turned))
    own_rows = np.concatenate((real, np.full(len(turned), -1, np.intp)))
    return Probes(vectors, own_rows, _nearest(roll, vectors, own_rows))


def _is_a_test(roll: Roll, row: int) -> bool:
    vectors = roll.matrix.vectors
    others = [other for other in roll.members[int(roll.matrix.owners[row])].rows if other != row]
    return bool(others) and _LEAST_LIKE <= float((vectors[others] @ vectors[row]).max()) <= _MOST_LIKE


def _turned_away(
    vectors: NDArray[np.float32], alive: NDArray[np.intp], count: int, chance: np.random.Generator
) -> NDArray[np.float32]:
    """So many of the rows, each turned to a random cosine with itself towards a random mixture of others."""
    start = vectors[alive[:count]]
    mixed = np.zeros_like(start)
    for _ in range(_NOISE_ROWS):
        weight = chance.standard_normal((count, 1), dtype=np.float32)
        mixed += weight * vectors[chance.choice(alive, count)]
    sideways = mixed - (mixed * start).sum(axis=1, keepdims=True) * start
    sideways /= np.maximum(np.linalg.norm(sideways, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    cosine = chance.uniform(_LEAST_LIKE, _MOST_LIKE, (count, 1)).astype(np.float32)
    return np.asarray(cosine * start + np.sqrt(1 - cosine * cosine) * sideways, np.float32)


def _nearest(roll: Roll, vectors: NDArray[np.float32], own_rows: NDArray[np.intp]) -> NDArray[np.int32]:
    nearest = np.empty(len(vectors), np.int32)
    for start in range(0, len(vectors), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        scores = vectors[some] @ roll.matrix.vectors.T
        scores[:, roll.dead] = -np.inf
        real = np.flatnonzero(own_rows[some] >= 0)
        scores[real, own_rows[some][real]] = -np.inf
        nearest[some] = roll.matrix.owners[scores.argmax(axis=1)]
    return nearest
