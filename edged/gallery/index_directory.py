"""Where index files lie, and how they go."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from edged.domain.errors import Unavailable
from edged.domain.person import ModelRef
from edged.gallery.trial import SIDECAR, Trial, write_trial
from edged.vault.private_file import private_directory, private_file
from edged.vault.seal import Seal

_INDEX: Final = "index"
"""Beside the database; may be deleted while edged is stopped, and is made again."""
_SUFFIXES: Final = ("annoy", "scan", "keys")
_GONE: Final = "gone-"
_SMALL: Final = 2**20
"""Bytes that any file system removes at once."""
_DIGITS: Final = 12


def directory_of(state: Path, model: ModelRef) -> Path:
    """Where the index of one model lies: two may stand side by side."""
    return state / _INDEX / model.digest[:_DIGITS]


def forget_index(state: Path) -> None:
    """Takes away every index file of every model: to be called when a person was deleted.

    No index can be opened any more when this returns. Large files, which take a file system long to remove, only lose
    their names; `sweep_index` removes them. Whoever has it mapped goes on with it, and a build that is under way
    cannot bring its files back: it only ever writes to files that are there.

    Args:
        state: the directory that the database of people lies in.

    Raises:
        Unavailable: the disk or its permissions refuse.
    """
    with _translated(state):
        for path in list((state / _INDEX).glob("*/base-*")):
            with suppress(FileNotFoundError):
                if path.stat().st_size > _SMALL:
                    path.rename(path.with_name(f"{_GONE}{path.name}"))
                else:
                    path.unlink()


def sweep_index(state: Path) -> None:
    """Removes what `forget_index` has left; raises as it does. May take some tens of milliseconds."""
    with _translated(state):
        for path in list((state / _INDEX).glob(f"*/{_GONE}*")):
            path.unlink(missing_ok=True)


def forget_flat_index(state: Path) -> None:
    """Removes the index of an earlier edged, which lay one directory higher and was not sealed."""
    with _translated(state):
        for path in list((state / _INDEX).glob("base*")):
            path.unlink(missing_ok=True)


def reserve(directory: Path, kept: Trial | None) -> str:
    """Makes the empty files of a build, readable by their owner only, and removes those of unfinished ones.

    They are made here, by the thread that also deletes people, so that no build writes down whom a deletion has taken
    from the disk.

    Returns:
        what their names begin with; empty where the disk refuses.
    """
    name = f"base-{secrets.token_hex(8)}"
    try:
        private_directory(directory)
        remove_all_but(directory, kept)
        for path in index_files(directory, name):
            with private_file(path, durable=False):
                pass
    except OSError:
        return ""
    return name


def index_files(directory: Path, name: str) -> tuple[Path, Path, Path]:
    """Annoy's file, the eight-bit table, the keys."""
    annoy, scan, keys = (directory / f"{name}.{suffix}" for suffix in _SUFFIXES)
    return annoy, scan, keys


def settle(directory: Path, trial: Trial | None, seal: Seal) -> None:
    """Writes the trial down, and removes every file that is not of it.

    Raises:
        Unavailable: the disk is full or failing, or there is no permission.
    """
    try:
        if trial is None:
            (directory / SIDECAR).unlink(missing_ok=True)
        else:
            private_directory(directory)
            write_trial(directory, trial, seal)
        remove_all_but(directory, trial)
    except OSError as error:
        raise _unavailable(directory, error) from error


def remove_all_but(directory: Path, trial: Trial | None) -> None:
    """Removes the files of all builds but one; raises OSError."""
    kept = trial.files.name if trial and trial.files else ""
    for path in directory.glob("base-*"):
        if path.stem != kept:
            path.unlink(missing_ok=True)


@contextmanager
def _translated(state: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unavailable(state / _INDEX, error) from error


def _unavailable(directory: Path, error: OSError) -> Unavailable:
    return Unavailable(
        f"cannot write the index in {directory}: {error.strerror}", "Check the disk and who may write there."
    )
