"""What a build of an index was asked for and what it measured, in a sidecar beside the index files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from edged.domain.errors import Corrupt
from edged.domain.person import ModelRef
from edged.gallery.index_file import IndexFile
from edged.vault.private_file import private_file
from edged.vault.seal import Seal

SIDECAR: Final = "base.json"
_LONGEST: Final = 65_536


class IndexFiles(BaseModel):
    """The files of one build.

    Attributes:
        name: what their names begin with.
        annoy: None where Annoy is not used; scan: the eight-bit table; keys: whom all of it stands for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(pattern=r"^base-[0-9a-f]{16}$")]
    annoy: IndexFile | None
    scan: IndexFile
    keys: IndexFile


class Trial(BaseModel):
    """A build's account of itself. It holds figures and no faces, and may be read by anybody.

    Attributes:
        used: whether the index finds enough and is worth it; else everything is compared.
        model: digest of the embeddings' model; revision: of the database that was built from.
        people, templates: how many it was built from; items: vectors that Annoy has, 0 where it is not used; rows: of
            the eight-bit table; step: of its numbers, see `edged.gallery.scan.step_of`.
        trees, min_recall: as configured.
        known, strangers: how many probes of each kind it was tried with.
        search_k, sure, reach, recall, unsure, cost: see `edged.gallery.calibration.Calibration`.
        files: on the disk; None where none is used, or they could not be kept.
        mark: on the disk, made with the device's key: tells whether anything in this account was changed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[2] = 2
    used: bool
    model: str
    dimension: int
    revision: int
    people: int
    templates: int
    items: int
    rows: int
    step: float
    trees: int
    min_recall: float
    known: int
    strangers: int
    search_k: int
    sure: float
    reach: int
    recall: float
    unsure: float
    cost: float
    files: IndexFiles | None = None
    mark: str = ""

    def marked(self, seal: Seal) -> Self:
        """The same account, as it is written down."""
        return self.model_copy(update={"mark": seal.seal(b"", self._words()).hex()})

    def is_ours(self, seal: Seal) -> bool:
        """Whether it is as it was when it was marked."""
        try:
            seal.open(bytes.fromhex(self.mark), self._words())
        except (ValueError, Corrupt):
            return False
        return True

    def _words(self) -> bytes:
        return self.model_copy(update={"mark": ""}).model_dump_json().encode()


def read_trial(directory: Path, model: ModelRef, seal: Seal) -> Trial | None:
    """What the last build in this directory found; None where it cannot be read, was changed or is another model's."""
    try:
        with (directory / SIDECAR).open("rb") as file:
            trial = Trial.model_validate_json(file.read(_LONGEST))
    except (OSError, ValidationError):
        return None
    ours = (trial.model, trial.dimension) == (model.digest, model.dimension) and trial.is_ours(seal)
    return trial.model_copy(update={"mark": ""}) if ours else None


def write_trial(directory: Path, trial: Trial, seal: Seal) -> None:
    """Writes it down in one step; raises OSError."""
    with private_file(directory / SIDECAR, durable=False) as file:
        file.write(trial.marked(seal).model_dump_json(indent=2).encode())
