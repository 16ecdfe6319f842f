"""`edged bench index`: the gallery's lookup beside an exact scan and other indexes, in one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.config.document import GallerySettings
from edged.domain.progress import Progress, quiet
from edged.measure import contender
from edged.measure.contender import Contender, nearest_two, recall
from edged.measure.index_life import Life, live_with_index
from edged.measure.population import Population

_TIMED: Final = 400
"""Probes of known people, and of strangers, whose lookups are timed."""


@dataclass(frozen=True, slots=True)
class Times:
    """Processor time of the asking thread for one lookup.

    Attributes:
        share: of the exact scan's, all lookups together.
    """

    p50_ms: float
    p95_ms: float
    share: float


@dataclass(frozen=True, slots=True)
class Method:
    """How one way of searching did.

    Attributes:
        effort, build_s, megabytes: see `Contender`.
        recall: the share of all probes for which it names the person that the exact scan names.
        recall_known, recall_strangers: of each kind alone.
        recall_2: the share for which the second person is right as well; None where it names but one.
        known, strangers: what a lookup of each kind costs.
    """

    name: str
    effort: int
    recall: float
    recall_known: float
    recall_strangers: float
    recall_2: float | None
    known: Times
    strangers: Times
    build_s: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """All methods on one population, asked in turns.

    Attributes:
        known, strangers: how many probes of each kind there were.
        choice: how the gallery, left to itself, searches here: everything, the scan, or Annoy and the scan.
    """

    source: str
    people: int
    templates: int
    dimension: int
    known: int
    strangers: int
    choice: str
    methods: tuple[Method, ...]

    def method(self, name: str) -> Method:
        """The one of this name."""
        return next(method for method in self.methods if method.name == name)


@dataclass(frozen=True, slots=True)
class IndexResult:
    """What `edged bench index` found.

    Attributes:
        life: with the largest gallery that there was time for; None where it was not asked for.
        missing: packages to compare with that are not installed.
    """

    comparisons: tuple[Comparison, ...]
    life: Life | None
    missing: tuple[str, ...]


def measure_index(
    populations: Sequence[Callable[[], Population]],
    settings: GallerySettings,
    progress: Progress = quiet,
    *,
    life_of: Callable[[], Population] | None = None,
    alone: bool = False,
) -> IndexResult:
    """Searches each population with every method that there is, probe by probe in turns, so that all share one fate.

    Times are processor time of one thread: start with OPENBLAS_NUM_THREADS=1, as the daemon does. At 10,000 people with
    four templates of 128 numbers a minute or two, at 50,000 ten.

    Args:
        populations: made one after the other, since a large one fills the memory.
        settings: of the gallery.
        life_of: whom to fill a gallery on the disk with, to see how it lives.
        alone: leaves other packages out, whose graphs take most of the time.
    """
    stages = len(populations) + (life_of is not None)
    comparisons = []
    for number, make in enumerate(populations):

        def step(doing: str, share: float, done: int = number) -> None:
            progress(doing, (done + share) / stages)

        step("making people", 0.0)
        comparisons.append(_compare(make(), settings, step, alone=alone))
    life = None
    if life_of is not None:
        life = live_with_index(life_of(), settings, lambda doing, share: progress(doing, (stages - 1 + share) / stages))
    progress("all was measured", 1.0)
    return IndexResult(tuple(comparisons), life, () if alone else contender.missing())


def _compare(population: Population, settings: GallerySettings, progress: Progress, *, alone: bool) -> Comparison:
    truth = nearest_two(population, population.probes)
    progress("the gallery: building", 0.1)
    contenders = [contender.exact(population), *contender.gallery(population, settings)]
    progress("others: building", 0.3)
    contenders += [] if alone else contender.others(population, truth, settings.min_recall)
    progress("comparing", 0.7)
    trial = contenders[2].trial
    choice = "everything" if trial is None or not trial.used else "Annoy, then the scan" if trial.items else "the scan"
    return Comparison(
        source=population.source,
        people=population.people,
        templates=len(population.vectors),
        dimension=population.vectors.shape[1],
        known=len(population.known),
        strangers=len(population.strangers),
        choice=choice,
        methods=_tried(contenders, population, truth),
    )


def _tried(contenders: Sequence[Contender], population: Population, truth: NDArray[np.int32]) -> tuple[Method, ...]:
    known = _timed(contenders, population.known)
    strangers = _timed(contenders, population.strangers)
    split = len(population.known)
    methods = []
    for place, item in enumerate(contenders):
        of_known = recall(item.ask, population.known, truth[:split])
        of_strangers = recall(item.ask, population.strangers, truth[split:])
        two = recall(item.ask, population.probes, truth, 2) if len(item.ask(population.known[0])) > 1 else None
        methods.append(
            Method(
                name=item.name,
                effort=item.effort,
                recall=(of_known * split + of_strangers * len(population.strangers)) / len(truth),
                recall_known=of_known,
                recall_strangers=of_strangers,
                recall_2=two,
                known=known[place],
                strangers=strangers[place],
                build_s=item.build_s,
                megabytes=item.megabytes,
            )
        )
    return tuple(methods)


def _timed(contenders: Sequence[Contender], probes: NDArray[np.float32]) -> list[Times]:
    spent = np.zeros((len(contenders), min(_TIMED, len(probes))))
    for turn, probe in enumerate(probes[:_TIMED]):
        for place in np.roll(np.arange(len(contenders)), turn).tolist():
            start = time.thread_time()
            contenders[place].ask(probe)
            spent[place, turn] = time.thread_time() - start
    return [
        Times(
            p50_ms=float(np.percentile(times, 50)) * 1000,
            p95_ms=float(np.percentile(times, 95)) * 1000,
            share=float(times.sum() / spent[0].sum()),
        )
        if len(times)
        else Times(0.0, 0.0, 0.0)
        for times in spent
    ]
