"""The wish to stop, shared by every thread."""

from __future__ import annotations

import math
import os
import select
from contextlib import suppress


class Stop:
    """Set once, never cleared. Safe from any thread and from a signal handler.

    Neither `threading.Event` nor a queue will do. The `set` of the one takes a lock that the interrupted `wait` of the
    same thread may hold, and then neither ever goes on. The `get` of the other, CPython's `SimpleQueue`, counts what is
    left of its time after a first look, and where that is less than nothing it waits for ever: seen once in 30,000
    short waits. The kernel's own counter (eventfd, Linux) has neither.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._bell = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    def __del__(self) -> None:
        os.close(self._bell)

    def set(self) -> None:
        self._is_set = True
        os.eventfd_write(self._bell, 1)

    def is_set(self) -> bool:
        return self._is_set

    def nudge(self) -> None:
        """Ends a `wait` before its time, without being set: there is something to do."""
        os.eventfd_write(self._bell, 1)

    def wait(self, seconds: float) -> bool:
        """Blocks for so long, or until it is set or nudged; true when it is set."""
        if self._is_set:
            return True
        waiting = select.poll()
        waiting.register(self._bell, select.POLLIN)
        waiting.poll(math.ceil(max(0.0, seconds) * 1000))
        if not self.is_set():
            with suppress(BlockingIOError):  # nobody rang
                os.eventfd_read(self._bell)
        if not self.is_set():
            return False
        os.eventfd_write(self._bell, 1)  # for the next one who waits
        return True
