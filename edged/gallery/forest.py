"""Annoy's trees, in memory that no disk stands behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from annoy import AnnoyIndex
from numpy.typing import NDArray

from edged.gallery.pace import unhurried

_SEED: Final = 1
_BREATH: Final = 16
"""Vectors that are handed to Annoy, at about 15 µs each, before other threads are let in."""


@contextmanager
def memory_file() -> Iterator[int]:
    """The descriptor of a file that is nowhere but in memory; what is mapped stays after it is closed."""
    descriptor = os.memfd_create("edged-index", os.MFD_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def grow(descriptor: int, vectors: NDArray[np.float32], trees: int) -> None:
    """Writes an index of these vectors, item 0 the first, into an empty memory file. Takes seconds for 50,000.

    Annoy writes through a memory map, where a full disk would end the process: another reason for a memory file.
    """
    writer = AnnoyIndex(vectors.shape[1], "angular")
    writer.on_disk_build(_path(descriptor))
    writer.set_seed(_SEED)
    for item, vector in unhurried(enumerate(vectors), _BREATH):
        writer.add_item(item, vector.tolist())
    writer.build(trees, n_jobs=max(1, (os.cpu_count() or 1) - 1))
    writer.unload()


def mapped(descriptor: int, dimension: int) -> AnnoyIndex:
    """The index in a memory file. Annoy checks nothing, and a damaged one ends the process."""
    index = AnnoyIndex(dimension, "angular")
    index.load(_path(descriptor))
    return index


def _path(descriptor: int) -> str:
    return f"/proc/self/fd/{descriptor}"
