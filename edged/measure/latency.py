"""From a face in front of the camera to its event at somebody who listens to the broker."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from edged.domain.errors import Unavailable
from edged.domain.event import Outcome, Phase
from edged.domain.progress import Progress
from edged.runtime.stage import Stage
from edged.wire.event import EventMessage

SHOWN_S: Final = 1.0
EMPTY_S: Final = 1.0
_SLACK_S: Final = 0.002
"""Events give their times to the millisecond."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds."""

    p50: float
    p95: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Spread:
        p50, p95 = np.percentile(seconds, (50, 95)) * 1000
        return cls(float(p50), float(p95))


@dataclass(frozen=True, slots=True)
class Latency:
    """How long after a face its event was there.

    Attributes:
        outcome: what the events should say; as_expected: how many did.
        appearances: of the face; told: how many of them had an event.
        from_first: since the first frame that shows the face was handed out by the camera.
        from_deciding: since the frame that settled it came out of the driver.
        frames: that voted, median.
        deciding, storing, telling: parts of `from_deciding`: until the decision, from there until the event was
            handed to the broker, and from there until it arrived.
    """

    outcome: str
    appearances: int
    told: int
    as_expected: int
    from_first: Spread
    from_deciding: Spread
    frames: float
    deciding: Spread
    storing: Spread
    telling: Spread


@dataclass(frozen=True, slots=True)
class _Arrival:
    event: EventMessage
    mono: float
    utc: float

    @property
    def captured(self) -> float:
        """When the deciding frame was taken, by the monotonic clock."""
        return self.mono - (self.utc - self.event.at.captured.timestamp())


def measure_latency(stage: Stage, diary: Path, appearances: int, outcome: Outcome, progress: Progress) -> Latency:
    """Watches a daemon for so many appearances of the face; blocks for about two seconds each.

    Args:
        stage: whose daemon sees a `camera_feed` that shows the face for `SHOWN_S` and not for `EMPTY_S`, and takes each
            time for a visit of its own.
        diary: of that feed.
        outcome: what the daemon should say.

    Raises:
        Unavailable: no events come, or the daemon ended.
    """
    arrivals = _await(stage, appearances, progress, f"waiting for events, {outcome}")
    marks = np.array([float(line) for line in diary.read_text(encoding="ascii").split()])
    places = [int(np.searchsorted(marks, arrival.captured + _SLACK_S)) - 1 for arrival in arrivals]
    if places[0] < 0:
        raise Unavailable("an event came before a face was shown", "What listens to the camera besides edged?")
    times = [arrival.event.at for arrival in arrivals]
    return Latency(
        outcome=outcome.value,
        appearances=places[-1] - places[0] + 1,
        told=len(set(places)),
        as_expected=sum(arrival.event.outcome is outcome for arrival in arrivals),
        from_first=Spread.of([a.mono - float(marks[place]) for a, place in zip(arrivals, places, strict=True)]),
        from_deciding=Spread.of([arrival.mono - arrival.captured for arrival in arrivals]),
        frames=float(np.median([arrival.event.frames for arrival in arrivals])),
        deciding=Spread.of([(at.decided - at.captured).total_seconds() for at in times]),
        storing=Spread.of([(at.published - at.decided).total_seconds() for at in times]),
        telling=Spread.of([a.utc - a.event.at.published.timestamp() for a in arrivals]),
    )


def _await(stage: Stage, appearances: int, progress: Progress, doing: str) -> list[_Arrival]:
    """The first event of so many visits, not counting the one that may be under way."""
    arrivals: list[_Arrival] = []
    patience_s = (SHOWN_S + EMPTY_S) * (appearances + 1) * 1.5 + 10
    for event in stage.events(patience_s):
        if event.type is Phase.NEW:
            arrivals.append(_Arrival(event, time.monotonic(), time.time()))
            progress(doing, len(arrivals) / (appearances + 1))
        if len(arrivals) > appearances:
            return arrivals[1:]
    raise Unavailable(f"only {len(arrivals)} visits were told within {patience_s:.0f} s", "Is the machine very busy?")
