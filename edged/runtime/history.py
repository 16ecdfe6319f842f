"""How the device has been for a day: a few figures, taken every ten seconds, in rings of a fixed size."""

from __future__ import annotations

import math
import threading
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from edged.api.console.health import Series, Span
from edged.api.port import DeviceState
from edged.domain.errors import EdgedError
from edged.runtime.clock import Clock
from edged.runtime.stages import Percentiles, Stages
from edged.runtime.stop import Stop

_STEPS: Final = 720
"""Of each ring: as many as a chart has room for. A figure takes 4 bytes in each of the two rings, a device with four
cameras has 24 of them: 140 KB for a day; with 32 cameras 460 KB. A day at ten seconds throughout would be six times
that, and no chart could show it."""
_STEP_S: Final[Mapping[Span, float]] = {Span.HOURS: 10.0, Span.DAY: 120.0}
_TOLD: Final = ("decide", "publish")
_LEAST: Final = ".fps"
"""Of these a coarse step keeps the least, of all others the greatest: a short trouble must not be averaged away."""
_NONE: Final = math.nan


class _Ring:
    """Figures by the number of their step, each at its place; steps without one are gaps."""

    def __init__(self) -> None:
        self.series: dict[str, array[float]] = {}
        self.newest = -1

    def put(self, step: int, figures: Mapping[str, float | None]) -> None:
        for missed in range(max(self.newest + 1, step - _STEPS + 1), step + 1):
            for values in self.series.values():
                values[missed % _STEPS] = _NONE
        self.newest = max(self.newest, step)
        for name, value in figures.items():
            if value is None:
                continue
            values = self.series.setdefault(name, array("f", [_NONE]) * _STEPS)
            there = values[step % _STEPS]
            worse = min if name.endswith(_LEAST) else max
            values[step % _STEPS] = value if math.isnan(there) else worse(there, value)
        gone = [name for name, values in self.series.items() if all(map(math.isnan, values))]
        for name in gone:
            del self.series[name]

    def read(self, step: int) -> dict[str, tuple[float | None, ...]]:
        """Everything up to `step`, the oldest first."""
        oldest = self.newest - _STEPS + 1
        numbers = range(step - _STEPS + 1, step + 1)

        def value(values: array[float], number: int) -> float | None:
            there = oldest <= number <= self.newest
            found = values[number % _STEPS]
            return found if there and not math.isnan(found) else None

        return {name: tuple(value(values, number) for number in numbers) for name, values in self.series.items()}


@dataclass(slots=True)
class _Index:
    """Which index it was, and since when."""

    version: int = -1
    since: float = 0.0


class History:
    """Takes figures on a thread of its own; any thread may read.

    Args:
        state: how the device is; may raise Unavailable: that step is a gap then.
    """

    def __init__(self, state: Callable[[], DeviceState], stages: Stages, clock: Clock) -> None:
        self._state = state
        self._stages = stages
        self._clock = clock
        self._lock = threading.Lock()
        self._rings = {span: _Ring() for span in Span}
        self._counts = dict.fromkeys(_TOLD, 0)
        self._index = _Index()

    def run(self, stop: Stop) -> None:
        """Takes figures until `stop`. Blocks."""
        while not stop.wait(_STEP_S[Span.HOURS]):
            try:
                self.run_once()
            except EdgedError:
                continue  # a gap; what is wrong stands among the conditions

    def run_once(self) -> None:
        """Takes them once.

        Raises:
            Unavailable, Corrupt: the device cannot say how it is.
        """
        figures = self._figures(self._state())
        mono = self._clock.now().mono
        with self._lock:
            for span, ring in self._rings.items():
                ring.put(int(mono // _STEP_S[span]), figures)

    def series(self, span: Span) -> Series:
        """What was taken, up to now."""
        now = self._clock.now()
        step_s = _STEP_S[span]
        with self._lock:
            return Series(now.utc, step_s, self._rings[span].read(int(now.mono // step_s)))

    def _figures(self, state: DeviceState) -> dict[str, float | None]:
        health, mono = state.health, self._clock.now().mono
        if self._index.version != state.index.version:
            self._index = _Index(state.index.version, mono)
        figures: dict[str, float | None] = {
            "temperature": health.temperature_c,
            "memory": health.rss_mb,
            "processor": health.cpu_percent,
            "outbox": float(health.queues.get("events", 0)),
            "index.templates": float(state.index.templates),
            "index.age": mono - self._index.since,
        }
        for stage in _TOLD:
            self._counts[stage], fresh = self._stages.since(stage, None, self._counts[stage])
            if fresh:
                of = Percentiles.of(fresh, len(fresh))
                figures |= {f"{stage}.p50": of.p50, f"{stage}.p95": of.p95, f"{stage}.p99": of.p99}
        for name, camera in health.cameras.items():
            figures[f"camera.{name}.fps"] = camera.fps
            figures[f"camera.{name}.age"] = camera.frame_age_s
        return figures
