"""Making and trying a new base: on any thread, from an immutable roll, without the database."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from annoy import AnnoyIndex
from numpy.typing import NDArray

from edged.config.document import GallerySettings
from edged.domain.errors import Unavailable
from edged.domain.person import ModelRef
from edged.domain.progress import Progress, quiet
from edged.gallery.base import Base, BaseNarrowing, Trial, index_files, open_base, remove_files, sealed
from edged.gallery.probes import Probes, make_probes
from edged.gallery.roll import Roll
from edged.gallery.snapshot import Snapshot

_SEED: Final = 1
_FIRST_SEARCH_K: Final = 1000
_TIMED_PROBES: Final = 64
_WORTH_IT: Final = 0.8
"""An index that takes more of the exact scan's processor time than this is not worth its file."""
_REPORT_EVERY: Final = 4096
_RESERVE_BYTES: Final = 64 * 2**20


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What a build works from.

    Attributes:
        directory: where the index files lie.
    """

    roll: Roll
    model: ModelRef
    settings: GallerySettings
    directory: Path


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """What a build made.

    Attributes:
        trial: what it measured; None for a gallery so small that everything is compared anyway.
        base: the index, where the trial says that it is worth using.
    """

    trial: Trial | None = None
    base: Base | None = None


def build(plan: Plan, progress: Progress = quiet, *, cpu: Callable[[], float] = time.thread_time) -> Built:
    """Builds an index file, finds the smallest effort that misses nobody, and whether that is worth it.

    Takes seconds to minutes; Annoy releases the interpreter for most of it. search_k begins at 1,000 and doubles until
    the share of probes whose nearest person is among the candidates reaches `min_recall`, or until a lookup takes more
    processor time than comparing with everything does: then no index is used.

    Args:
        cpu: processor time of the calling thread, seconds.

    Raises:
        Unavailable: too little space on the disk, or no permission.
    """
    if plan.roll.templates <= plan.settings.exact_below:
        return Built()
    name = _reserved_name(plan)
    try:
        return _built(plan, name, progress, cpu)
    except BaseException:
        remove_files(index_files(plan.directory, name))
        raise


def _built(plan: Plan, name: str, progress: Progress, cpu: Callable[[], float]) -> Built:
    base = _written(plan, name, progress)
    progress("preparing probes", 0.6)
    probes = make_probes(plan.roll, _SEED)
    trial = _tried(plan, base, probes, progress, cpu)
    progress("index built", 1.0)
    if trial.used:
        trial = sealed(plan.directory, trial, name)
        return Built(trial, open_base(plan.directory, trial))
    remove_files(index_files(plan.directory, name))
    return Built(trial)


def _reserved_name(plan: Plan) -> str:
    """The stem of a new, empty index file, readable by its owner only.

    Annoy writes through a memory map: on a full disk that is not an error but the end of the process, so that the space
    must be there before. Nodes are as large as items; per tree there are about 2.5 / dimension of them for each item.
    """
    node_bytes = 4 * plan.model.dimension + 12
    nodes = plan.roll.templates * (1 + 2.5 * plan.settings.trees / plan.model.dimension)
    wanted = int(2 * nodes * node_bytes) + _RESERVE_BYTES
    try:
        plan.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        free = shutil.disk_usage(plan.directory).free
        if free < wanted:
            raise Unavailable(
                f"{free >> 20} MiB are free for the index in {plan.directory}, {wanted >> 20} MiB are needed",
                "Free space; until then every face is compared with everybody, which is slower and no less right.",
            )
        descriptor, path = tempfile.mkstemp(".annoy", "base-", plan.directory)
        os.close(descriptor)
    except OSError as error:
        raise Unavailable(
            f"cannot write the index in {plan.directory}: {error.strerror}", "Check who may write there."
        ) from error
    return Path(path).stem


def _written(plan: Plan, name: str, progress: Progress) -> Base:
    annoy_file, keys_file = index_files(plan.directory, name)
    matrix = plan.roll.matrix
    rows = np.setdiff1d(np.arange(matrix.count), plan.roll.dead, assume_unique=True)
    writer = AnnoyIndex(plan.model.dimension, "angular")
    writer.on_disk_build(str(annoy_file))
    writer.set_seed(_SEED)
    for item, row in enumerate(rows.tolist()):
        if item % _REPORT_EVERY == 0:
            progress("adding templates", 0.3 * item / len(rows))
        writer.add_item(item, matrix.vectors[row].tolist())
    progress(f"building {plan.settings.trees} trees", 0.3)
    writer.build(plan.settings.trees, n_jobs=max(1, (os.cpu_count() or 1) - 1))
    writer.unload()
    keys = matrix.prints[rows, 0]
    with os.fdopen(os.open(keys_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(keys.astype("<u8", copy=False).tobytes())
    index = AnnoyIndex(plan.model.dimension, "angular")
    index.load(str(annoy_file))
    return Base(index, keys, _FIRST_SEARCH_K)


def _tried(plan: Plan, base: Base, probes: Probes, progress: Progress, cpu: Callable[[], float]) -> Trial:
    """The trial of the first search_k that finds enough, or of the one at which it stopped being worth it."""
    narrowing = base.fitted(plan.roll)
    while True:
        progress(f"trying search_k {narrowing.search_k}", 0.8)
        recall = _recall(narrowing, plan.roll.matrix.owners, probes, plan.settings.min_recall)
        cost = _cost(plan, narrowing, probes.vectors[:_TIMED_PROBES], cpu)
        if recall >= plan.settings.min_recall or cost > _WORTH_IT:
            break
        narrowing = replace(narrowing, search_k=2 * narrowing.search_k)
    return Trial(
        used=recall >= plan.settings.min_recall and cost <= _WORTH_IT,
        model=plan.model.digest,
        dimension=plan.model.dimension,
        revision=plan.roll.revision,
        items=len(base.items),
        trees=plan.settings.trees,
        min_recall=plan.settings.min_recall,
        search_k=narrowing.search_k,
        probes=len(probes.vectors),
        recall=recall,
        cost=cost,
    )


def _recall(narrowing: BaseNarrowing, owners: NDArray[np.int32], probes: Probes, least: float) -> float:
    """The share of probes whose nearest person is among the candidates; gives up once it cannot reach `least`."""
    allowed = len(probes.vectors) * (1 - least)
    misses = 0
    for tried, (vector, own_row, nearest) in enumerate(
        zip(probes.vectors, probes.own_rows, probes.nearest, strict=True), start=1
    ):
        rows = narrowing.rows(vector)
        misses += nearest not in owners[rows[rows != own_row]]
        if misses > allowed:
            return 1 - misses / tried
    return 1 - misses / len(probes.vectors)


def _cost(plan: Plan, narrowing: BaseNarrowing, vectors: NDArray[np.float32], cpu: Callable[[], float]) -> float:
    """Processor time of narrowed lookups as a share of exact ones', taken in turns; 0 where the clock stands still."""
    exact = Snapshot(plan.model, plan.roll)
    narrowed = Snapshot(plan.model, plan.roll, narrowing)
    spent = {exact: 0.0, narrowed: 0.0}
    for vector in vectors:
        for snapshot in spent:
            start = cpu()
            snapshot.nearest(vector[np.newaxis])
            spent[snapshot] += cpu() - start
    return spent[narrowed] / spent[exact] if spent[exact] else 0.0
