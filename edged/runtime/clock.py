"""Time, passed in as a value so that a test can hold it still."""

from __future__ import annotations

import time
from typing import Protocol

from edged.domain.frame import Moment


class Clock(Protocol):
    """Reads the time and waits."""

    def now(self) -> Moment:
        """This instant on both clocks."""

    def sleep(self, seconds: float) -> None:
        """Blocks the calling thread for so long."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> Moment:
        return Moment(mono=time.monotonic(), utc=time.time())

    def sleep(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds))
