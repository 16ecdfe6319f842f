"""How long it takes from a push until the device has reported it applied."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from edged.domain.errors import Unavailable
from edged.domain.progress import Progress
from edged.measure.control_site import ControlSite
from edged.wire.reported import ReportStatus


@dataclass(frozen=True, slots=True)
class ControlSpeed:
    """Milliseconds from the publication to the report `applied`, at the administrator.

    Attributes:
        pushes: how many, one after another.
    """

    pushes: int
    p50: float
    p95: float
    longest: float


def measure_speed(site: ControlSite, pushes: int, progress: Progress) -> ControlSpeed:
    """Pushes `live` fields to a device that is online and idle.

    Raises:
        Unavailable: one was not applied.
    """
    times = []
    for number in range(pushes):
        progress(f"pushing, {number + 1} of {pushes}", number / pushes)
        patch = {"decision": {"margin": 0.01 + 0.001 * (number % 50)}, "visits": {"leave_s": 1.0 + number % 7}}
        begun = time.monotonic()
        report = site.outcome(site.push(patch))
        times.append(1000 * (time.monotonic() - begun))
        if report.status is not ReportStatus.APPLIED:
            raise Unavailable(f"a push was {report.status}: {report.problems}")
    p50, p95 = np.percentile(times, (50, 95))
    return ControlSpeed(pushes, round(float(p50), 1), round(float(p95), 1), round(max(times), 1))
