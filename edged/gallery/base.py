"""An index that was built from a roll: opened with care, and fitted to the roll it narrows."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from annoy import AnnoyIndex
from numpy.typing import NDArray

from edged.domain.errors import Corrupt
from edged.gallery.families import Families
from edged.gallery.forest import mapped, memory_file
from edged.gallery.index_directory import index_files
from edged.gallery.index_file import PIECE, read_index_file, write_index_file
from edged.gallery.roll import Roll
from edged.gallery.scan import Scan
from edged.gallery.trial import IndexFiles, Trial
from edged.vault.seal import Seal

GLANCED: Final = 16
"""People whom Annoy names for a probe; all they have is compared."""


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """An index of people, each at a place of its own, that is never changed.

    Attributes:
        forest: Annoy's, over the middles of people's templates; None where it is not used.
        items: int32, shape (items,): the place that each of Annoy's vectors stands for.
        table: the eight-bit scan behind it.
        prints: uint64, shape (templates,): the first word of each template's print, one person after the other;
            bounds: int32, shape (people + 1,): where each person's begin.
        rows: int32, shape (templates,): of the matrix that it was built from; those of another may be the same.
        search_k, sure, reach: how it is best asked, see `edged.gallery.calibration.Calibration`.
    """

    forest: AnnoyIndex | None
    items: NDArray[np.int32]
    table: Scan
    prints: NDArray[np.uint64]
    bounds: NDArray[np.int32]
    rows: NDArray[np.int32]
    search_k: int = 1
    sure: float = 1.0
    reach: int = 1

    def fitted(self, roll: Roll) -> BaseNarrowing:
        """The same index, naming rows of this roll. Whom the roll does not have as they were is never named."""
        keys = roll.matrix.prints[:, 0]
        alive = np.setdiff1d(np.arange(len(keys), dtype=np.int32), roll.dead, assume_unique=True)
        if len(keys) > self.rows.max(initial=-1) and (keys[self.rows] == self.prints).all():
            rows = self.rows  # as they were when it was built
        else:
            rows = _found(self.prints, keys, alive)
        owners = np.where(np.isin(rows, alive), roll.matrix.owners[rows] if len(keys) else rows, -1)
        lowest = np.minimum.reduceat(owners, self.bounds[:-1])
        intact = (lowest >= 0) & (lowest == np.maximum.reduceat(owners, self.bounds[:-1]))
        known = np.repeat(intact, np.diff(self.bounds))
        others = np.setdiff1d(alive, rows[known])
        late = others[~np.isin(keys[others], self.prints[known])]  # a person may have the same vector twice
        return BaseNarrowing(self, Families(rows, self.bounds), intact, int(late[0]) if len(late) else len(keys))


@dataclass(frozen=True, slots=True, eq=False)
class BaseNarrowing:
    """A `Narrowing` by a base.

    Attributes:
        families: whose rows are whose; intact: bool, shape (people,): whether all of a person's are still there.
    """

    base: Base
    families: Families
    intact: NDArray[np.bool_]
    covered: int

    @property
    def sure(self) -> float:
        return self.base.sure

    def glance(self, probe: NDArray[np.float32]) -> NDArray[np.int32] | None:
        if self.base.forest is None:
            return None
        return self._rows(np.unique(self.base.items[self.named(probe, GLANCED)]))

    def scan(self, probes: NDArray[np.float32]) -> Iterator[NDArray[np.int32]]:
        table = self.base.table
        for scores in table.scores(probes):
            yield self._rows(table.nearest(scores, self.base.reach))

    def named(self, probe: NDArray[np.float32], most: int) -> NDArray[np.intp]:
        """Numbers of Annoy's vectors that it finds most like a probe, the most similar first; none without it."""
        forest = self.base.forest
        found = forest.get_nns_by_vector(probe.tolist(), most, self.base.search_k) if forest else []
        return np.array(found, np.intp)

    def asked(self, *, search_k: int, sure: float, reach: int) -> BaseNarrowing:
        """The same, asked otherwise; Annoy not at all where no score is sure."""
        base = replace(self.base, search_k=search_k, sure=sure, reach=reach)
        if sure >= 1:
            base = replace(base, forest=None, items=base.items[:0])
        return replace(self, base=base)

    def changes_in(self, roll: Roll) -> int:
        """By how many templates this roll differs from what the index was built from."""
        known = self.covered - int((roll.dead < self.covered).sum())
        return roll.templates - known + len(self.base.prints) - known

    def _rows(self, places: NDArray[np.int32]) -> NDArray[np.int32]:
        return self.families.rows_of(places[self.intact[places]])


def open_base(directory: Path, trial: Trial, seal: Seal) -> Base | None:
    """The base of a trial, unsealed into memory; None where there is none, or a file is not as it was written.

    Annoy must never be given another file: it checks nothing and a damaged one ends the process.
    """
    if not trial.used or trial.files is None:
        return None
    annoy_file, scan_file, keys_file = index_files(directory, trial.files.name)
    table, keys = bytearray(), bytearray()
    try:
        read_index_file(keys_file, trial.files.keys, seal, keys.extend)
        read_index_file(scan_file, trial.files.scan, seal, table.extend)
        prints, (bounds, rows, items, places) = _split(keys, trial)
        forest = None
        if trial.files.annoy:
            with memory_file() as descriptor:
                read_index_file(annoy_file, trial.files.annoy, seal, lambda piece: os.write(descriptor, piece))
                forest = mapped(descriptor, trial.dimension)
        numbers = np.frombuffer(table, np.int8).reshape(trial.rows, trial.dimension)
    except (OSError, Corrupt, ValueError):
        return None
    scan = Scan.of(numbers, places, trial.step)
    return Base(forest, items, scan, prints, bounds, rows, trial.search_k, trial.sure, trial.reach)


def save_base(
    directory: Path, name: str, base: Base, table: NDArray[np.int8], descriptor: int | None, seal: Seal
) -> IndexFiles:
    """Puts a base on the disk, sealed, into files that were made for it.

    Args:
        table: what `base.table` was made of; descriptor: the memory file of its forest.

    Raises:
        FileNotFoundError: they were removed meanwhile, since somebody in them was deleted.
        OSError: the disk is full or failing.
    """
    annoy_file, scan_file, keys_file = index_files(directory, name)
    annoy = None
    if descriptor is not None:
        size = os.fstat(descriptor).st_size
        with mmap.mmap(descriptor, size, access=mmap.ACCESS_READ) as content:
            annoy = write_index_file(annoy_file, _pieces(content, size), size, seal)
    keys = b"".join(
        (
            base.prints.astype("<u8", copy=False).tobytes(),
            *(
                column.astype("<i4", copy=False).tobytes()
                for column in (base.bounds, base.rows, base.items, base.table.places)
            ),
        )
    )
    return IndexFiles(
        name=name,
        annoy=annoy,
        scan=write_index_file(scan_file, _pieces(table.data.cast("B"), table.nbytes), table.nbytes, seal),
        keys=write_index_file(keys_file, _pieces(keys, len(keys)), len(keys), seal),
    )


def _pieces(content: bytes | memoryview | mmap.mmap, size: int) -> Iterator[bytes]:
    return (bytes(content[begin : begin + PIECE]) for begin in range(0, size, PIECE))


def _split(keys: bytearray, trial: Trial) -> tuple[NDArray[np.uint64], list[NDArray[np.int32]]]:
    """The columns that `save_base` laid end to end. ValueError where there is more or less."""
    prints = np.frombuffer(keys, "<u8", trial.templates).astype(np.uint64, copy=False)
    rest = np.frombuffer(keys, "<i4", offset=prints.nbytes).astype(np.int32, copy=False)
    ends = np.cumsum((trial.people + 1, trial.templates, trial.items, trial.rows))
    if len(rest) != ends[-1]:
        raise ValueError("the keys do not fit the trial")
    return prints, np.split(rest, ends[:-1])


def _found(prints: NDArray[np.uint64], keys: NDArray[np.uint64], alive: NDArray[np.int32]) -> NDArray[np.int32]:
    """int32, shape (prints,): for each print a row of `alive` that has it, -1 where none does."""
    if not len(alive):
        return np.full(len(prints), -1, np.int32)
    order = alive[np.argsort(keys[alive], kind="stable")]
    at = np.minimum(np.searchsorted(keys[order], prints), len(order) - 1)
    return np.where(keys[order][at] == prints, order[at], -1).astype(np.int32)
