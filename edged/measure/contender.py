"""Ways of searching among people, to be compared: the gallery's, numpy's, and those of other packages."""

from __future__ import annotations

import importlib
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edged.config.document import GallerySettings
from edged.domain.person import ModelRef, Person
from edged.gallery.build import Plan, build
from edged.gallery.index_directory import reserve
from edged.gallery.roll import Roll, Templates
from edged.gallery.snapshot import Snapshot
from edged.gallery.trial import Trial
from edged.measure.population import Population
from edged.vault.seal import Seal, new_key

_SEED: Final = 1
_FIRST_EFFORT: Final = 64
_LAST_EFFORT: Final = 4096
_LINKS: Final = 16
_BUILD_EFFORT: Final = 128

Ask = Callable[[NDArray[np.float32]], tuple[int, ...]]
"""From a unit vector to the numbers of the nearest people, the nearest first: one, or two."""


@dataclass(frozen=True, slots=True, eq=False)
class Contender:
    """One way of searching, ready to be asked.

    Attributes:
        effort: what was raised until enough was found (Annoy's search_k, the ef of HNSW); 0 where nothing is.
        build_s: seconds until it could be asked; megabytes: what it takes beside the gallery's own vectors.
        trial: what the gallery's own build found.
    """

    name: str
    ask: Ask
    effort: int = 0
    build_s: float = 0.0
    megabytes: float = 0.0
    trial: Trial | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Graph:
    """An HNSW index: gives the row of the nearest vector."""

    nearest: Callable[[NDArray[np.float32]], int]
    set_effort: Callable[[int], None]
    megabytes: float


def exact(population: Population) -> Contender:
    """One matrix product, and the best template's owner."""
    vectors, owners = population.vectors, population.owners
    return Contender("exact (numpy)", lambda probe: (int(owners[(vectors @ probe).argmax()]),))


def gallery(population: Population, settings: GallerySettings) -> tuple[Contender, Contender]:
    """The gallery comparing with everything, and the gallery as a device would use it."""
    model = ModelRef("bench", "0" * 64, population.vectors.shape[1])
    roll = _roll(population)
    with tempfile.TemporaryDirectory(prefix="edged-bench-") as folder:
        directory = Path(folder)
        plan = Plan(roll, model, settings, directory, Seal(new_key()), reserve(directory, None))
        start = time.perf_counter()
        built = build(plan)
        seconds = time.perf_counter() - start
        size = sum(file.stat().st_size for file in directory.iterdir())
    chosen = Contender(
        "gallery",
        _asking(Snapshot(model, roll, built.narrowing)),
        built.trial.search_k if built.trial and built.trial.items else 0,
        seconds,
        size / 1e6,
        built.trial,
    )
    return Contender("gallery, everything", _asking(Snapshot(model, roll))), chosen


def others(population: Population, truth: NDArray[np.int32], min_recall: float) -> list[Contender]:
    """Those packages that are installed, each with the least effort, by doubling, that finds the share `min_recall`.

    The effort is found with the very probes that they are judged by.
    """
    found = []
    for name, (package, prepare) in _GRAPHS.items():
        if module := _package(package):
            found.append(_least_effort(name, partial(prepare, module), population, truth, min_recall))
    return found


def missing() -> tuple[str, ...]:
    """Packages to compare with that are not installed."""
    return tuple(
        dict.fromkeys(package.partition(".")[0] for package, _ in _GRAPHS.values() if _package(package) is None)
    )


def recall(ask: Ask, probes: NDArray[np.float32], truth: NDArray[np.int32], depth: int = 1) -> float:
    """The share of probes for which the first `depth` people are those of `truth`, in its order; 0 without probes."""
    wanted = [tuple(row) for row in truth[:, :depth].tolist()]
    right = [ask(probe)[:depth] == names for probe, names in zip(probes, wanted, strict=True)]
    return sum(right) / max(len(right), 1)


def nearest_two(population: Population, probes: NDArray[np.float32]) -> NDArray[np.int32]:
    """int32, shape (N, 2): the two people with the highest cosines, by an exact scan."""
    begins = np.flatnonzero(np.diff(population.owners, prepend=-1))
    found = [np.empty((0, 2), np.int32)]
    for block in np.array_split(probes, max(1, len(probes) // 32)):
        scores = np.maximum.reduceat(block @ population.vectors.T, begins, axis=1)
        first = scores.argmax(axis=1)
        scores[np.arange(len(block)), first] = -np.inf
        found.append(np.stack((first, scores.argmax(axis=1)), axis=1).astype(np.int32))
    return np.concatenate(found)


def _roll(population: Population) -> Roll:
    people = {number: Person(id=str(number), customer_person_id=str(number)) for number in range(population.people)}
    prints = np.random.default_rng(_SEED).integers(0, 2**63, (len(population.vectors), 2)).astype(np.uint64)
    templates = Templates(population.owners, population.vectors, prints)
    return Roll.empty(population.vectors.shape[1]).with_room(len(prints)).after(1, (), people, [templates])


def _asking(snapshot: Snapshot) -> Ask:
    def ask(probe: NDArray[np.float32]) -> tuple[int, ...]:
        (found,) = snapshot.nearest(probe[np.newaxis])
        return tuple(int(candidate.person.customer_person_id) for candidate in found)

    return ask


def _least_effort(
    name: str,
    prepare: Callable[[NDArray[np.float32]], _Graph],
    population: Population,
    truth: NDArray[np.int32],
    min_recall: float,
) -> Contender:
    start = time.perf_counter()
    graph = prepare(population.vectors)
    seconds = time.perf_counter() - start
    owners, effort = population.owners, _FIRST_EFFORT

    def ask(probe: NDArray[np.float32]) -> tuple[int, ...]:
        return (int(owners[graph.nearest(probe)]),)

    graph.set_effort(effort)
    while recall(ask, population.probes, truth) < min_recall and effort < _LAST_EFFORT:
        effort *= 2
        graph.set_effort(effort)
    return Contender(name, ask, effort, seconds, graph.megabytes)


def _usearch(package: Any, vectors: NDArray[np.float32], *, numbers: str = "f32") -> _Graph:
    index = package.Index(
        ndim=vectors.shape[1], metric="cos", dtype=numbers, connectivity=_LINKS, expansion_add=_BUILD_EFFORT
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
        return importlib.import_module(name)
    except ImportError:
        return None


_GRAPHS: Final[dict[str, tuple[str, Callable[[Any, NDArray[np.float32]], _Graph]]]] = {
    "usearch": ("usearch.index", _usearch),
    "usearch, i8": ("usearch.index", partial(_usearch, numbers="i8")),
    "hnswlib": ("hnswlib", _hnswlib),
}
