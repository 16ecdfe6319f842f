"""One camera's thread: opens anew after any failure, and is abandoned and named when it hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from edged.cameras.capture import Ended
from edged.config.cameras import VideoCamera
from edged.domain.errors import Unavailable
from edged.domain.frame import Image
from edged.runtime.alarm import Alarm
from edged.runtime.clock import SystemClock
from edged.runtime.conditions import Conditions
from edged.runtime.eye import Eye, EyeState
from edged.runtime.intake import Intake
from edged.runtime.stop import Stop
from tests.runtime.hand_clock import HandClock

SETTINGS = VideoCamera(kind="video", path=Path("/nowhere.mp4"), fps=120, stall_s=1, open_timeout_s=1)


class Reel:
    """A capture that shows so many frames and then does what the test says.

    Attributes:
        wait: what the eye gave it to wait with.
    """

    wait: Callable[[float], None]

    def __init__(self, frames: int, then: Callable[[], None]) -> None:
        self._left = frames
        self._then = then
        self.closed = threading.Event()
        self.interrupted = threading.Event()

    def grab(self) -> None:
        if self._left == 0:
            self._then()
        time.sleep(0.01)  # a little slower than the frame rate asked for, so that none is left out
        self._left -= 1

    def retrieve(self) -> Image:
        return np.zeros((2, 2, 3), np.uint8)

    def close(self) -> None:
        self.closed.set()

    def interrupt(self) -> None:
        self.interrupted.set()


def breaks() -> None:
    raise Unavailable("the cable is out")


def ends() -> None:
    raise Ended("the film is over")


def hangs_until(event: threading.Event) -> Callable[[], None]:
    def hang() -> None:
        event.wait(30)
        ends()

    return hang


def eye_for(reels: list[Reel], conditions: Conditions, clock: SystemClock | HandClock | None = None) -> Eye:
    waiting = iter(reels)

    def opener(*args: object, wait: Callable[[float], None], **kwargs: object) -> Reel:
        reel = next(waiting)
        reel.wait = wait
        return reel

    return Eye(
        "door",
        SETTINGS,
        intake=Intake(),
        clock=clock or SystemClock(),
        conditions=conditions,
        alarm=Alarm(Stop()),
        opener=opener,
    )


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, "it did not happen within 10 s"
        time.sleep(0.005)


def test_after_a_failure_a_new_capture_is_opened_and_the_old_one_closed() -> None:
    conditions = Conditions(SystemClock())
    first, second = Reel(3, breaks), Reel(4, ends)
    eye = eye_for([first, second], conditions)
    eye.start()
    until(first.closed.is_set)
    until(lambda: eye.status(SystemClock().now()).state is EyeState.ENDED)
    assert second.closed.is_set()
    assert eye.status(SystemClock().now()).frames == 7
    assert conditions.current() == ()
    assert eye.join(5)


def test_a_failing_camera_is_named_until_its_next_frame() -> None:
    conditions = Conditions(SystemClock())
    gate = threading.Event()
    eye = eye_for([Reel(1, breaks), Reel(1, hangs_until(gate))], conditions)
    eye.start()
    until(lambda: [item.name for item in conditions.current()] == ["camera.door"])
    assert conditions.current()[0].what == "the cable is out"
    until(lambda: conditions.current() == ())
    gate.set()
    assert eye.join(5)


def test_a_hung_camera_is_abandoned_named_and_replaced() -> None:
    clock = HandClock()
    conditions = Conditions(clock)
    never = threading.Event()
    hung, healthy = Reel(1, hangs_until(never)), Reel(2, hangs_until(never))
    eye = eye_for([hung, healthy], conditions, clock)
    eye.start()
    until(lambda: eye.status(clock.now()).frames == 1)
    eye.watch(clock.now())
    assert eye.status(clock.now()).hung == 0, "a camera within its limits is left alone"
    clock.advance(10)
    eye.watch(clock.now())
    assert hung.interrupted.is_set()
    assert eye.status(clock.now()).hung == 1
    until(lambda: eye.status(clock.now()).frames == 2)
    assert eye.status(clock.now()).state is EyeState.ONLINE
    never.set()
    until(hung.closed.is_set)


def test_stop_does_not_wait_for_a_hung_camera() -> None:
    never = threading.Event()
    eye = eye_for([Reel(0, hangs_until(never))], Conditions(SystemClock()))
    eye.start()
    until(lambda: eye._attempt.capture is not None)
    begun = time.monotonic()
    eye.stop()
    assert not eye.join(0.1)
    assert time.monotonic() - begun < 5
    never.set()
    assert eye.join(5)


def test_waiting_for_the_next_picture_of_an_album_is_no_silence() -> None:
    clock = HandClock()
    conditions = Conditions(clock)
    reel = Reel(0, lambda: reel.wait(3600))
    eye = eye_for([reel], conditions, clock)
    eye.start()
    until(lambda: eye._attempt.moved.mono > clock.now().mono)
    clock.advance(3000)
    eye.watch(clock.now())
    assert eye.status(clock.now()).hung == 0
    clock.advance(700)
    eye.watch(clock.now())
    assert eye.status(clock.now()).hung == 1
    eye.stop()
