"""The engine room's small parts: they are what keeps a device going when something else does not."""

from __future__ import annotations

import random
import threading

import numpy as np
import pytest

from edged.domain.errors import Refused, Unavailable
from edged.domain.frame import Frame, Moment
from edged.runtime import worker
from edged.runtime.alarm import Alarm
from edged.runtime.backoff import Backoff
from edged.runtime.clock import SystemClock
from edged.runtime.conditions import Conditions
from edged.runtime.intake import Intake
from edged.runtime.stages import Stages
from edged.runtime.stop import Stop
from tests.runtime.hand_clock import HandClock

PIXEL = np.zeros((1, 1, 3), np.uint8)


def frame(camera: str, number: int) -> Frame:
    return Frame(camera, number, Moment(float(number), float(number)), PIXEL)


def test_the_newest_frame_replaces_one_that_nobody_took() -> None:
    intake = Intake()
    for number in range(5):
        intake.put(frame("door", number))
    taken = intake.take(0)
    assert taken is not None
    assert taken.number == 4
    assert intake.dropped == {"door": 4}
    assert intake.take(0) is None


def test_a_fast_camera_does_not_starve_a_slow_one() -> None:
    intake = Intake()
    intake.put(frame("slow", 0))
    served = []
    for number in range(4):
        intake.put(frame("fast", number))
        taken = intake.take(0)
        assert taken is not None
        served.append(taken.camera)
    assert "slow" in served[:2]


def test_take_wakes_up_for_a_frame() -> None:
    intake = Intake()
    threading.Timer(0.05, lambda: intake.put(frame("door", 1))).start()
    assert intake.take(10) is not None


def test_take_comes_back_when_it_is_woken() -> None:
    intake = Intake()
    threading.Timer(0.05, intake.wake).start()
    assert intake.take(600) is None


def test_backoff_doubles_up_to_its_limit_and_never_waits_nothing() -> None:
    backoff = Backoff(0.5, 30.0, random.Random(1))
    waits = [backoff.failed() for _ in range(12)]
    for index, wait in enumerate(waits):
        ceiling = min(30.0, 0.5 * 2**index)
        assert ceiling / 2 <= wait <= ceiling
    backoff.worked()
    assert backoff.failed() <= 0.5


def test_a_worker_tries_again_and_names_what_is_wrong() -> None:
    stop, conditions = Stop(), Conditions(SystemClock())
    tries: list[int] = []

    def run_once() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise Unavailable("the camera is away", "Plug it in")
        assert [item.name for item in conditions.current()] == ["camera.door"]
        assert conditions.current()[0].remedy == "Plug it in"
        stop.set()

    worker.run("camera.door", run_once, stop=stop, backoff=Backoff(0.01, 0.02, random.Random(1)), conditions=conditions)
    assert len(tries) == 2


def test_a_refusal_is_tried_again_too_only_later() -> None:
    stop, conditions = Stop(), Conditions(SystemClock())
    tries: list[int] = []

    def run_once() -> None:
        tries.append(1)
        if len(tries) > 1:
            stop.set()
        raise Refused("bad_password", "the broker does not accept the password")

    backoff = Backoff(0.001, 0.05, random.Random(1))
    worker.run("broker", run_once, stop=stop, backoff=backoff, conditions=conditions)
    assert len(tries) == 2
    assert backoff.tries == 0, "a refusal must not shorten or lengthen the waits of ordinary failures"


def test_a_bug_in_a_thread_stops_the_daemon() -> None:
    stop = Stop()
    alarm = Alarm(stop)

    def body() -> None:
        raise ZeroDivisionError("a bug")

    thread = worker.Thread("judge", body, alarm)
    thread.start()
    assert thread.join(5)
    assert alarm.rung
    assert stop.is_set()


def test_conditions_keep_when_they_began_and_change_their_words() -> None:
    clock = HandClock()
    conditions = Conditions(clock)
    conditions.begin("broker", Unavailable("connection refused"))
    began = clock.now()
    clock.advance(60)
    conditions.begin("broker", Unavailable("no such host"))
    (condition,) = conditions.current()
    assert (condition.what, condition.since) == ("no such host", began)
    conditions.end("broker")
    assert conditions.current() == ()


def test_conditions_are_listed_by_name() -> None:
    conditions = Conditions(HandClock())
    for name in ("disk", "broker", "camera.door"):
        conditions.begin(name, Unavailable("x"))
    assert [item.name for item in conditions.current()] == ["broker", "camera.door", "disk"]


@pytest.mark.parametrize("count", [1, 2, 100, 2000])
def test_percentiles_are_of_the_recent_past(count: int) -> None:
    stages = Stages()
    for value in range(count):
        stages.add("look", "door", value / 1000)
    summary = stages.summary()["look"]
    assert stages.by_camera() == {"door": {"look": summary}}
    recent = range(max(0, count - 512), count)
    assert summary.count == count
    assert summary.p50 == pytest.approx(recent[len(recent) // 2])
    assert recent[0] <= summary.p50 <= summary.p95 <= summary.p99 <= recent[-1]


def test_each_camera_has_percentiles_of_its_own() -> None:
    stages = Stages()
    for camera, seconds in (("door", 0.01), ("yard", 0.09), ("door", 0.02)):
        stages.add("decide", camera, seconds)
    by_camera = stages.by_camera()
    assert (by_camera["door"]["decide"].p99, by_camera["yard"]["decide"].p99) == pytest.approx((20, 90))
    assert (by_camera["door"]["decide"].count, stages.summary()["decide"].count) == (2, 3)
    stages.forget("yard")
    assert set(stages.by_camera()) == {"door"}
    assert stages.summary()["decide"].p99 == pytest.approx(90)


def test_what_was_measured_since_is_told_once() -> None:
    stages = Stages()
    assert stages.since("decide", "door", 0) == (0, [])
    for value in range(600):
        stages.add("decide", "door", value / 1000)
    count, values = stages.since("decide", "door", 590)
    assert (count, [round(value) for value in values]) == (600, list(range(590, 600)))
    assert stages.since("decide", "door", count) == (600, [])
    assert len(stages.since("decide", None, 0)[1]) == 512
    stages.forget("door")
    stages.add("decide", "door", 0.7)
    assert stages.since("decide", "door", count) == (1, [700.0]), "a camera of that name is there again"
