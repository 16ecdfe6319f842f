"""Are two photographs of one person? Accuracy on folds, and error rates at thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edged.measure.gaze import Gaze
from edged.measure.photo_set import Pair

NOT_COMPARED = -1.0
"""The cosine of a pair in which a face was not found: it counts as two people, rightly or not."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """By LFW's protocol: each fold is judged at the threshold that is best on the others.

    Attributes:
        folds: share of pairs judged rightly, a fold each.
        thresholds: the cosine used for each.
    """

    folds: tuple[float, ...]
    thresholds: tuple[float, ...]

    @property
    def mean(self) -> float:
        return float(np.mean(self.folds))

    @property
    def standard_error(self) -> float:
        """Of the mean, from the spread of the folds."""
        return float(np.std(self.folds, ddof=1) / np.sqrt(len(self.folds)))


def compare(gaze: Gaze, pairs: Sequence[Pair]) -> NDArray[np.float64]:
    """The cosine of each pair; `NOT_COMPARED` where a face was not found."""
    rows = gaze.places()

    def cosine(pair: Pair) -> float:
        if pair.first not in rows or pair.second not in rows:
            return NOT_COMPARED
        return float(gaze.vectors[rows[pair.first]] @ gaze.vectors[rows[pair.second]])

    return np.array([cosine(pair) for pair in pairs])


def judge_folds(cosines: NDArray[np.float64], same: NDArray[np.bool_], folds: NDArray[np.int64]) -> Accuracy:
    """Accuracy by folds.

    Args:
        cosines, same, folds: of each pair, shape (n,); two folds at least.
    """
    shares: list[float] = []
    thresholds: list[float] = []
    for fold in np.unique(folds):
        held_out = folds == fold
        threshold = best_threshold(cosines[~held_out], same[~held_out])
        shares.append(float(np.mean((cosines[held_out] >= threshold) == same[held_out])))
        thresholds.append(threshold)
    return Accuracy(tuple(shares), tuple(thresholds))


def best_threshold(cosines: NDArray[np.float64], same: NDArray[np.bool_]) -> float:
    """The cosine at which most pairs are judged rightly; midway between the two pairs that it divides."""
    order = np.argsort(cosines, kind="stable")
    ordered, matched = cosines[order], same[order].astype(np.int64)
    # right[k]: pairs judged rightly when the k lowest count as different and the others as same.
    right = matched.sum() + np.concatenate([[0], np.cumsum(1 - 2 * matched)])
    edges = np.concatenate([[ordered[0] - 1e-6], (ordered[1:] + ordered[:-1]) / 2, [ordered[-1] + 1e-6]])
    return float(edges[int(np.argmax(right))])


def true_accept_rate(cosines: NDArray[np.float64], same: NDArray[np.bool_], far: float) -> float:
    """The share of one-person pairs accepted at the threshold that accepts at most `far` of the others."""
    others = np.sort(cosines[~same])[::-1]
    allowed = int(far * len(others))
    threshold = np.nextafter(others[allowed], np.inf)
    return float(np.mean(cosines[same] >= threshold))
