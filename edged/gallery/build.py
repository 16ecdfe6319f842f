"""Making and trying a new base: on any thread, from an immutable roll, without the database."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from annoy import AnnoyIndex

from edged.config.document import GallerySettings
from edged.domain.errors import Unavailable
from edged.domain.person import ModelRef
from edged.domain.progress import Progress, quiet
from edged.gallery.base import Base, Trial, index_files, open_base, remove_files, sealed
from edged.gallery.calibration import calibrate
from edged.gallery.probes import make_probes
from edged.gallery.roll import Roll

_SEED: Final = 1
WORTH_IT: Final = 0.8
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


def build(plan: Plan, progress: Progress = quiet, *, worth_it: float = WORTH_IT) -> Built:
    """Builds an index file, finds how it is best asked, and whether that is right often enough and worth it.

    Takes seconds to minutes; Annoy releases the interpreter for most of it.

    Args:
        worth_it: the greatest share of the exact scan's processor time that a lookup may take.

    Raises:
        Unavailable: too little space on the disk, or no permission.
    """
    if plan.roll.templates <= plan.settings.exact_below:
        return Built()
    name = _reserved_name(plan)
    try:
        return _built(plan, name, progress, worth_it)
    except BaseException:
        remove_files(index_files(plan.directory, name))
        raise


def _built(plan: Plan, name: str, progress: Progress, worth_it: float) -> Built:
    base = _written(plan, name, progress)
    progress("preparing probes", 0.6)
    probes = make_probes(plan.roll, _SEED)
    found = calibrate(base.fitted(plan.roll), plan.model, plan.roll, probes, plan.settings.min_recall, progress)
    trial = Trial(
        used=found.recall >= plan.settings.min_recall and found.cost <= worth_it,
        model=plan.model.digest,
        dimension=plan.model.dimension,
        revision=plan.roll.revision,
        items=len(base.items),
        trees=plan.settings.trees,
        min_recall=plan.settings.min_recall,
        probes=len(probes),
        **asdict(found),
    )
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
    return Base(index, keys, search_k=1, sure=-1.0)
