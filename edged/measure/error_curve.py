"""An embedder's error curve, from every pair of photographs there is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.curve import Curve
from edged.domain.errors import Refused

RATES: Final = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
_BINS: Final = 20_000
_LEAST_PAIRS: Final = 30
"""A rate is measured only where so many pairs reach its threshold; fewer are chance, and wrong labels."""
_ROWS_AT_ONCE: Final = 512
_STEPS: Final = 50
_LONGEST_STEP: Final = 5.0
"""In log-odds; without a bound Newton's method may leap to where its curvature vanishes."""
_STRANGERS: Final = 100.0
"""Pairs of two people weigh so many times as much as pairs of one in the logistic regression, so that it is right where
a look-up decides, among the most alike of many strangers, and not where most pairs are. `edged eval identification`
measures what that does to the confidence."""


@dataclass(frozen=True, slots=True, eq=False)
class Cosines:
    """How often each cosine occurs, in 20,000 steps from -1 to 1.

    Attributes:
        same: pairs of one person; other: pairs of two. int64, shape (20000,).
    """

    same: NDArray[np.int64]
    other: NDArray[np.int64]


def count_cosines(vectors: NDArray[np.float32], people: Sequence[str]) -> Cosines:
    """Compares every photograph with every other one.

    Args:
        vectors: float32, shape (n, dimension), unit length.
        people: whom each shows.
    """
    _, numbers = np.unique(np.asarray(people), return_inverse=True)
    same, other = np.zeros(_BINS, np.int64), np.zeros(_BINS, np.int64)
    columns = np.arange(len(vectors))
    for begin in range(0, len(vectors), _ROWS_AT_ONCE):
        rows = columns[begin : begin + _ROWS_AT_ONCE]
        cosines = vectors[rows] @ vectors.T
        bins = np.clip(((cosines + 1) * (_BINS / 2)).astype(np.int64), 0, _BINS - 1)
        once = columns[None, :] > rows[:, None]
        alike = numbers[rows][:, None] == numbers[None, :]
        same += np.bincount(bins[once & alike], minlength=_BINS)
        other += np.bincount(bins[once & ~alike], minlength=_BINS)
    return Cosines(same, other)


def fit_curve(cosines: Cosines, rates: Sequence[float] = RATES) -> Curve:
    """The thresholds of the rates that can be measured, and the probability of one person by the cosine.

    Raises:
        Refused: there are too few pairs.
    """
    total = int(cosines.other.sum())
    measurable = [rate for rate in rates if rate * total >= _LEAST_PAIRS]
    if len(measurable) < 2 or cosines.same.sum() < _LEAST_PAIRS:
        raise Refused(
            "too_few_pairs", f"{total:,} pairs of two people are too few for a curve", "Use more photographs."
        )
    points = tuple((rate, _threshold(cosines.other, rate)) for rate in measurable)
    slope, intercept = _logistic(cosines)
    return Curve(points, slope, intercept)


def _threshold(other: NDArray[np.int64], rate: float) -> float:
    """The lowest step that at most `rate` of the pairs reach."""
    reaching = np.cumsum(other[::-1])[::-1]
    step = int(np.argmax(reaching <= rate * other.sum()))
    return round(step / (_BINS / 2) - 1, 4)


def _logistic(cosines: Cosines) -> tuple[float, float]:
    """Slope and intercept of the logistic regression of "one person" on the cosine, at even odds.

    Pairs of two people weigh `_STRANGERS` times as much; the intercept is then put right for it. Newton's method on the
    log-likelihood.
    """
    middles = (np.arange(_BINS) + 0.5) / (_BINS / 2) - 1
    same = cosines.same / cosines.same.sum()
    other = _STRANGERS * cosines.other / cosines.other.sum()
    design = np.stack([middles, np.ones(_BINS)])
    weights = np.array([0.0, -math.log(_STRANGERS)])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-(weights @ design)))
        gradient = design @ (same * (1 - chance) - other * chance)
        curvature = (design * ((same + other) * chance * (1 - chance))) @ design.T
        step = np.linalg.solve(curvature, gradient)
        step *= min(1.0, _LONGEST_STEP / float(np.abs(step @ design).max()))
        weights = weights + step
        if np.abs(step).max() < 1e-9:
            break
    return float(weights[0]), float(weights[1]) + math.log(_STRANGERS)
