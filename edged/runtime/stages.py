"""How long the stages of a frame take, as percentiles of the recent past, for each camera and for all together."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

_KEPT: Final = 512


@dataclass(frozen=True, slots=True)
class Percentiles:
    """In milliseconds, over the last measurements; `count` of all since the start."""

    p50: float
    p95: float
    p99: float
    count: int

    @classmethod
    def of(cls, values: Collection[float], count: int) -> Percentiles:
        """Those of some measurements, at least one; `count`: of how many they are the last."""
        ordered = sorted(values)
        return cls(percentile(ordered, 0.50), percentile(ordered, 0.95), percentile(ordered, 0.99), count)


class _Stage:
    """The last measurements of one stage, and how many there were."""

    __slots__ = ("count", "recent")

    def __init__(self) -> None:
        self.recent: deque[float] = deque(maxlen=_KEPT)
        self.count = 0

    def add(self, milliseconds: float) -> None:
        self.recent.append(milliseconds)
        self.count += 1


class Stages:
    """Measurements by stage and camera. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._whole: dict[str, _Stage] = {}
        self._cameras: dict[str, dict[str, _Stage]] = {}

    def add(self, stage: str, camera: str, seconds: float) -> None:
        with self._lock:
            own = self._cameras.setdefault(camera, {})
            for stages in (self._whole, own):
                stages.setdefault(stage, _Stage()).add(seconds * 1000)

    def forget(self, camera: str) -> None:
        """The camera is gone; what it took stays in the figures of all together."""
        with self._lock:
            self._cameras.pop(camera, None)

    def summary(self) -> dict[str, Percentiles]:
        """Of all cameras together, by stage."""
        with self._lock:
            copies = _copied(self._whole)
        return _summary(copies)

    def by_camera(self) -> dict[str, dict[str, Percentiles]]:
        """By camera and stage."""
        with self._lock:
            copies = {camera: _copied(stages) for camera, stages in self._cameras.items()}
        return {camera: _summary(stages) for camera, stages in copies.items()}

    def since(self, stage: str, camera: str | None, count: int) -> tuple[int, list[float]]:
        """What was measured after the first `count` times, in milliseconds, at most the last 512.

        Args:
            camera: None for all together.
            count: as it was given back the last time; 0 at first.

        Returns:
            how often was measured by now, and the measurements.
        """
        with self._lock:
            found = (self._whole if camera is None else self._cameras.get(camera, {})).get(stage)
            if found is None:
                return 0, []
            fresh = found.count if count > found.count else found.count - count  # the camera was gone in between
            kept = len(found.recent)
            return found.count, list(islice(found.recent, max(0, kept - fresh), kept))


def percentile(ordered: list[float], share: float) -> float:
    """The nearest-rank percentile of a sorted, non-empty list."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _copied(stages: Mapping[str, _Stage]) -> dict[str, tuple[tuple[float, ...], int]]:
    return {name: (tuple(stage.recent), stage.count) for name, stage in stages.items()}


def _summary(stages: Mapping[str, tuple[tuple[float, ...], int]]) -> dict[str, Percentiles]:
    """Sorted outside the lock, which the inference thread takes for every frame."""
    return {name: Percentiles.of(values, count) for name, (values, count) in sorted(stages.items())}
