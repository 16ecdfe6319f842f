"""What `edged doctor` finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: stable, machine-readable: `models`, `camera.door`, `broker`.
        what: what was found, in words, with its figures.
        remedy: what to do; empty when nothing is wrong.
    """

    name: str
    mark: Mark
    what: str
    remedy: str = ""
