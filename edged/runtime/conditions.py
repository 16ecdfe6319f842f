"""What is wrong at the moment, in words: the same in `systemctl status`, the health topic and the page."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from edged.domain.errors import EdgedError
from edged.domain.frame import Moment
from edged.runtime.clock import Clock

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that is not as it should be.

    Attributes:
        name: stable, machine-readable, with the part it is about: `camera.door`, `broker`, `disk`.
        what: one sentence; remedy: what to do, may be empty.
        since: when it began.
    """

    name: str
    what: str
    remedy: str
    since: Moment


class Conditions:
    """The list of conditions. Safe from any thread; blocks only for the length of a dictionary access."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, Condition] = {}

    def begin(self, name: str, error: EdgedError) -> None:
        """Something is wrong; logged when it is new or when its words change."""
        with self._lock:
            old = self._open.get(name)
            since = old.since if old else self._clock.now()
            self._open[name] = Condition(name, error.what, error.remedy, since)
        if old is None or old.what != error.what:
            log.warning("%s: %s", name, error, extra={"keys": _keys(name)})

    def end(self, name: str) -> None:
        """It is well again; logged if it was not."""
        with self._lock:
            old = self._open.pop(name, None)
        if old is not None:
            log.info("%s: well again", name, extra={"keys": _keys(name)})

    def current(self) -> tuple[Condition, ...]:
        """All of them, by name."""
        with self._lock:
            return tuple(self._open[name] for name in sorted(self._open))


def _keys(name: str) -> dict[str, object]:
    """For the journal: the condition, and the camera that it is about."""
    return {"condition": name, "camera": name.removeprefix("camera.") if name.startswith("camera.") else None}
