"""How a large gallery lives: opening, enrolling, deleting, and lookups while its index is made anew."""

from __future__ import annotations

import gc
import os
import queue
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from edged.config.document import GallerySettings
from edged.domain.identity import uuid7
from edged.domain.person import ModelRef, Person, Template
from edged.domain.progress import Progress
from edged.gallery.build import Built, build
from edged.gallery.gallery import Gallery
from edged.gallery.people import People
from edged.measure.population import Population
from edged.runtime.beside import beside
from edged.vault.vault import Vault

_MODEL_DIGEST: Final = "0" * 64
_MEMORY: Final = Path("/dev/shm")  # noqa: S108  a file system in memory, where there is one: only made-up people go there
_OPENINGS: Final = 5
_GUESTS: Final = 25
_BETWEEN_S: Final = 0.1
_CALM_LOOKUPS: Final = 100


@dataclass(frozen=True, slots=True)
class Life:
    """A gallery on the disk, with an index.

    Attributes:
        open_s: seconds until it could be asked after a start, median of five; index_s: of these for the index alone.
        enrol_ms, delete_ms: from the call until somebody new is found, or is gone; median and worst of 25.
        rebuild_s: how long a build took beside ten lookups a second; lookups: how many there were meanwhile.
        stall_ms: the longest that one of these took beyond its own processor time; calm_ms: without a build.
        wrong: lookups meanwhile that did not find who was enrolled throughout.
    """

    people: int
    templates: int
    open_s: float
    index_s: float
    enrol_ms: tuple[float, float]
    delete_ms: tuple[float, float]
    rebuild_s: float
    lookups: int
    stall_ms: float
    calm_ms: float
    wrong: int


def live_with_index(population: Population, settings: GallerySettings, progress: Progress) -> Life:
    """Fills a gallery in a temporary directory, and lives with it. Takes a few minutes for 50,000 people."""
    with tempfile.TemporaryDirectory(prefix="edged-bench-") as folder:
        state = Path(folder) / "state"
        progress("enrolling people", 0.0)
        _fill(state, population)
        progress("building the index", 0.4)
        with _gallery(state, population, settings) as gallery:
            gallery.adopt(build(gallery.begin_build()))
        progress("opening the gallery", 0.6)
        opened = [_open_s(state, population, settings) for _ in range(_OPENINGS)]
        with _gallery(state, population, settings) as gallery:
            progress("enrolling and deleting", 0.7)
            enrol, delete = _come_and_go(gallery, population)
            progress("looking up while the index is made anew", 0.8)
            calm = [_lookup(gallery, population, number) for number in _numbers(_CALM_LOOKUPS)]
            rebuild_s, busy = _rebuild(gallery, population)
    with_index, without = (float(np.median(column)) for column in zip(*opened, strict=True))
    return Life(
        people=population.people,
        templates=len(population.vectors),
        open_s=with_index,
        index_s=with_index - without,
        enrol_ms=enrol,
        delete_ms=delete,
        rebuild_s=rebuild_s,
        lookups=len(busy),
        stall_ms=max(stall for stall, _right in busy),
        calm_ms=max(stall for stall, _right in calm),
        wrong=sum(not right for _stall, right in busy),
    )


def _fill(state: Path, population: Population) -> None:
    """Enrols everybody; in memory first, where every write would wait for the disk."""
    with tempfile.TemporaryDirectory(prefix="edged-bench-", dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        vault = Vault.open(Path(folder), environment={})
        people = People.open(Path(folder) / "gallery.db", vault, now=time.time, new_id=_new_id)
        bounds = np.append(np.flatnonzero(np.diff(population.owners, prepend=-1)), len(population.owners))
        for number, (begin, end) in enumerate(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)):
            templates = [_template(row, population.vectors[row]) for row in range(begin, end)]
            people.enroll(Person("", str(number)), templates, _model(population))
        people.close()
        shutil.copytree(folder, state)


@contextmanager
def _gallery(state: Path, population: Population, settings: GallerySettings) -> Iterator[Gallery]:
    vault = Vault.open(state, environment={})
    gallery = Gallery.open(
        state / "gallery.db", settings, _model(population), vault, now=time.time, new_id=_new_id, beside=beside
    )
    gc.freeze()  # as the daemon does when it has started
    try:
        yield gallery
    finally:
        gc.unfreeze()
        gallery.close()


def _open_s(state: Path, population: Population, settings: GallerySettings) -> tuple[float, float]:
    """Seconds to open the gallery with its index, and without."""
    start = time.perf_counter()
    with _gallery(state, population, settings):
        with_index = time.perf_counter() - start
    index, aside = state / "index", state / "aside"
    index.mkdir(exist_ok=True)
    index.rename(aside)
    start = time.perf_counter()
    with _gallery(state, population, settings):
        without = time.perf_counter() - start
    aside.rename(index)
    return with_index, without


def _come_and_go(gallery: Gallery, population: Population) -> tuple[tuple[float, float], tuple[float, float]]:
    """Guests are enrolled with two faces each, and deleted; each time until a lookup shows it."""
    guests = min(_GUESTS, len(population.strangers) // 2)
    faces = population.strangers[: 2 * guests].reshape(guests, 2, -1)
    enrol, delete = [], []
    for guest, own in enumerate(faces):
        templates = [_template(10**9 + 2 * guest + number, face) for number, face in enumerate(own)]
        start = time.perf_counter()
        gallery.enroll(Person("", f"guest {guest}"), templates)
        _must(gallery, own[0], f"guest {guest}", there=True)
        enrol.append((time.perf_counter() - start) * 1000)
    for guest, own in enumerate(faces):
        start = time.perf_counter()
        gallery.delete(f"guest {guest}")
        _must(gallery, own[0], f"guest {guest}", there=False)
        delete.append((time.perf_counter() - start) * 1000)
    return (float(np.median(enrol)), max(enrol)), (float(np.median(delete)), max(delete))


def _must(gallery: Gallery, face: np.ndarray[tuple[int], np.dtype[np.float32]], key: str, *, there: bool) -> None:
    (found,) = gallery.snapshot().nearest(face[np.newaxis])
    if (found[0].person.customer_person_id == key) is not there:
        raise AssertionError(f"{key} should {'' if there else 'not '}be found")


def _rebuild(gallery: Gallery, population: Population) -> tuple[float, list[tuple[float, bool]]]:
    """Builds on one thread and adopts on another, as the daemon does, while this one looks up."""
    built: queue.SimpleQueue[Built] = queue.SimpleQueue()
    plan = gallery.begin_build()
    builder = threading.Thread(target=lambda: built.put(build(plan)))
    keeper = threading.Thread(target=lambda: gallery.adopt(built.get()))
    start = time.perf_counter()
    builder.start()
    keeper.start()
    busy = []
    for number in _numbers(population.people):
        busy.append(_lookup(gallery, population, number))
        if not keeper.is_alive():
            break
    builder.join()
    keeper.join()
    return time.perf_counter() - start, busy


def _numbers(count: int) -> Iterator[int]:
    """So many numbers, ten a second."""
    for number in range(count):
        yield number
        time.sleep(_BETWEEN_S)


def _lookup(gallery: Gallery, population: Population, number: int) -> tuple[float, bool]:
    """Milliseconds that a lookup took beyond its own processor time, and whether it found whom it should."""
    row = (number * 7919) % len(population.vectors)
    begun, spent = time.perf_counter(), time.thread_time()
    (found,) = gallery.snapshot().nearest(population.vectors[row][np.newaxis])
    stall = (time.perf_counter() - begun) - (time.thread_time() - spent)
    return stall * 1000, found[0].person.customer_person_id == str(population.owners[row])


def _model(population: Population) -> ModelRef:
    return ModelRef("bench", _MODEL_DIGEST, population.vectors.shape[1])


def _template(number: int, vector: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Template:
    return Template(vector, 1.0, f"{number:064x}")


def _new_id() -> str:
    return uuid7(time.time(), os.urandom(10))
