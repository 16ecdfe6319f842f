"""Files of any length, sealed piece by piece."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from pathlib import Path
from typing import BinaryIO, Final

from edged.domain.errors import Corrupt
from edged.vault.private_file import private_file
from edged.vault.seal import OVERHEAD, Seal

PIECE_BYTES: Final = 4 * 2**20
"""What is held in memory at once."""
_LENGTH_BYTES: Final = 4


def write_sealed(path: Path, pieces: Iterable[bytes], seal: Seal, context: bytes) -> None:
    """Writes a file whole or not at all: on the disk when this returns, mode 0600, in place of what was there.

    Args:
        path: of the file.
        pieces: the content, cut as the caller likes, up to `PIECE_BYTES` each.
        seal: locks it.
        context: what the file is; it opens under no other.

    Raises:
        OSError: the disk is full or failing, or there is no permission.
    """
    with private_file(path) as file:
        for number, (piece, following) in enumerate(pairwise(chain(pieces, (None,)))):
            sealed = seal.seal(piece or b"", _context(context, number, last=following is None))
            file.write(len(sealed).to_bytes(_LENGTH_BYTES, "little"))
            file.write(sealed)


def read_sealed(path: Path, seal: Seal, context: bytes) -> Iterator[bytes]:
    """The pieces of a file, each only when it is certain to be what was written, in its place.

    Raises:
        Corrupt: it was changed, cut off or put together from parts; or it is none of ours. Pieces before may be used
            only when the last one has come.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        number = 0
        sealed = _next(file)
        while sealed is not None:
            following = _next(file)
            yield seal.open(sealed, _context(context, number, last=following is None))
            sealed, number = following, number + 1
        if number == 0:
            raise Corrupt(f"{path} is empty")


def pieces_of(file: BinaryIO) -> Iterator[bytes]:
    """An open file in pieces as `write_sealed` wants them; one empty piece for an empty file."""
    piece = file.read(PIECE_BYTES)
    yield piece
    while piece := file.read(PIECE_BYTES):
        yield piece


def _next(file: BinaryIO) -> bytes | None:
    head = file.read(_LENGTH_BYTES)
    if not head:
        return None
    length = int.from_bytes(head, "little")
    if length > PIECE_BYTES + OVERHEAD:
        raise Corrupt("a sealed file has a piece of an impossible length")
    return file.read(length)


def _context(context: bytes, number: int, *, last: bool) -> bytes:
    return b"%s piece %d%s" % (context, number, b" last" if last else b"")
