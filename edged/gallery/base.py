"""Annoy's file on disk: verified before it is opened, and fitted to the roll it narrows."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import numpy as np
from annoy import AnnoyIndex
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from edged.domain.errors import Unavailable
from edged.domain.person import ModelRef
from edged.gallery.roll import Roll

SIDECAR: Final = "base.json"
CANDIDATES: Final = 64
"""Templates that Annoy names for a probe; the people they belong to are compared with all they have."""

_LONGEST_SIDECAR: Final = 65_536
_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Trial(BaseModel):
    """What a build was asked for and what it measured; written beside the index file, without it where none is used.

    Attributes:
        used: whether it finds enough and is worth it; else everything is compared.
        model: digest of the embeddings' model; revision: of the database that was built from; items: templates.
        trees, min_recall: as configured; probes: how many it was tried with.
        search_k, sure, recall, unsure, cost: see `edged.gallery.calibration.Calibration`.
        file, sha256, keys_sha256: name and digests of the files.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    used: bool
    model: str
    dimension: int
    revision: int
    items: int
    trees: int
    min_recall: float
    probes: int
    search_k: int = Field(ge=1)
    sure: float
    recall: float
    unsure: float
    cost: float
    file: Annotated[str, StringConstraints(pattern=r"^base-[A-Za-z0-9_]+$")] = "base-none"
    sha256: _Sha256 = "0" * 64
    keys_sha256: _Sha256 = "0" * 64


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """An index file that is open, mapped into memory and never changed.

    Attributes:
        index: Annoy's; items: uint64, shape (items,): the first word of each item's print.
        search_k, sure: how it is best asked, see `edged.gallery.calibration.Calibration`.
    """

    index: AnnoyIndex
    items: NDArray[np.uint64]
    search_k: int
    sure: float

    def fitted(self, roll: Roll) -> BaseNarrowing:
        """The same index, naming rows of this roll. What the roll lacks is never named."""
        keys = roll.matrix.prints[:, 0]
        alive = np.setdiff1d(np.arange(len(keys)), roll.dead, assume_unique=True)
        order = alive[np.argsort(keys[alive], kind="stable")]
        rows = np.full(len(self.items), -1, np.int32)
        if len(order):
            at = np.minimum(np.searchsorted(keys[order], self.items), len(order) - 1)
            rows = np.where(keys[order][at] == self.items, order[at], -1).astype(np.int32)
        late = alive[~np.isin(keys[alive], self.items)]
        return BaseNarrowing(self.index, rows, self.search_k, self.sure, int(late[0]) if len(late) else len(keys))


@dataclass(frozen=True, slots=True, eq=False)
class BaseNarrowing:
    """A `Narrowing` by an Annoy index.

    Attributes:
        item_rows: int32, shape (items,): the row of each item, -1 for one that is no longer there.
    """

    index: AnnoyIndex
    item_rows: NDArray[np.int32]
    search_k: int
    sure: float
    covered: int

    def rows(self, probe: NDArray[np.float32]) -> NDArray[np.int32]:
        items = self.index.get_nns_by_vector(probe.tolist(), CANDIDATES, self.search_k)
        rows = self.item_rows[items]
        return rows[rows >= 0]

    def changes_in(self, roll: Roll) -> int:
        """By how many templates this roll differs from what the index was built from."""
        known = self.covered - int((roll.dead < self.covered).sum())
        return roll.templates - known + len(self.item_rows) - known


def read_trial(directory: Path, model: ModelRef) -> Trial | None:
    """What the last build in this directory found; None where it cannot be read or is another model's."""
    try:
        with (directory / SIDECAR).open("rb") as file:
            trial = Trial.model_validate_json(file.read(_LONGEST_SIDECAR))
    except (OSError, ValidationError):
        return None
    return trial if (trial.model, trial.dimension) == (model.digest, model.dimension) else None


def open_base(directory: Path, trial: Trial) -> Base | None:
    """Opens the index file of a trial; None where there is none, or where it is not byte for byte what was built.

    Annoy must never be given another file: it checks nothing and a damaged one ends the process.
    """
    annoy_file, keys_file = index_files(directory, trial.file)
    if not trial.used:
        return None
    try:
        if (_sha256(annoy_file), _sha256(keys_file)) != (trial.sha256, trial.keys_sha256):
            return None
        index = AnnoyIndex(trial.dimension, "angular")
        index.load(str(annoy_file))
        return Base(index, np.fromfile(keys_file, "<u8").astype(np.uint64, copy=False), trial.search_k, trial.sure)
    except OSError:
        return None


def index_files(directory: Path, name: str) -> tuple[Path, Path]:
    """The index and the keys of its items."""
    return directory / f"{name}.annoy", directory / f"{name}.keys"


def sealed(directory: Path, trial: Trial, name: str) -> Trial:
    """The trial with the digests of the files of this name, as they are now."""
    annoy_file, keys_file = index_files(directory, name)
    update = {"file": name, "sha256": _sha256(annoy_file), "keys_sha256": _sha256(keys_file)}
    return trial.model_copy(update=update)


def keep_only(directory: Path, trial: Trial | None) -> None:
    """Writes the trial down, in one step, and removes every index file but its own.

    A file that is still mapped lives on for whoever maps it.

    Raises:
        Unavailable: the disk is full or failing, or there is no permission.
    """
    try:
        if trial is None:
            (directory / SIDECAR).unlink(missing_ok=True)
        else:
            _write_sidecar(directory, trial)
        kept = trial.file if trial else ""
        remove_files(path for path in directory.glob("base-*.*") if path.stem != kept)
    except OSError as error:
        raise Unavailable(
            f"cannot write the index in {directory}: {error.strerror}", "Check the disk and who may write there."
        ) from error


def _write_sidecar(directory: Path, trial: Trial) -> None:
    draft = directory / f"{SIDECAR}.new"
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(trial.model_dump_json(indent=2))
    draft.replace(directory / SIDECAR)


def remove_files(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
