"""A box in whole pixels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rect:
    """A box in whole pixels of the photograph as it is seen: x to the right, y down. May reach past the border."""

    left: int
    top: int
    right: int
    bottom: int
