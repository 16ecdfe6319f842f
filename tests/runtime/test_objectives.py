"""Objectives: when a missed one becomes an alarm, and what it says."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from itertools import groupby
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edged.config.document import Document
from edged.domain.errors import Unavailable
from edged.runtime.alert import Alert
from edged.runtime.conditions import Conditions
from edged.runtime.eye import EyeState, EyeStatus
from edged.runtime.sentinel import Sentinel
from edged.runtime.stages import Stages
from tests.runtime.hand_clock import HandClock

MINUTES = st.lists(st.sampled_from([True, False, None]), max_size=60)


def standing_after(minutes: Iterable[bool | None], needed: int) -> list[bool]:
    """Whether the alarm stands after each minute."""
    alert, found = Alert(), []
    for missed in minutes:
        alert = alert.after(missed, needed)
        found.append(alert.standing)
    return found


@given(MINUTES, st.integers(1, 6))
def test_an_alarm_changes_exactly_after_enough_minutes_in_a_row(minutes: list[bool | None], needed: int) -> None:
    found = standing_after(minutes, needed)
    for at, stands in enumerate(found):
        told = [missed for missed in minutes[: at + 1] if missed is not None]
        runs = [(missed, len(list(run))) for missed, run in groupby(told)]
        long_enough = [missed for missed, length in runs if length >= needed]
        assert stands is (long_enough[-1] if long_enough else False)


@given(MINUTES, st.integers(1, 6))
def test_minutes_that_say_nothing_change_nothing(minutes: list[bool | None], needed: int) -> None:
    told = [missed for missed in minutes if missed is not None]
    assert standing_after(minutes, needed)[-1:] == (standing_after(told, needed)[-1:] or [False] * bool(minutes))


class PaintedEye:
    """A camera whose figures a test sets."""

    def __init__(self) -> None:
        self.frames, self.age, self.state = 0, cast("float | None", 0.1), EyeState.ONLINE

    def status(self, _now: object) -> EyeStatus:
        return EyeStatus(self.state, 0.0, self.age, self.frames, 0)


class Watch:
    """A sentinel over one camera, `door`, and a clock that is moved by hand."""

    def __init__(self, camera: dict[str, Any] | None = None, **objectives: float) -> None:
        self.set(camera or {}, **objectives)
        self.clock, self.stages = HandClock(), Stages()
        self.conditions = Conditions(self.clock)
        self.eye, self.oldest = PaintedEye(), cast("float | None", None)
        self.eyes = {"door": self.eye}
        self.sentinel = Sentinel(
            document=lambda: self.document,
            eyes=lambda: cast("Any", self.eyes),
            stages=self.stages,
            oldest=lambda: self.oldest,
            clock=self.clock,
            conditions=self.conditions,
        )
        self.minutes(1)  # the one in which everything begins

    def set(self, camera: dict[str, Any] | None = None, **objectives: float) -> None:
        door = {"kind": "v4l2", **(camera or {})}
        tree = {"cameras": {"door": door}, "objectives": objectives, "mqtt": {"enabled": True}}
        self.document = Document.model_validate(tree)

    def minutes(self, count: int, *, fps: float = 15.0, decide_ms: Iterable[float] = ()) -> None:
        for _ in range(count):
            for milliseconds in decide_ms:
                self.stages.add("decide", "door", milliseconds / 1000)
            for _ in range(12):
                self.clock.advance(5)
                self.eye.frames += round(5 * fps)
                self.sentinel.run_once()

    @property
    def alarms(self) -> dict[str, str]:
        return {item.name: item.what for item in self.conditions.current()}


def test_few_frames_for_some_minutes_are_an_alarm_that_ends_after_as_many_good_ones() -> None:
    watch = Watch(min_fps=10, minutes=3)
    watch.minutes(2, fps=4)
    watch.minutes(1)
    watch.minutes(2, fps=4)
    assert watch.alarms == {}, "never three in a row"
    watch.minutes(1, fps=4)
    what = "camera door: 4.0 frames a second, and at least 10 is the objective"
    assert watch.alarms == {"objective.min_fps.door": what}
    watch.minutes(2)
    assert watch.alarms
    watch.minutes(1)
    assert watch.alarms == {}


def test_a_camera_may_have_its_own_and_may_be_left_out() -> None:
    watch = Watch({"min_fps": 3.0}, min_fps=10, minutes=1)
    watch.minutes(2, fps=4)
    assert watch.alarms == {}
    watch.set({"min_fps": 6.0}, min_fps=10, minutes=1)
    watch.minutes(1, fps=4)
    assert "at least 6" in watch.alarms["objective.min_fps.door"]
    watch.set({"min_fps": 0.0}, min_fps=10, minutes=1)
    watch.minutes(1, fps=4)
    assert watch.alarms == {}, "an objective that is taken back ends its alarm"


def test_slow_decisions_are_judged_minute_by_minute_and_an_empty_one_says_nothing() -> None:
    watch = Watch(decide_p95_ms=500, minutes=2)
    slow = [100] * 18 + [900] * 2
    watch.minutes(1, decide_ms=slow)
    watch.minutes(5)
    assert watch.alarms == {}
    watch.minutes(1, decide_ms=slow)
    assert "900 ms" in watch.alarms["objective.decide_p95_ms.door"]
    watch.minutes(30)
    assert watch.alarms, "nobody came by: nothing says that it is better"
    watch.minutes(2, decide_ms=[100] * 99 + [900])
    assert watch.alarms == {}, "one in a hundred may be slow"


def test_what_was_slow_before_the_objective_was_set_does_not_count() -> None:
    watch = Watch()
    watch.minutes(1, decide_ms=[900] * 100)
    watch.set(decide_p95_ms=500, minutes=1)
    watch.minutes(3)
    assert watch.alarms == {}


def test_an_old_frame_is_an_alarm_also_where_none_has_ever_come() -> None:
    watch = Watch(frame_age_s=200, minutes=1)
    watch.eye.age = None
    watch.minutes(3)
    assert watch.alarms == {}
    watch.minutes(1)
    assert "objective.frame_age_s.door" in watch.alarms
    watch.eye.age = 0.1
    watch.minutes(1)
    assert watch.alarms == {}


def test_a_recording_that_has_ended_misses_nothing() -> None:
    watch = Watch(frame_age_s=1, min_fps=1, minutes=1)
    watch.eye.age, watch.eye.state = 500.0, EyeState.ENDED
    watch.minutes(3, fps=0)
    assert watch.alarms == {}


def test_a_camera_that_is_gone_takes_its_alarm_with_it() -> None:
    watch = Watch(min_fps=10, minutes=1)
    watch.minutes(2, fps=4)
    assert watch.alarms
    watch.document = Document.model_validate({"objectives": {"min_fps": 10.0}})
    watch.eyes = {}
    watch.minutes(1)
    assert watch.alarms == {}


def test_an_event_that_waits_for_the_broker_is_an_alarm(caplog: pytest.LogCaptureFixture) -> None:
    watch = Watch(outbox_age_s=30, minutes=2)
    watch.oldest = watch.clock.now().utc
    watch.minutes(10)
    assert list(watch.alarms) == ["objective.outbox_age_s"]
    told = [record for record in caplog.records if record.levelname == "WARNING"]
    assert 1 < len(told) < 6, "the figure is told anew when it has changed by a quarter, not every minute"
    watch.oldest = None
    watch.minutes(2)
    assert watch.alarms == {}


def test_an_outbox_that_cannot_be_read_says_nothing() -> None:
    watch = Watch(outbox_age_s=30, minutes=1)

    def fail() -> float | None:
        raise Unavailable("the disk does not answer") from sqlite3.OperationalError("disk I/O error")

    watch.sentinel._oldest = fail
    watch.minutes(3)
    assert watch.alarms == {}


def test_nothing_is_asked_for_by_default() -> None:
    watch = Watch()
    watch.eye.age = 1000.0
    watch.oldest = 0.0
    watch.minutes(5, fps=0, decide_ms=[10_000])
    assert watch.alarms == {}
