"""Files that the disk sees only sealed: written and read piece by piece, whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from edged.domain.errors import Corrupt
from edged.vault.seal import OVERHEAD, Seal

PIECE: Final = 2**20
"""Bytes sealed at once: larger ones are no faster, and would be copied through memory that is not in a cache."""


class IndexFile(BaseModel):
    """What a sealed file must look like on the disk, to be opened at all.

    Attributes:
        size: in bytes; sha256: of all of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int = Field(ge=0)
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


def write_index_file(path: Path, content: Iterable[bytes], size: int, seal: Seal) -> IndexFile:
    """Seals what the pieces hold into a file that is already there, and puts it on the disk.

    Args:
        path: is not made: where its name was taken away meanwhile nothing comes back.
        content: pieces of `PIECE` bytes, only the last one shorter.
        size: of all pieces together.

    Raises:
        FileNotFoundError: it is no longer there. OSError: the disk is full or failing.
    """
    digest, written, count = hashlib.sha256(), 0, _pieces(size)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC), "wb") as file:
        for number, piece in enumerate(content):
            sealed = seal.seal(piece, _context(path, number, count))
            digest.update(sealed)
            written += file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    return IndexFile(size=written, sha256=digest.hexdigest())


def read_index_file(path: Path, expected: IndexFile, seal: Seal, take: Callable[[bytes], object]) -> None:
    """Hands over what is in a sealed file, piece by piece. What was handed over counts only when this returns.

    Raises:
        Corrupt: the file is not byte for byte what was written, or was sealed with another key.
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        if os.fstat(file.fileno()).st_size != expected.size:
            raise Corrupt(f"{path} has another size than when it was written")
        count = -(-expected.size // (PIECE + OVERHEAD))
        for number in range(count):
            sealed = file.read(PIECE + OVERHEAD)
            digest.update(sealed)
            take(seal.open(sealed, _context(path, number, count)))
    if digest.hexdigest() != expected.sha256:
        raise Corrupt(f"{path} is not what was written")


def _pieces(size: int) -> int:
    return -(-size // PIECE)


def _context(path: Path, number: int, count: int) -> bytes:
    return f"index {path.name} {number} of {count}".encode()
