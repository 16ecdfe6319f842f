"""One camera's thread: reads it, opens it anew when it fails, and is abandoned when it hangs."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edged.cameras.capture import Capture, Ended
from edged.cameras.kinds import open_capture
from edged.config.cameras import CameraSettings
from edged.domain.errors import Unavailable
from edged.domain.frame import Frame, Moment
from edged.runtime import worker
from edged.runtime.alarm import Alarm
from edged.runtime.backoff import Backoff
from edged.runtime.clock import Clock
from edged.runtime.conditions import Conditions
from edged.runtime.intake import Intake
from edged.runtime.stop import Stop

_GRACE_S: Final = 2.0
"""Beyond the camera's own limits, before a read that does not return counts as hung."""
_RATE_FRAMES: Final = 30


class EyeState(StrEnum):
    """What a camera is doing."""

    OPENING = "opening"
    ONLINE = "online"
    OFFLINE = "offline"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class EyeStatus:
    """A camera as the health shows it.

    Attributes:
        fps: frames a second that were handed on, over the last thirty; 0 when it is not online.
        frame_age: seconds since the last frame, None before the first.
        hung: how often it had to be abandoned.
    """

    state: EyeState
    fps: float
    frame_age: float | None
    frames: int
    hung: int


class _Attempt:
    """One thread's life with a camera. An abandoned one finds its `stop` set when its read returns, and ends."""

    def __init__(self, now: Moment) -> None:
        self.stop = Stop()
        self.capture: Capture | None = None
        self.moved = now
        """When the thread last came back from the camera."""


class Eye:
    """Looks through one camera and puts frames into the intake.

    Args:
        name: the camera's name in the document.
        settings: its part of the document.
        opener: opens the camera; `open_capture` outside of tests.
        alarm: rung when the thread ends by a bug.
    """

    def __init__(
        self,
        name: str,
        settings: CameraSettings,
        *,
        intake: Intake,
        clock: Clock,
        conditions: Conditions,
        alarm: Alarm,
        opener: Callable[..., Capture] = open_capture,
    ) -> None:
        self.name = name
        self.settings = settings
        self._intake = intake
        self._clock = clock
        self._conditions = conditions
        self._alarm = alarm
        self._opener = opener
        self._lock = threading.Lock()
        self._attempt = _Attempt(clock.now())
        self._thread: worker.Thread | None = None
        self._state = EyeState.OPENING
        self._frames = 0
        self._hung = 0
        self._times: deque[float] = deque(maxlen=_RATE_FRAMES)
        self.newest: Frame | None = None
        """The frame handed on last; None while the camera gives no pictures."""

    @property
    def condition(self) -> str:
        """The name under which its faults are listed."""
        return f"camera.{self.name}"

    def start(self) -> None:
        attempt = self._attempt = _Attempt(self._clock.now())
        backoff = Backoff(0.5, 30.0, random.Random())  # noqa: S311  jitter, not a secret

        def body() -> None:
            worker.run(
                self.condition,
                lambda: self._run_once(attempt, backoff),
                stop=attempt.stop,
                backoff=backoff,
                conditions=self._conditions,
            )

        self._thread = worker.Thread(f"eye-{self.name}", body, self._alarm)
        self._thread.start()

    def stop(self) -> None:
        """Asks the thread to end; does not wait for it."""
        self._attempt.stop.set()
        if self._attempt.capture is not None:
            self._attempt.capture.interrupt()

    def join(self, seconds: float) -> bool:
        """Waits so long for the thread; false when it hangs in the camera and is left behind."""
        return self._thread is None or self._thread.join(seconds)

    def watch(self, now: Moment) -> None:
        """Abandons a thread that hangs in the camera, names it, and begins another. Called every second or so."""
        silent = now.mono - self._attempt.moved.mono
        limit = max(self.settings.open_timeout_s, self.settings.stall_s) + _GRACE_S
        if self._state is EyeState.ENDED or self._attempt.stop.is_set() or silent < limit:
            return
        self._hung += 1
        self._state = EyeState.OFFLINE
        self._conditions.begin(
            self.condition,
            Unavailable(
                f"the camera has not answered for {silent:.0f} s and was abandoned",
                "It is being opened anew; if this repeats, check its cable and power supply",
            ),
        )
        self.stop()
        self.start()

    def status(self, now: Moment) -> EyeStatus:
        with self._lock:
            times = tuple(self._times)
        span = now.mono - times[0] if len(times) > 1 else 0.0
        online = self._state is EyeState.ONLINE
        return EyeStatus(
            state=self._state,
            fps=(len(times) - 1) / span if online and span > 0 else 0.0,
            frame_age=now.mono - times[-1] if times else None,
            frames=self._frames,
            hung=self._hung,
        )

    def _run_once(self, attempt: _Attempt, backoff: Backoff) -> None:
        attempt.moved = self._clock.now()
        capture = self._opener(
            self.settings, clock=lambda: self._clock.now().mono, wait=lambda seconds: self._wait(attempt, seconds)
        )
        attempt.capture = capture
        attempt.moved = self._clock.now()
        try:
            self._read(attempt, capture, backoff)
        except Ended:
            self._state = EyeState.ENDED
            self._conditions.end(self.condition)
            attempt.stop.set()
        except Unavailable:
            if not attempt.stop.is_set():
                self._state = EyeState.OFFLINE
                raise
        finally:
            self.newest = None
            attempt.capture = None
            capture.close()

    def _wait(self, attempt: _Attempt, seconds: float) -> None:
        """Waits for a recording's next picture; that is no silence."""
        now = self._clock.now()
        attempt.moved = Moment(now.mono + seconds, now.utc + seconds)
        attempt.stop.wait(seconds)

    def _read(self, attempt: _Attempt, capture: Capture, backoff: Backoff) -> None:
        due = float("-inf")
        while not attempt.stop.is_set():
            capture.grab()
            now = attempt.moved = self._clock.now()
            if attempt.stop.is_set():
                return
            if now.mono < due:
                continue
            image = capture.retrieve()
            # A tenth early is on time: else a camera of exactly the wanted rate would lose every other frame to jitter.
            due = now.mono + 0.9 / self.settings.fps
            with self._lock:
                self._times.append(now.mono)
            self.newest = Frame(self.name, self._frames, now, image)
            self._intake.put(self.newest)
            self._frames += 1
            if self._state is not EyeState.ONLINE:
                self._state = EyeState.ONLINE
                self._conditions.end(self.condition)
                backoff.worked()
