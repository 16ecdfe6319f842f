"""Files of the configuration: the owner's, only read, and ours, written in one step and readable to nobody else."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from edged.config.text import MAX_BYTES, read_json
from edged.config.tree import Tree
from edged.domain.errors import Unavailable

MAX_KEPT: Final = 8 * MAX_BYTES
"""For our own files: what holds, what held before, and what is said of both, with JSON's quotes."""


def read_file(path: Path, limit: int = MAX_BYTES) -> bytes | None:
    """The file's first `limit` bytes and one more, if there is, to show that it is too large; None without a file.

    Raises:
        Unavailable: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unavailable(error, path, "read") from error


def read_kept(path: Path) -> Tree | None:
    """What `write_kept` wrote; None where there is nothing.

    Raises:
        ConfigInvalid: it is damaged.
        Unavailable: it cannot be read.
    """
    data = read_file(path, MAX_KEPT)
    return None if data is None else read_json(data, str(path), MAX_KEPT)


def written(tree: Mapping[str, Any]) -> bytes:
    """The bytes that `write_kept` writes."""
    return json.dumps(tree, ensure_ascii=False).encode()


def write_kept(path: Path, tree: Mapping[str, Any]) -> None:
    """Replaces the file in one step: after a power cut there is the old content or the new one. Mode 0600.

    Raises:
        Unavailable: the disk is full or the directory not writable; the old content remains.
    """
    data = written(tree)
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _sync_directory(path.parent)
    except OSError as error:
        raise _unavailable(error, path, "written") from error


def _sync_directory(directory: Path) -> None:
    """Makes a rename in `directory` last."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unavailable(error: OSError, path: Path, doing: str) -> Unavailable:
    remedy = "Check the disk and the path"
    if isinstance(error, PermissionError):
        remedy = "Run the command with sudo, or as the user that the service runs as"
    return Unavailable(f"{path} cannot be {doing}: {error.strerror}", f"{remedy}.")
