"""How often something may be done: a steady pace, with room for a burst."""

from __future__ import annotations


class Ration:
    """Belongs to one thread.

    Args:
        per_s: the pace.
        burst: so often at once.
        now: seconds of a clock that never jumps.
    """

    def __init__(self, per_s: float, burst: int, now: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._level = float(burst)
        self._at = now

    def take(self, now: float) -> bool:
        """Takes one, where there is one."""
        self._fill(now)
        if self._level < 1:
            return False
        self._level -= 1
        return True

    def wait_s(self, now: float) -> float:
        """After how many seconds there is one; 0 where there is now. Takes nothing."""
        self._fill(now)
        return max(0.0, (1 - self._level) / self._per_s)

    def _fill(self, now: float) -> None:
        self._level = min(float(self._burst), self._level + (now - self._at) * self._per_s)
        self._at = now
