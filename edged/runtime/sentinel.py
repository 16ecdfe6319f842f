"""The thread that holds each minute against the objectives, and raises an alarm where some in a row missed one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edged.config.document import Document
from edged.domain.errors import EdgedError
from edged.domain.frame import Moment
from edged.mqtt.outbox_reader import OutboxReader
from edged.runtime.alert import QUIET, Alert
from edged.runtime.clock import Clock
from edged.runtime.conditions import Conditions
from edged.runtime.eye import Eye, EyeState
from edged.runtime.objectives import Objective, objectives_of
from edged.runtime.stages import Stages, percentile
from edged.runtime.stop import Stop

_ROUND_S: Final = 1.0
_MINUTE_S: Final = 60.0
_NEWS: Final = 0.25
"""A figure that has moved by less than this share since it was told is not told anew: the journal has it already."""


@dataclass(slots=True, eq=False)
class _Watched:
    """A camera in the minute under way.

    Attributes:
        eye: it; another one after it was opened anew by the document.
        since: when it was first seen, on the clock that never goes back.
        frames: how many it had handed on when the minute began.
        oldest: the greatest age that its newest frame had, in seconds.
        ended: it is a recording that has come to its end.
    """

    eye: Eye
    since: float
    frames: int
    oldest: float = 0.0
    ended: bool = False


@dataclass(slots=True)
class _Alarm:
    """An objective's alert, and the figure that was told last."""

    alert: Alert = QUIET
    told: float | None = None


class Sentinel:
    """Watches the objectives of the document that is in force.

    Args:
        document, eyes: of the daemon; asked at every use.
        oldest: when the event was decided that has been waiting for the broker for longest, UTC seconds; None: none
            waits. May raise Unavailable.
        conditions: where a missed objective is named.
    """

    def __init__(
        self,
        *,
        document: Callable[[], Document],
        eyes: Callable[[], Mapping[str, Eye]],
        stages: Stages,
        oldest: Callable[[], float | None],
        clock: Clock,
        conditions: Conditions,
    ) -> None:
        self._document = document
        self._eyes = eyes
        self._stages = stages
        self._oldest = oldest
        self._clock = clock
        self._conditions = conditions
        self._begun = clock.now()
        self._cameras: dict[str, _Watched] = {}
        self._counts: dict[tuple[str, str | None], int] = {}
        self._alarms: dict[str, _Alarm] = {}

    def run(self, stop: Stop) -> None:
        """Watches until `stop`. Blocks."""
        while not stop.wait(_ROUND_S):
            self.run_once()

    def run_once(self) -> None:
        """Looks at the cameras; where a minute is over, judges it."""
        now = self._clock.now()
        eyes = self._eyes()
        for name, eye in eyes.items():
            self._look(name, eye, now)
        if now.mono - self._begun.mono >= _MINUTE_S:
            self._judge(now)
            self._begun = now
            self._cameras = {name: self._anew(name, eye, now) for name, eye in eyes.items()}

    def _anew(self, name: str, eye: Eye, now: Moment) -> _Watched:
        """A camera at the beginning of a minute."""
        former = self._cameras.get(name)
        since = former.since if former and former.eye is eye else now.mono
        return _Watched(eye, since, eye.status(now).frames)

    def _look(self, name: str, eye: Eye, now: Moment) -> None:
        watched = self._cameras.get(name)
        if watched is None or watched.eye is not eye:
            return  # from the next minute on: one that is being opened misses nothing yet
        status = eye.status(now)
        age = now.mono - watched.since if status.frame_age is None else status.frame_age
        watched.oldest = max(watched.oldest, age)
        watched.ended = status.state is EyeState.ENDED

    def _judge(self, now: Moment) -> None:
        document = self._document()
        objectives = {one.condition: one for one in objectives_of(document)}
        for name in self._alarms.keys() - objectives.keys():
            del self._alarms[name]
            self._conditions.end(name)
        for name, objective in objectives.items():
            figure = self._figure(objective, now)
            if name not in self._alarms:  # the minute in which it was set says nothing
                figure = None
            alarm = self._alarms.setdefault(name, _Alarm())
            missed = None if figure is None else objective.missed(figure)
            alarm.alert = alarm.alert.after(missed, document.objectives.minutes)
            self._tell(objective, alarm, figure, missed=bool(missed))

    def _tell(self, objective: Objective, alarm: _Alarm, figure: float | None, *, missed: bool) -> None:
        if not alarm.alert.standing:
            alarm.told = None
            self._conditions.end(objective.condition)
        elif figure is not None and missed and _is_news(figure, alarm.told):
            alarm.told = figure
            self._conditions.begin(objective.condition, objective.miss(figure))

    def _figure(self, objective: Objective, now: Moment) -> float | None:
        """What the minute was like; None where it says nothing."""
        match objective.name:
            case "decide_p95_ms":
                return self._p95("decide", objective.camera)
            case "publish_p95_ms":
                return self._p95("publish", None)
            case "outbox_age_s":
                return self._waiting(now)
        watched = self._cameras.get(objective.camera)
        if watched is None or watched.ended:
            return None
        if objective.name == "frame_age_s":
            return watched.oldest
        return (watched.eye.status(now).frames - watched.frames) / (now.mono - self._begun.mono)

    def _p95(self, stage: str, camera: str | None) -> float | None:
        key = (stage, camera)
        self._counts[key], values = self._stages.since(stage, camera, self._counts.get(key, 0))
        return percentile(sorted(values), 0.95) if values else None

    def _waiting(self, now: Moment) -> float | None:
        try:
            oldest = self._oldest()
        except EdgedError:
            return None  # the outbox has a condition of its own
        return 0.0 if oldest is None else max(0.0, now.utc - oldest)


def make_sentinel(
    *,
    document: Callable[[], Document],
    eyes: Callable[[], Mapping[str, Eye]],
    outbox: Path,
    stages: Stages,
    clock: Clock,
    conditions: Conditions,
) -> Sentinel:
    """One that reads the outbox's file on a connection of its own, once a minute, where it is asked about it."""

    def oldest() -> float | None:
        with closing(OutboxReader.open(outbox)) as reader:
            return reader.oldest()

    return Sentinel(document=document, eyes=eyes, stages=stages, oldest=oldest, clock=clock, conditions=conditions)


def _is_news(figure: float, told: float | None) -> bool:
    return told is None or abs(figure - told) > _NEWS * told
