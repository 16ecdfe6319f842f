"""What the hub holds, and which of its devices report: counted for Prometheus, and of nobody in particular."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from edged import __version__
from edged.api.fleet import Device, Fleet
from edged.hub.census import Census

STALE_S: Final = 2700.0
"""A device that has not reported for so long is missed: it reports every quarter of an hour at least."""
_FRESH_S: Final = 15.0
"""A count is good for so long, however many ask."""


class Holdings(Collector):
    """Counts when it is asked; any thread. Blocks as the store does, and raises what it raises.

    Args:
        fleet: knows the devices.
        census: counts the rest; None: nobody does.
        clock: UTC seconds since the epoch; ticks: seconds of a clock that never goes back.
    """

    def __init__(
        self,
        fleet: Fleet,
        census: Callable[[], Census] | None = None,
        *,
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fleet = fleet
        self._census = census
        self._clock = clock
        self._ticks = ticks
        self._lock = threading.Lock()
        self._counted: tuple[float, Sequence[Metric]] = (float("-inf"), ())

    def collect(self) -> Sequence[Metric]:
        with self._lock:
            at, metrics = self._counted
            if self._ticks() - at >= _FRESH_S:
                metrics = list(self._count())
                self._counted = (self._ticks(), metrics)
        return metrics

    def _count(self) -> Iterator[Metric]:
        info = GaugeMetricFamily("edged_hub_info", "What runs here; the value is always 1.", labels=("version",))
        info.add_metric((__version__,), 1)
        yield info
        yield self._reporting(self._fleet.devices())
        if self._census is not None:
            yield from _held(self._census())

    def _reporting(self, devices: Sequence[Device]) -> Metric:
        now = self._clock()
        counts = {"reporting": 0, "stale": 0, "never": 0}
        for device in devices:
            state = "never" if not device.seen else "stale" if now - device.seen > STALE_S else "reporting"
            counts[state] += 1
        family = GaugeMetricFamily(
            "edged_hub_devices",
            "Devices that report to this hub; stale: not for 45 minutes; never: set up here and not heard of yet.",
            labels=("state",),
        )
        for state, count in counts.items():
            family.add_metric((state,), count)
        return family


def _held(census: Census) -> Iterator[Metric]:
    yield GaugeMetricFamily("edged_hub_people", "People who are enrolled.", census.people)
    yield GaugeMetricFamily("edged_hub_faces", "Faces of theirs.", census.faces)
    yield GaugeMetricFamily("edged_hub_photographs", "Photographs of events.", census.photographs)
    size = GaugeMetricFamily(
        "edged_hub_store_bytes", "Size of the database; photographs lie elsewhere.", labels=("kind",)
    )
    size.add_metric((census.kind,), census.size)
    yield size
