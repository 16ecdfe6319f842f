"""What a thread rings when it met what nobody expected."""

from __future__ import annotations

from edged.runtime.stop import Stop


class Alarm:
    """Ends the process in good order after a bug. Safe from any thread.

    Args:
        stop: of the whole daemon.

    Attributes:
        rung: whether there was one.
    """

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self.rung = False

    def ring(self) -> None:
        self.rung = True
        self._stop.set()
