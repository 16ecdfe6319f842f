"""How long work tells where it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, float], None]
"""Called with what is being done, in a few words, and the share done so far, 0–1. Must return quickly."""


def quiet(_doing: str, _share: float) -> None:
    """A `Progress` for nobody."""


def part_of(progress: Progress, begin: float, end: float) -> Progress:
    """A `Progress` for a part of the work: from one share of the whole to another."""
    return lambda doing, share: progress(doing, begin + share * (end - begin))
