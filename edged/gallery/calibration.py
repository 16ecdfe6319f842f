"""How an index is best asked, how often that is right, and what it saves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.person import ModelRef
from edged.domain.progress import Progress
from edged.gallery.base import GLANCED, BaseNarrowing
from edged.gallery.probes import Probes
from edged.gallery.snapshot import Snapshot

_FIRST_SEARCH_K: Final = 1000
"""With half of it, which seemed cheaper and as right on the probes of a build, 4 of 1,042 real visitors were missed at
50,000 people."""
_WARMING: Final = 8
_TIMED: Final = 32
_CAUTION: Final = 0.02
_LONG: Final = 256
"""From so many numbers on, a score must be so much higher than those at which Annoy was wrong on the probes of a build:
real visitors resemble their photographs less than those do. Without it 4 of 1,042 were missed at 50,000 people and 512
numbers, with it 2; at 128 none is missed without it, and twice as many would have to be scanned for."""
_REACHES: Final = (128, 192, 256, 384, 512, 768, 1024)
_GLANCES_SHARE: Final = 0.5
_SCANS_SHARE: Final = 0.25
"""Of the wrong answers that are allowed, Annoy may give so many, and the scan; the rest is for chance."""
_AT_ONCE: Final = 32


@dataclass(frozen=True, slots=True)
class Calibration:
    """What one way of asking comes to.

    Attributes:
        search_k: how many nodes Annoy looks at.
        sure: a best score above this is taken from Annoy; 1 where it is better not asked at all.
        reach: of how many rows of the scan the people are compared.
        recall: the share of probes whose nearest person is found. Each half of them is asked with what the other half
            has taught, so that no probe is judged by itself.
        unsure: the share of known people's probes that are scanned for; 1 where there are none.
        cost: processor time of a lookup of a known person as a share of the exact scan's.
    """

    search_k: int
    sure: float
    reach: int
    recall: float
    unsure: float
    cost: float


@dataclass(frozen=True, slots=True, eq=False)
class _Answers:
    """What Annoy says to every probe: the best score of whom it names, and whether that is the nearest person's.

    Attributes:
        caution: how far above a wrong answer's score one must be to be sure.
    """

    scores: NDArray[np.float32]
    right: NDArray[np.bool_]
    caution: float

    def sure(self, probes: NDArray[np.intp], min_recall: float) -> float:
        """The score above which few enough further answers are expected to be wrong.

        Above the k-th highest score of those that were wrong among n are k - 1 of them, and k / n of further ones are
        to be expected there. So it is the highest for 2,000 probes, and the second for 4,000.
        """
        wrong = np.sort(self.scores[probes][~self.right[probes]])
        place = max(1, round(_GLANCES_SHARE * (1 - min_recall) * len(probes)))
        return min(1.0, float(wrong[-place]) + self.caution) if len(wrong) >= place else -1.0

    def judged(
        self, within: NDArray[np.bool_], min_recall: float, taught: NDArray[np.intp], judged: NDArray[np.intp]
    ) -> NDArray[np.bool_]:
        """Whether these probes find their nearest: by Annoy where it is sure, otherwise by the scan."""
        return np.where(self.scores[judged] > self.sure(taught, min_recall), self.right[judged], within[judged])


def calibrate(
    narrowing: BaseNarrowing,
    own_rows: int,
    model: ModelRef,
    probes: Probes,
    min_recall: float,
    progress: Progress,
    timer: Callable[[], float],
) -> Calibration:
    """The cheapest way of asking that finds the share `min_recall` of the nearest people; where none does, the best.

    Tried are the scan alone, and Annoy before it with search_k 1,000 and its doubles while that makes it cheaper.

    Args:
        narrowing: has, behind what stands for each person, what would stand for the known probes' people without them.
        own_rows: how many rows of the scan stand for people with all they have.
        timer: seconds of processor time of this thread.
    """
    ranks = _ranks(narrowing, own_rows, probes)
    reach = _reach(ranks, min_recall)
    within = _crossed(lambda taught, judged: ranks[judged] <= _reach(ranks[taught], min_recall), len(probes))
    scan_cost = _cost(narrowing.asked(search_k=1, sure=1.0, reach=reach), model, probes, timer)
    best = Calibration(1, 1.0, reach, _share(within), 1.0, scan_cost)
    for number, search_k in enumerate(_efforts(narrowing.families.people) if probes.known else ()):
        progress(f"trying search_k {search_k}", 0.7 + 0.04 * min(number, 6))
        asked = narrowing.asked(search_k=search_k, sure=-1.0, reach=reach)
        glance_cost = _cost(asked, model, probes, timer)
        if best.recall >= min_recall and glance_cost > best.cost:
            break
        answers = _answers(asked, probes)
        found = _crossed(partial(answers.judged, within, min_recall), len(probes))
        sure = answers.sure(np.arange(len(probes)), min_recall)
        unsure = _share(answers.scores[: probes.known] <= sure)
        tried = Calibration(search_k, sure, reach, _share(found), unsure, glance_cost + unsure * scan_cost)
        if best.recall >= min_recall and best.sure < 1 and best.cost <= tried.cost:
            break
        best = _better(best, tried, min_recall)
    return best


def _crossed(
    judge: Callable[[NDArray[np.intp], NDArray[np.intp]], NDArray[np.bool_]], probes: int
) -> NDArray[np.bool_]:
    """What each half of the probes comes to with what the other half has taught, in the order of all."""
    numbers, verdicts = np.arange(probes), np.zeros(probes, bool)
    for half in (0, 1):
        judged = numbers % 2 == half
        verdicts[judged] = judge(numbers[~judged], numbers[judged])
    return verdicts


def _efforts(people: int) -> Iterator[int]:
    """1,000 and its doubles, up to a quarter of the people."""
    search_k = _FIRST_SEARCH_K
    yield search_k
    while (search_k := 2 * search_k) <= people // 4:
        yield search_k


def _better(one: Calibration, other: Calibration, min_recall: float) -> Calibration:
    """The one that finds enough; if both do, the cheaper; if neither does, the one that finds more; else the other."""
    return max(other, one, key=lambda item: (min(item.recall, min_recall), -item.cost))


def _share(verdicts: NDArray[np.bool_]) -> float:
    """Of the true ones; 0 where there are none at all."""
    return float(verdicts.mean()) if len(verdicts) else 0.0


def _reach(ranks: NDArray[np.int64], min_recall: float) -> int:
    """The least reach with which the scan finds its share, or the greatest there is."""
    allowed = _SCANS_SHARE * (1 - min_recall) * len(ranks)
    return next((reach for reach in _REACHES if (ranks > reach).sum() <= allowed), _REACHES[-1])


def _ranks(narrowing: BaseNarrowing, own_rows: int, probes: Probes) -> NDArray[np.int64]:
    """How many rows of the scan must be taken until the nearest person of each probe is among them."""
    table, vectors = narrowing.base.table, probes.vectors
    ranks = np.empty(len(probes), np.int64)
    for start in range(0, len(probes), _AT_ONCE):
        for number, scores in enumerate(table.scores(vectors[start : start + _AT_ONCE]), start):
            own = table.places == probes.places[number]
            if number < probes.known:
                own[own_rows:] = False
            scores[own] = np.iinfo(np.int32).min
            best = scores[table.places == probes.nearest[number]].max()
            ranks[number] = (scores > best).sum() + 1
    return ranks


def _answers(narrowing: BaseNarrowing, probes: Probes) -> _Answers:
    scores, right = np.full(len(probes), -1, np.float32), np.zeros(len(probes), bool)
    vectors = probes.vectors
    for number in range(len(probes)):
        places = _glanced(narrowing, probes, number, vectors[number])
        rows = np.setdiff1d(narrowing.families.rows_of(places), probes.left_out(number), assume_unique=True)
        if len(rows):
            cosines = probes.roll.matrix.vectors[rows] @ vectors[number]
            scores[number] = cosines.max()
            nearest = narrowing.families.rows_of(probes.nearest[number : number + 1])
            right[number] = rows[cosines.argmax()] in nearest
    return _Answers(scores, right, _CAUTION if vectors.shape[1] >= _LONG else 0.0)


def _glanced(narrowing: BaseNarrowing, probes: Probes, number: int, vector: NDArray[np.float32]) -> NDArray[np.int32]:
    """Whom Annoy names for a probe, where what stands for it, or for the stranger it is of, is not there."""
    place, places = probes.places[number], narrowing.base.items
    named = narrowing.named(vector, GLANCED + 2)
    others = named != place if number < probes.known else places[named] != place
    return np.unique(places[named[others][:GLANCED]])


def _cost(narrowing: BaseNarrowing, model: ModelRef, probes: Probes, timer: Callable[[], float]) -> float:
    """Processor time of a lookup as a share of the exact scan's: medians over some probes, asked in turns."""
    asked = Snapshot(model, probes.roll), Snapshot(model, probes.roll, narrowing)
    vectors = probes.vectors[: _WARMING + _TIMED]
    if not len(vectors):
        return 1.0
    spent = np.zeros((len(vectors), len(asked)))
    for turn, vector in enumerate(vectors):
        for place, snapshot in enumerate(asked):
            start = timer()
            snapshot.nearest(vector[np.newaxis])
            spent[turn, place] = timer() - start
    exact, narrowed = np.median(spent[min(_WARMING, len(vectors) - 1) :], axis=0)
    return float(narrowed / max(exact, 1e-9))
