"""A long-lived worker: `run` tries again until told to stop, `run_once` is one honest attempt that may raise."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from edged.domain.errors import EdgedError, Refused
from edged.runtime.alarm import Alarm
from edged.runtime.backoff import Backoff
from edged.runtime.conditions import Conditions
from edged.runtime.stop import Stop

log = logging.getLogger(__name__)


def run(name: str, run_once: Callable[[], None], *, stop: Stop, backoff: Backoff, conditions: Conditions) -> None:
    """Runs `run_once` again and again until `stop`; blocks until then.

    A failure becomes the condition `name`. A refusal too is tried again, only at the longest interval: the password may
    be corrected meanwhile. Whoever works ends the condition, when it sees that all is well.
    """
    while not stop.is_set():
        try:
            run_once()
            backoff.worked()
        except EdgedError as error:
            conditions.begin(name, error)
            stop.wait(backoff.longest if isinstance(error, Refused) else backoff.failed())


class Thread:
    """A daemon thread of ours: named, and one whose bug ends the process instead of leaving it half alive.

    Args:
        name: shown by the system's tools.
        target: what to run.
        alarm: rung when it ends by an exception that nobody expected.
    """

    def __init__(self, name: str, target: Callable[[], None], alarm: Alarm) -> None:
        self.name = name
        self._target = target
        self._alarm = alarm
        self._thread = threading.Thread(target=self._top, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def join(self, seconds: float) -> bool:
        """Waits so long for its end; true when it has ended."""
        if self._thread.ident is not None:
            self._thread.join(max(0.0, seconds))
        return not self._thread.is_alive()

    def _top(self) -> None:
        try:
            self._target()
        except Exception:
            log.critical("%s ended by a bug", self.name, exc_info=True)
            self._alarm.ring()
