"""Orders over the configuration that wait until somebody has time for them."""

from __future__ import annotations

from collections import deque
from typing import Final

from edged.control.authority import EARLIEST
from edged.runtime.wish import Arrived

_MOST_WAITING: Final = 64
"""More are dropped, and come again with the next connection."""


class OrderTray:
    """Any thread puts in, one takes out; nothing blocks."""

    def __init__(self) -> None:
        self._waiting: deque[Arrived] = deque()
        self._too_early: dict[str, Arrived] = {}

    def put(self, arrived: Arrived) -> bool:
        """Whether there is room for it."""
        if len(self._waiting) >= _MOST_WAITING:
            return False
        self._waiting.append(arrived)
        return True

    def put_back(self, arrived: Arrived) -> None:
        """It is the next one again."""
        self._waiting.appendleft(arrived)

    def put_by(self, arrived: Arrived) -> None:
        """It comes again when the clock is set; a newer one of its source takes its place."""
        self._too_early[arrived.source] = arrived

    def next(self, utc: float) -> Arrived | None:
        """The next order, if there is one; `utc`: what the clock shows."""
        if self._waiting:
            return self._waiting.popleft()
        if self._too_early and utc >= EARLIEST:
            return self._too_early.popitem()[1]
        return None
