"""Looking for pieces of bytes in every file of a folder."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

_WORD: Final = 8
_BLOCK: Final = 1 << 22


def count_traces(folder: Path, traces: Collection[bytes]) -> tuple[int, int]:
    """How many bytes the files below a folder have, and how many of the traces are in them, file by file.

    Args:
        traces: each of at least eight bytes. A trace that is cut in two by the end of a file is not one.
    """
    if not traces:
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()), 0
    words = np.unique(np.frombuffer(b"".join(trace[:_WORD] for trace in traces), "<u8"))
    size = found = 0
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            size += len(content)
            found += len(_found(content, words, traces))
    return size, found


def _found(content: bytes, words: NDArray[np.uint64], traces: Collection[bytes]) -> set[bytes]:
    """The traces in this content: their first eight bytes are looked for at every place at once."""
    begins = {trace[:_WORD] for trace in _candidates(content, words)}
    return {trace for trace in traces if trace[:_WORD] in begins and trace in content}


def _candidates(content: bytes, words: NDArray[np.uint64]) -> set[bytes]:
    found: set[bytes] = set()
    for block in range(0, len(content), _BLOCK):
        piece = content[block : block + _BLOCK + _WORD - 1]
        for shift in range(_WORD):
            count = (len(piece) - shift) // _WORD
            if count > 0:
                here = np.frombuffer(piece, "<u8", count, shift)
                at = np.minimum(np.searchsorted(words, here), len(words) - 1)
                found |= {word.tobytes() for word in here[words[at] == here]}
    return found
