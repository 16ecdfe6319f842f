"""The wish to stop, shared by every thread."""

from __future__ import annotations

from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Final


class Stop:
    """Set once, never cleared. Safe from any thread and from a signal handler.

    `threading.Event` is not: its `set` takes a lock that the interrupted `wait` of the same thread may hold, and then
    neither ever goes on. A `SimpleQueue` may be put to by whoever interrupts a `get`; the standard library promises
    that much of it alone.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._bell: Final[SimpleQueue[None]] = SimpleQueue()

    def set(self) -> None:
        self._is_set = True
        self._bell.put(None)

    def is_set(self) -> bool:
        return self._is_set

    def nudge(self) -> None:
        """Ends a `wait` before its time, without being set: there is something to do."""
        self._bell.put(None)

    def wait(self, seconds: float) -> bool:
        """Blocks for so long or until it is set; true when it is set."""
        if self._is_set:
            return True
        with suppress(Empty):
            self._bell.get(timeout=max(0.0, seconds))
        if not self.is_set():
            return False
        self._bell.put(None)  # for the next one who waits
        return True
