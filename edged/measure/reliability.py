"""Is a confidence what it says? Of the answers given with nine tenths, nine in ten should be right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.scale import Scale
from edged.measure.identification import Search

_BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers of about one confidence.

    Attributes:
        count: how many; weight: their share of all answers, enrolled people and strangers weighing the same.
        predicted: their mean confidence; right: the share of them that is right.
    """

    count: int
    weight: float
    predicted: float
    right: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far confidences can be believed.

    Attributes:
        bins: by confidence, in tenths; those without an answer are left out.
        error: expected calibration error, the mean distance of predicted and right over the bins, 0–1.
        brier: Brier's score, the mean squared distance of the confidence from 1 where it is right and from 0 where it
            is not; 0 is perfect, and 0.25 what saying one half every time comes to.
    """

    bins: tuple[Bin, ...]
    error: float
    brier: float


def reliability(search: Search, scale: Scale) -> Reliability:
    """The confidence of each best match beside whether it is the person who stands there; a stranger's never is.

    A confidence presumes that enrolled people and strangers are equally likely to come, so both kinds of probes weigh
    the same, however many there are of each.
    """
    confidences = np.array([scale.confidence(float(cosine)) for cosine in search.cosines])
    right = (search.found == search.people) & search.enrolled
    known = int(search.enrolled.sum())
    weights = np.where(search.enrolled, 0.5 / max(known, 1), 0.5 / max(len(search.people) - known, 1))
    places = np.minimum((confidences * _BINS).astype(np.int64), _BINS - 1)
    bins = tuple(_bin(confidences, right, weights, places == place) for place in np.unique(places))
    return Reliability(
        bins,
        error=sum(item.weight * abs(item.predicted - item.right) for item in bins),
        brier=float(np.sum(weights * (confidences - right) ** 2)),
    )


def _bin(
    confidences: NDArray[np.float64], right: NDArray[np.bool_], weights: NDArray[np.float64], inside: NDArray[np.bool_]
) -> Bin:
    weight = float(weights[inside].sum())
    return Bin(
        int(inside.sum()),
        weight,
        float(weights[inside] @ confidences[inside]) / weight,
        float(weights[inside] @ right[inside]) / weight,
    )
