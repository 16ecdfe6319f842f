"""How long the stages of a frame take, as percentiles of the recent past."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Final

_KEPT: Final = 512


@dataclass(frozen=True, slots=True)
class Percentiles:
    """In milliseconds, over the last measurements; `count` of all since the start."""

    p50: float
    p95: float
    p99: float
    count: int


class Stages:
    """Measurements by stage. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._recent: dict[str, deque[float]] = {}
        self._counts: dict[str, int] = {}

    def add(self, stage: str, seconds: float) -> None:
        with self._lock:
            self._recent.setdefault(stage, deque(maxlen=_KEPT)).append(seconds * 1000)
            self._counts[stage] = self._counts.get(stage, 0) + 1

    def summary(self) -> dict[str, Percentiles]:
        with self._lock:
            recent = {stage: sorted(values) for stage, values in self._recent.items()}
            counts = dict(self._counts)
        return {
            stage: Percentiles(_at(values, 0.50), _at(values, 0.95), _at(values, 0.99), counts[stage])
            for stage, values in recent.items()
        }


def _at(ordered: list[float], share: float) -> float:
    """The nearest-rank percentile of a sorted, non-empty list."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
