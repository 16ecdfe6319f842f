"""The C library's memory, kept small. Other libraries than glibc have nothing to set, and nothing happens."""

from __future__ import annotations

import ctypes
from typing import Final

_LIBRARY: Final = ctypes.CDLL(None)
_ARENA_MAX: Final = -8
"""M_ARENA_MAX of <malloc.h>; see mallopt(3)."""


def share_one_pool() -> None:
    """From now on threads share one pool of memory, where each would have its own and keep what it does not need.

    Ours hardly ever allocate at the same moment. To be called before they start.
    """
    if hasattr(_LIBRARY, "mallopt"):
        _LIBRARY.mallopt(_ARENA_MAX, 1)


def give_back() -> None:
    """Gives what is free back to the system; loading models leaves megabytes of it. Takes milliseconds."""
    if hasattr(_LIBRARY, "malloc_trim"):
        _LIBRARY.malloc_trim(0)
