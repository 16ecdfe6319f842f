"""How much effort a lookup by Annoy needs, from which score on its answer may be taken, and what that saves."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edged.domain.person import ModelRef
from edged.domain.progress import Progress
from edged.gallery.base import BaseNarrowing
from edged.gallery.probes import Probe
from edged.gallery.roll import Roll
from edged.gallery.snapshot import Snapshot

_FIRST_SEARCH_K: Final = 1000
_TIMED: Final = 64
_MARGIN: Final = 0.05
"""Of as many further probes one is expected to be wrong with more than the highest wrong score; rarely by so much."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What one effort comes to.

    Attributes:
        search_k: how many nodes Annoy looks at.
        sure: a best score above this is taken as found; below, everything is compared.
        recall: the share of probes, others than `sure` was chosen with, whose nearest person is found.
        unsure: the share of those of known people for which everything is compared; 1 where there are none.
        cost: processor time of a lookup of a known person as a share of the exact scan's.
    """

    search_k: int
    sure: float
    recall: float
    unsure: float
    cost: float


def calibrate(
    narrowing: BaseNarrowing,
    model: ModelRef,
    roll: Roll,
    probes: Sequence[Probe],
    min_recall: float,
    progress: Progress,
) -> Calibration:
    """The cheapest calibration that finds the share `min_recall` of the nearest people, or, where none does, the best.

    search_k begins at 1,000 and doubles while it may still become cheaper, up to a quarter of the templates. For each
    effort `sure` is a little above the highest score with which a probe of the first half got a wrong person, and the
    recall is that of the second half.
    """
    half = len(probes) // 2
    best: Calibration | None = None
    for search_k in _efforts(roll.templates):
        progress(f"trying search_k {search_k}", 0.7)
        narrowing = replace(narrowing, search_k=search_k)
        own_cost = _share_of_exact(narrowing, model, roll, probes[:_TIMED])
        if best and own_cost >= (best.cost if best.recall >= min_recall else 1.0):
            break
        sure = _highest_miss(narrowing, roll, probes[:half]) + _MARGIN
        recall, unsure = _proven(narrowing, roll, probes[half:], sure)
        tried = Calibration(search_k, min(sure, 1.0), recall, unsure, own_cost + unsure)
        best = tried if best is None else _better(best, tried, min_recall)
    assert best is not None  # noqa: S101  there is always a first effort
    return best


def _efforts(templates: int) -> Iterator[int]:
    """1,000 and its doubles, up to a quarter of the templates."""
    search_k = _FIRST_SEARCH_K
    yield search_k
    while (search_k := 2 * search_k) <= templates // 4:
        yield search_k


def _better(one: Calibration, other: Calibration, min_recall: float) -> Calibration:
    """The one that finds enough; if both do, the cheaper; if neither does, the one that finds more."""
    return max(one, other, key=lambda item: (min(item.recall, min_recall), -item.cost))


def _highest_miss(narrowing: BaseNarrowing, roll: Roll, probes: Sequence[Probe]) -> float:
    answers = (_answer(narrowing, roll, probe) for probe in probes)
    return max((score for score, right in answers if not right), default=-1.0)


def _proven(narrowing: BaseNarrowing, roll: Roll, probes: Sequence[Probe], sure: float) -> tuple[float, float]:
    """Recall of all probes, 0 where there are none, and the share of the known ones that are unsure."""
    answers = [_answer(narrowing, roll, probe) for probe in probes]
    found = [right or score <= sure for score, right in answers]
    unsure = [score <= sure for (score, _right), probe in zip(answers, probes, strict=True) if probe.known]
    return sum(found) / max(len(found), 1), sum(unsure) / len(unsure) if unsure else 1.0


def _answer(narrowing: BaseNarrowing, roll: Roll, probe: Probe) -> tuple[float, bool]:
    """The best score among what the narrowing names, and whether it is that of the nearest person."""
    named = narrowing.rows(probe.vector)
    people = roll.enrolled(roll.matrix.owners[np.setdiff1d(named, probe.left_out)])
    rows = np.setdiff1d(roll.rows_of(people), probe.left_out, assume_unique=True)
    if not rows.size:
        return -1.0, False
    scores = roll.matrix.vectors[rows] @ probe.vector
    best = int(scores.argmax())
    return float(scores[best]), int(roll.matrix.owners[rows[best]]) == probe.nearest


def _share_of_exact(narrowing: BaseNarrowing, model: ModelRef, roll: Roll, probes: Sequence[Probe]) -> float:
    """Processor time of lookups that take what the narrowing names, as a share of exact ones', in turns."""
    exact = Snapshot(model, roll)
    narrowed = Snapshot(model, roll, replace(narrowing, sure=-1.0))
    spent = {exact: 0.0, narrowed: 0.0}
    for probe in probes:
        for snapshot in spent:
            start = time.thread_time()
            snapshot.nearest(probe.vector[np.newaxis])
            spent[snapshot] += time.thread_time() - start
    return spent[narrowed] / max(spent[exact], 1e-9)
