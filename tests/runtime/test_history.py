"""What is kept of how the device was, and of the faces that cameras saw."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edged.api.console.health import Span
from edged.api.port import DeviceState
from edged.domain.errors import Unavailable
from edged.domain.face import Box, Flaw, Quality
from edged.domain.frame import Moment
from edged.recognition.recognizer import Sighting
from edged.runtime.history import History
from edged.runtime.recent_faces import RecentFaces
from edged.runtime.stages import Stages
from edged.vision.camera_advice import Measure
from tests.api.pretend_device import PretendDevice
from tests.runtime.hand_clock import HandClock


def test_figures_stand_at_their_time_and_what_was_not_taken_is_a_gap() -> None:
    device, clock, stages = PretendDevice("front"), HandClock(), Stages()
    history = History(device.state, stages, clock)
    for fps in (15.0, 14.0, 13.0):
        device.change_health(
            cameras={"front": device.state_now.health.cameras["front"].model_copy(update={"fps": fps})}
        )
        history.run_once()
        clock.advance(10)
    clock.advance(50)
    stages.add("decide", "front", 0.2)
    history.run_once()
    series = history.series(Span.HOURS)
    assert series.step_s == 10
    assert {len(values) for values in series.values.values()} == {720}
    assert series.values["camera.front.fps"][-9:] == (15.0, 14.0, 13.0, None, None, None, None, None, 13.0)
    assert [value for value in series.values["decide.p95"] if value is not None] == [200.0]
    clock.advance(720 * 10)
    assert set(history.series(Span.HOURS).values["temperature"]) == {None}, "old figures do not come round again"


def test_a_coarse_step_keeps_the_worst() -> None:
    device, clock = PretendDevice("front"), HandClock()
    history = History(device.state, Stages(), clock)
    for queued, fps in ((1, 14.0), (70, 2.0), (3, 15.0)):
        device.change_health(
            queues={"events": queued},
            cameras={"front": device.state_now.health.cameras["front"].model_copy(update={"fps": fps})},
        )
        history.run_once()
    series = history.series(Span.DAY)
    assert series.step_s == 120
    assert (series.values["outbox"][-1], series.values["camera.front.fps"][-1]) == (70.0, 2.0)


def test_what_cannot_be_asked_is_a_gap_and_a_camera_that_is_gone_is_forgotten() -> None:
    device, clock = PretendDevice("front"), HandClock()
    answers = [device.state(), device.state()]

    def state() -> DeviceState:
        if not answers:
            raise Unavailable("the disk does not answer")
        return answers.pop()

    class Turns:
        """A stop that comes after some rounds."""

        left = 3

        def wait(self, seconds: float) -> bool:
            clock.advance(seconds)
            self.left -= 1
            return self.left < 0

    history = History(state, Stages(), clock)
    history.run(Turns())  # type: ignore[arg-type]
    assert [value is None for value in history.series(Span.HOURS).values["memory"][-4:]] == [False, False, True, True]
    other = History(device.state, Stages(), clock)
    other.run_once()
    device.change_health(cameras={})
    for _ in range(720):
        clock.advance(10)
        other.run_once()
    assert "camera.front.fps" not in other.series(Span.HOURS).values


def test_a_day_of_a_device_with_many_cameras_is_small() -> None:
    device, clock = PretendDevice(*(f"camera{number}" for number in range(32))), HandClock()
    history = History(device.state, Stages(), clock)
    history.run_once()
    held = sum(len(values) * values.itemsize for ring in history._rings.values() for values in ring.series.values())
    assert held < 460_000


def a_sighting(track: int, size: float, flaw: Flaw | None = None) -> Sighting:
    quality = Quality(size, 80.0, 0.0, 0.0, 120.0, 40.0, 0.8)
    return Sighting(
        track=track,
        box=Box(0, 0, 10, 10),
        landmarks=np.zeros((5, 2), np.float32),
        outcome=None,
        person=None,
        similarity=0.0,
        confidence=0.0,
        margin=0.0,
        threshold=0.0,
        visit="",
        face=None,
        flaw=flaw,
        quality=quality,
    )


def test_whoever_waits_does_not_outvote_everybody_who_passes() -> None:
    faces = RecentFaces()
    for number in range(50):
        faces.add("door", Moment(number * 0.1, number * 0.1), [a_sighting(1, 20.0)])
    faces.add(
        "door", Moment(5.0, 5.0), [a_sighting(2, 60.0, Flaw.TURNED_AWAY), replace(a_sighting(3, 9.0), quality=None)]
    )
    figures = faces.figures("door")
    assert figures.count == 6, "five seconds of the first, and the second"
    assert figures.histograms[Measure.SIZE].middle == 20.0
    assert figures.flaws == {Flaw.TURNED_AWAY: 1}
    assert faces.figures("yard").count == 0
    faces.forget("door")
    assert faces.figures("door").count == 0


def test_the_last_faces_count() -> None:
    faces = RecentFaces()
    for number in range(2000):
        faces.add("door", Moment(number, number), [a_sighting(number, 20.0 if number < 976 else 40.0)])
    figures = faces.figures("door")
    assert (figures.count, figures.histograms[Measure.SIZE].middle) == (1024, 40.0)
