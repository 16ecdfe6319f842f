"""Making and trying a new base: on any thread, from an immutable roll, without the database."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.config.document import GallerySettings
from edged.domain.errors import Unavailable
from edged.domain.person import ModelRef
from edged.domain.progress import Progress, quiet
from edged.gallery.base import Base, BaseNarrowing, save_base
from edged.gallery.calibration import calibrate
from edged.gallery.families import Families
from edged.gallery.forest import grow, mapped, memory_file
from edged.gallery.index_directory import index_files
from edged.gallery.middles import middles, parts
from edged.gallery.probes import Probes, make_probes
from edged.gallery.roll import Roll
from edged.gallery.scan import Scan, in_eight_bits, step_of
from edged.gallery.trial import IndexFiles, Trial
from edged.vault.seal import Seal

_SEED: Final = 1
WORTH_IT: Final = 0.8
"""An index that takes more of the exact scan's processor time than this is not worth its memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What a build works from.

    Attributes:
        directory: where the index files lie; seal: theirs.
        name: of the empty files that were made for it, see `edged.gallery.index_directory.reserve`.
    """

    roll: Roll
    model: ModelRef
    settings: GallerySettings
    directory: Path
    seal: Seal
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """What a build made.

    Attributes:
        packed: the roll of the plan without the rows of deleted people; None where it had none.
        trial: what it measured; None for a gallery so small that everything is compared anyway.
        narrowing: the index, where the trial says that it is worth using.
        fault: why it could not be put on the disk, where it could not; it can be used all the same.
    """

    packed: Roll | None = None
    trial: Trial | None = None
    narrowing: BaseNarrowing | None = None
    fault: Unavailable | None = None

    @property
    def was_forgotten(self) -> bool:
        """Whether it is used and could have been written, had somebody not been deleted meanwhile."""
        return bool(self.trial and self.trial.used and not self.trial.files and not self.fault)


def build(
    plan: Plan,
    progress: Progress = quiet,
    *,
    worth_it: float = WORTH_IT,
    timer: Callable[[], float] = time.thread_time,
) -> Built:
    """Builds an index in memory, finds how it is best asked, and whether that is right often enough and worth it.

    What is used is also sealed and written to the files of the plan; where those were removed meanwhile, since
    somebody was deleted, nothing is. Takes seconds to minutes; lets other threads in all the time.

    Args:
        worth_it: the greatest share of the exact scan's processor time that a lookup may take.
        timer: seconds of processor time of the calling thread.
    """
    packed = plan.roll.packed() if len(plan.roll.dead) else None
    roll = packed or plan.roll
    if roll.templates <= plan.settings.exact_below:
        return Built(packed)
    families = Families.of(roll)
    progress("preparing probes", 0.0)
    probes = make_probes(roll, families, _SEED)
    progress("preparing the scan", 0.2)
    table, places, own_rows, step = _table(probes)
    with memory_file() as descriptor:
        progress(f"growing {plan.settings.trees} trees", 0.3)
        items = _grow(descriptor, probes, plan.settings.trees)
        base = Base(
            forest=mapped(descriptor, plan.model.dimension),
            items=items,
            table=Scan.of(table, places, step),
            prints=roll.matrix.prints[families.rows, 0],
            bounds=families.bounds,
            rows=families.rows,
        )
        narrowing = base.fitted(roll)
        found = calibrate(narrowing, own_rows, plan.model, probes, plan.settings.min_recall, progress, timer)
        narrowing = narrowing.asked(search_k=found.search_k, sure=found.sure, reach=found.reach)
        trial = Trial(
            used=found.recall >= plan.settings.min_recall and found.cost <= worth_it,
            model=plan.model.digest,
            dimension=plan.model.dimension,
            revision=roll.revision,
            people=families.people,
            templates=roll.templates,
            items=len(narrowing.base.items),
            rows=len(places),
            step=step,
            trees=plan.settings.trees,
            min_recall=plan.settings.min_recall,
            known=probes.known,
            strangers=len(probes) - probes.known,
            **asdict(found),
        )
        if not trial.used:
            progress("no index is worth it", 1.0)
            return Built(packed, trial)
        progress("writing the index", 0.95)
        files, fault = _saved(plan, narrowing.base, table, descriptor)
    progress("index built", 1.0)
    return Built(packed, trial.model_copy(update={"files": files}), narrowing, fault)


def _table(probes: Probes) -> tuple[NDArray[np.int8], NDArray[np.int32], int, float]:
    """The eight-bit table, whom its rows stand for, how many of them for people with all they have, and its step.

    Behind those stands what the people of the known probes have without the probe: an index that knew a probe would
    find it too easily. They stay, and stand for the same people.
    """
    vectors, families, held = probes.roll.matrix.vectors, probes.families, probes.held()
    step = step_of(vectors)
    numbers, places = [], []
    for some, whose in parts(vectors, families):
        numbers.append(in_eight_bits(some, step))
        places.append(whose)
    own_rows = sum(map(len, places))
    for some, whose in parts(vectors, held):
        numbers.append(in_eight_bits(some, step))
        places.append(probes.places[whose])
    return np.concatenate(numbers), np.concatenate(places), own_rows, step


def _grow(descriptor: int, probes: Probes, trees: int) -> NDArray[np.int32]:
    """Grows the trees over everybody's middle, and those of the known probes' people without the probe; the places."""
    vectors, families, held = probes.roll.matrix.vectors, probes.families, probes.held()
    grow(descriptor, np.concatenate((middles(vectors, families), middles(vectors, held))), trees)
    return np.concatenate((np.arange(families.people, dtype=np.int32), probes.places[: probes.known]))


def _saved(
    plan: Plan, base: Base, table: NDArray[np.int8], descriptor: int
) -> tuple[IndexFiles | None, Unavailable | None]:
    """The files that the base was written to, or why it was not; neither, where they were removed meanwhile."""
    if not plan.name:
        return None, _unavailable(plan, "its files could not be made")
    try:
        return save_base(
            plan.directory, plan.name, base, table, descriptor if base.forest is not None else None, plan.seal
        ), None
    except FileNotFoundError:
        return None, None
    except OSError as error:
        for path in index_files(plan.directory, plan.name):
            path.unlink(missing_ok=True)
        return None, _unavailable(plan, error.strerror or str(error))


def _unavailable(plan: Plan, reason: str) -> Unavailable:
    return Unavailable(
        f"the index cannot be kept in {plan.directory}: {reason}",
        "Check the disk and who may write there. It is used until edged ends, and then made again.",
    )
