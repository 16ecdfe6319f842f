"""Enrolled people as each other's strangers: how alike the people of this site are."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.curve import Curve
from edged.domain.survey import Site
from edged.gallery.roll import Roll

_MOST_PROBES: Final = 2000
_SCORES_AT_ONCE: Final = 2_000_000
"""Bounds the tables in memory: four bytes each."""
_LEAST_PAIRS: Final = 30
"""A rate is measured only where so many pairs of people would reach its cosine; as for the model's own curve."""
_SEED: Final = 1


def measure_site(roll: Roll, curve: Curve, same: float) -> Site:
    """Compares people with all others, up to 2,000 of them by one template each.

    At the rarest rate of the curve that they can show, the share of comparisons that reach its cosine is turned into a
    shift of the curve there. Somebody who is enrolled twice would be a stranger as alike as no stranger is: pairs of
    people of whom a comparison reaches `same` are left out altogether.

    The standard error is that of a mean over pairs (a U-statistic of degree two): four times the variance of the
    people's own shares by their number.

    Takes a second or two of processor time for 200,000 templates; the matrix products release the interpreter.

    Args:
        same: the cosine from which two people are probably one.
    """
    people = [member for member in roll.members.values() if member.rows]
    rate, cosine, slope = _measurable(curve, len(people))
    if not rate:
        return Site(len(people))
    chance = np.random.default_rng(_SEED)
    chosen = chance.permutation(len(people))[:_MOST_PROBES].tolist()
    rows = np.array([people[place].rows[chance.integers(len(people[place].rows))] for place in chosen], np.intp)
    shares = _shares(roll, rows, cosine, same)
    mean = float(shares.mean())
    if mean == 0.0:
        # None where 30 pairs were expected: half a pair stands for it, or the logarithm would have no bottom.
        mean = rate / (2 * _LEAST_PAIRS)
    error = 2 * float(shares.std()) / math.sqrt(len(shares))
    return Site(
        len(people), rate, math.log(mean / rate) / slope, max(error / mean, 1 / math.sqrt(_LEAST_PAIRS)) / slope
    )


def _measurable(curve: Curve, people: int) -> tuple[float, float, float]:
    """The rarest rate that so many people can show, its cosine, and the curve's fall there in e-folds a unit of cosine.

    The rate is 0 where they can show none.
    """
    pairs = min(people, _MOST_PROBES) * (people - 1) / 2
    places = [place for place, (rate, _) in enumerate(curve.points) if rate * pairs >= _LEAST_PAIRS]
    if not places:
        return 0.0, 0.0, 0.0
    place = places[-1]
    (left, low), (right, high) = (
        curve.points[max(place - 1, 0)],
        curve.points[min(place + 1, len(curve.points) - 1)],
    )
    return (*curve.points[place], math.log(left / right) / (high - low))


def _shares(roll: Roll, rows: NDArray[np.intp], cosine: float, same: float) -> NDArray[np.float64]:
    """For each of these rows the share of comparisons with other people that reach the cosine."""
    vectors, owners = roll.matrix.vectors, roll.matrix.owners
    shares: list[float] = []
    at_once = max(1, _SCORES_AT_ONCE // max(len(owners), 1))
    for begin in range(0, len(rows), at_once):
        some = rows[begin : begin + at_once]
        scores = vectors[some] @ vectors.T
        scores[:, roll.dead] = -1.0
        for row, own in zip(scores, owners[some].tolist(), strict=True):
            left_out = roll.rows_of({own, *owners[row >= same].tolist()})
            row[left_out] = -1.0
            shares.append(float(np.count_nonzero(row >= cosine)) / max(roll.templates - len(left_out), 1))
    return np.array(shares)
