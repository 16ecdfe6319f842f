"""Two cores, as a small board has at most to spare."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

CORES: Final = 2


@contextmanager
def few_cores() -> Iterator[None]:
    """Keeps this process, and those it starts, to two cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:CORES])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
