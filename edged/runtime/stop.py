"""The wish to stop, shared by every thread."""

from __future__ import annotations

import threading


class Stop:
    """Set once, never cleared. Safe from any thread and from a signal handler."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def is_set(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Blocks for so long or until it is set; true when it is set."""
        return self._event.wait(max(0.0, seconds))
