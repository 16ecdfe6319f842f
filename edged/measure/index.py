"""`edged bench index`: the gallery's lookup beside an exact scan and other indexes, in one run."""

from __future__ import annotations

import importlib
import math
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edged.config.document import GallerySettings
from edged.domain.errors import Unavailable
from edged.domain.person import ModelRef, Person
from edged.domain.progress import Progress, quiet
from edged.gallery.build import WORTH_IT, Plan, build
from edged.gallery.roll import Roll, Templates
from edged.gallery.snapshot import Snapshot
from edged.measure.population import Population
from edged.measure.report import Report, Table

_TIMED: Final = 500
_SEED: Final = 1
_FIRST_EFFORT: Final = 64
_LAST_EFFORT: Final = 4096
_LINKS: Final = 16
_BUILD_EFFORT: Final = 128
_EVERYTHING: Final = "gallery, everything"
_ANNOY: Final = "gallery, Annoy"
_HEADINGS: Final = ("method", "effort", "recall@1", "p50 ms", "p95 ms", "of exact", "build s", "MB")

Ask = Callable[[NDArray[np.float32]], int]
"""From a unit vector to the number of the nearest person."""


@dataclass(frozen=True, slots=True)
class Method:
    """How one way of searching did.

    Attributes:
        effort: what was raised until the recall was reached (Annoy's search_k, the ef of HNSW); 0 where nothing is.
        recall: the share of probes for which it names the person that the exact scan names.
        p50_ms, p95_ms: processor time of the asking thread for one lookup.
        share: of the exact scan's processor time, all lookups together.
        build_s: seconds until it could be asked; megabytes: what it takes beside the gallery's own vectors.
    """

    name: str
    effort: int
    recall: float
    p50_ms: float
    p95_ms: float
    share: float
    build_s: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """All methods on one population, asked in turns.

    Attributes:
        probes: how many the recall was measured with.
        chosen: whether the gallery, left to itself, would use Annoy here.
    """

    source: str
    people: int
    templates: int
    dimension: int
    probes: int
    chosen: bool
    methods: tuple[Method, ...]


@dataclass(frozen=True, slots=True)
class IndexResult:
    """What `edged bench index` found.

    Attributes:
        missing: packages to compare with that are not installed.
    """

    comparisons: tuple[Comparison, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Graph:
    """An HNSW index: gives the row of the nearest vector."""

    nearest: Callable[[NDArray[np.float32]], int]
    set_effort: Callable[[int], None]
    megabytes: float


@dataclass(frozen=True, slots=True, eq=False)
class _Contender:
    name: str
    ask: Ask
    effort: int = 0
    build_s: float = 0.0
    megabytes: float = 0.0


def compare_indexes(
    populations: Sequence[Callable[[], Population]], settings: GallerySettings, progress: Progress = quiet
) -> IndexResult:
    """Searches each population with every method that there is, probe by probe in turns, so that all share one fate.

    Every approximate method is given the smallest effort, by doubling, that reaches `min_recall`, or the largest tried.
    Times are processor time of one thread: start with OPENBLAS_NUM_THREADS=1, as the daemon does. At 10,000 people with
    four templates of 128 numbers about half a minute, at 50,000 several.

    Args:
        populations: made one after the other, since a large one fills the memory.
        settings: of the gallery; `exact_below` does not count here.
    """
    missing = tuple(name for name in _GRAPHS if _package(name) is None)
    comparisons = []
    for number, make in enumerate(populations):

        def step(doing: str, share: float, done: int = number) -> None:
            progress(doing, (done + share) / len(populations))

        step("making people", 0.0)
        comparisons.append(_compare(make(), settings, step))
    progress("all were compared", 1.0)
    return IndexResult(tuple(comparisons), missing)


def index_report(result: IndexResult) -> Report:
    """The result for people: a table for each population."""
    parts: list[str | Table] = []
    for comparison in result.comparisons:
        choice = "uses Annoy" if comparison.chosen else "compares with everything"
        parts.append(
            f"{comparison.people:,} people, {comparison.templates:,} templates of {comparison.dimension} numbers"
            f" ({comparison.source}), {comparison.probes:,} probes. Processor time of one thread for one lookup; "
            f"the gallery {choice} here."
        )
        parts.append(Table(_HEADINGS, tuple(_row(method) for method in comparison.methods)))
    if result.missing:
        parts.append(f"Not installed, not compared: {', '.join(result.missing)} (pip install 'edged[bench]').")
    return Report("Index", tuple(parts))


def _row(method: Method) -> tuple[str, ...]:
    return (
        method.name,
        f"{method.effort or ''}",
        f"{method.recall:.4f}",
        f"{method.p50_ms:.2f}",
        f"{method.p95_ms:.2f}",
        f"{method.share:.2f}",
        f"{method.build_s:.1f}",
        f"{method.megabytes:.0f}",
    )


def _compare(population: Population, settings: GallerySettings, progress: Progress) -> Comparison:
    truth = _truth(population)
    progress("Annoy: building", 0.1)
    contenders = [_exact(population), *_galleries(population, settings)]
    for place, (name, prepare) in enumerate(_GRAPHS.items()):
        if package := _package(name):
            progress(f"{name}: building", 0.4 + 0.2 * place)
            contenders.append(_least_effort(name, partial(prepare, package), population, truth, settings.min_recall))
    progress("comparing", 0.8)
    methods = tuple(_timed(contenders, population.probes, truth))
    everything, annoy = (method for method in methods if method.name in (_EVERYTHING, _ANNOY))
    return Comparison(
        source=population.source,
        people=population.people,
        templates=len(population.vectors),
        dimension=population.vectors.shape[1],
        probes=len(truth),
        chosen=annoy.share <= WORTH_IT * everything.share,
        methods=methods,
    )


def _timed(contenders: Sequence[_Contender], probes: NDArray[np.float32], truth: NDArray[np.int32]) -> Iterator[Method]:
    spent = np.zeros((len(contenders), min(_TIMED, len(probes))))
    for turn, probe in enumerate(probes[:_TIMED]):
        for place in np.roll(np.arange(len(contenders)), turn).tolist():
            start = time.thread_time()
            contenders[place].ask(probe)
            spent[place, turn] = time.thread_time() - start
    for contender, times in zip(contenders, spent * 1000, strict=True):
        yield Method(
            name=contender.name,
            effort=contender.effort,
            recall=_recall(contender.ask, probes, truth),
            p50_ms=float(np.percentile(times, 50)),
            p95_ms=float(np.percentile(times, 95)),
            share=float(times.sum() / (spent[0].sum() * 1000)),
            build_s=contender.build_s,
            megabytes=contender.megabytes,
        )


def _recall(ask: Ask, probes: NDArray[np.float32], truth: NDArray[np.int32]) -> float:
    return float(np.mean([ask(probe) == right for probe, right in zip(probes, truth.tolist(), strict=True)]))


def _truth(population: Population) -> NDArray[np.int32]:
    blocks = np.array_split(population.probes, max(1, len(population.probes) // 32))
    nearest = np.concatenate([(block @ population.vectors.T).argmax(axis=1) for block in blocks])
    return np.asarray(population.owners[nearest])


def _exact(population: Population) -> _Contender:
    vectors, owners = population.vectors, population.owners
    return _Contender("exact (numpy)", lambda probe: int(owners[(vectors @ probe).argmax()]))


def _galleries(population: Population, settings: GallerySettings) -> tuple[_Contender, _Contender]:
    """The gallery comparing with everything, and the gallery with Annoy whether it is worth it or not."""
    model = ModelRef("bench", "0" * 64, population.vectors.shape[1])
    roll = _roll(population)
    with tempfile.TemporaryDirectory(prefix="edged-bench-") as directory:
        plan = Plan(roll, model, settings.model_copy(update={"exact_below": 0}), Path(directory))
        start = time.perf_counter()
        built = build(plan, worth_it=math.inf)
        seconds = time.perf_counter() - start
        size = sum(file.stat().st_size for file in Path(directory).iterdir())
    if built.base is None or built.trial is None:
        raise Unavailable("the index file did not survive its making", "Check the disk of the temporary directory.")
    narrowed = Snapshot(model, roll, built.base.fitted(roll))
    return (
        _Contender(_EVERYTHING, _asking(Snapshot(model, roll))),
        _Contender(_ANNOY, _asking(narrowed), built.trial.search_k, seconds, size / 1e6),
    )


def _roll(population: Population) -> Roll:
    people = {number: Person(id=str(number), customer_person_id=str(number)) for number in range(population.people)}
    prints = np.random.default_rng(_SEED).integers(0, 2**63, (len(population.vectors), 2)).astype(np.uint64)
    templates = Templates(population.owners, population.vectors, prints)
    return Roll.empty(population.vectors.shape[1]).with_room(len(prints)).after(1, (), people, [templates])


def _asking(snapshot: Snapshot) -> Ask:
    return lambda probe: int(snapshot.nearest(probe[np.newaxis])[0][0].person.customer_person_id)


def _least_effort(
    name: str,
    prepare: Callable[[NDArray[np.float32]], _Graph],
    population: Population,
    truth: NDArray[np.int32],
    min_recall: float,
) -> _Contender:
    start = time.perf_counter()
    graph = prepare(population.vectors)
    seconds = time.perf_counter() - start
    owners, effort = population.owners, _FIRST_EFFORT

    def ask(probe: NDArray[np.float32]) -> int:
        return int(owners[graph.nearest(probe)])

    graph.set_effort(effort)
    while _recall(ask, population.probes, truth) < min_recall and effort < _LAST_EFFORT:
        effort *= 2
        graph.set_effort(effort)
    return _Contender(name, ask, effort, seconds, graph.megabytes)


def _usearch(package: Any, vectors: NDArray[np.float32]) -> _Graph:
    index = package.Index(
        ndim=vectors.shape[1], metric="cos", dtype="f32", connectivity=_LINKS, expansion_add=_BUILD_EFFORT
    )
    index.add(np.arange(len(vectors)), vectors)

    def set_effort(effort: int) -> None:
        index.expansion_search = effort

    return _Graph(
        lambda probe: int(index.search(probe, 1, threads=1).keys[0]), set_effort, index.serialized_length / 1e6
    )


def _hnswlib(package: Any, vectors: NDArray[np.float32]) -> _Graph:
    index = package.Index("ip", vectors.shape[1])
    index.init_index(len(vectors), M=_LINKS, ef_construction=_BUILD_EFFORT)
    index.add_items(vectors)
    index.set_num_threads(1)
    return _Graph(lambda probe: int(index.knn_query(probe, 1)[0][0, 0]), index.set_ef, index.index_file_size() / 1e6)


def _package(name: str) -> Any:
    """The package to compare with, or None where it is not installed."""
    try:
        return importlib.import_module(_MODULES[name])
    except ImportError:
        return None


_GRAPHS: Final = {"usearch": _usearch, "hnswlib": _hnswlib}
_MODULES: Final = {"usearch": "usearch.index", "hnswlib": "hnswlib"}
