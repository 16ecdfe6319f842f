"""The daemon's threads, but for those of its cameras: how they begin, and in which order they end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, Protocol

from edged.runtime.alarm import Alarm
from edged.runtime.parts import Parts
from edged.runtime.stop import Stop
from edged.runtime.worker import Thread

log = logging.getLogger(__name__)

_CUT_OFF: Final = ("upkeep", "purger", "sentinel", "syncer", "albums", "asker", "clerk", "photos", "guests")
"""Not waited for: whatever they are at can be cut off."""


class _Worker(Protocol):
    def run(self, stop: Stop) -> None:
        """Works until `stop`. Blocks."""
        ...


class Crew:
    """Belongs to the main thread.

    Args:
        alarm: rung when a thread ends by a bug.
    """

    def __init__(self, parts: Parts, alarm: Alarm) -> None:
        self._parts = parts
        self._alarm = alarm
        self._stops: dict[str, Stop] = {}
        self._threads: dict[str, Thread] = {}

    def start(self) -> None:
        """Starts whoever there is; returns at once."""
        parts = self._parts
        workers: dict[str, _Worker | None] = {
            "auditor": parts.auditor,
            "keeper": parts.keeper,
            "doors": parts.gatehouse.line,
            "doorman": parts.gatehouse.doorman,
            "judge": parts.judge,
            "upkeep": parts.upkeep,
            "sentinel": parts.sentinel,
            "talker": parts.talker,
            "syncer": parts.liaison.syncer,
            "purger": parts.photos.purger,
            "albums": parts.photos.album_syncer,
            "asker": parts.liaison.asker,
            "clerk": parts.clerk,
            "photos": parts.photos.booth,
            "guests": parts.photos.guests,
        }
        for name, worker in workers.items():
            if worker is not None:
                self._begin(name, worker.run)
        if page := parts.page:
            self._begin("page", lambda _stop: page.run())
            self._begin("history", page.history.run)
            log.info("the page is at %s", page.url)
        if interface := parts.interface:
            self._begin("interface", lambda _stop: interface.run())
            log.info("clients are answered at %s", interface.url)

    def send(self, name: str, errand: Callable[[], None]) -> None:
        """Has an errand done on a thread of its own that nobody waits for; returns at once."""
        Thread(name, errand, self._alarm).start()

    def end(self, farewell: Callable[[], None]) -> None:
        """Ends them in stages, each with its deadline: the last events, the last word to the broker, the last note.

        Blocks for five seconds at most. Cameras should give no more frames by then.

        Args:
            farewell: called when nobody has anything more to note, but the auditor still writes.
        """
        parts = self._parts
        for name in _CUT_OFF:
            if name in self._stops:
                self._stops[name].set()
        for server in (parts.page, parts.interface, parts.photos.guests):
            if server is not None:
                server.end()
        self._end("judge", 0.7)
        self._end("doorman", 0.5)
        self._end("doors", 0.5)
        self._end("talker", 1.0)
        self._end("keeper", 1.0)
        farewell()
        self._end("auditor", 1.0)

    def _begin(self, name: str, target: Callable[[Stop], None]) -> None:
        stop = self._stops[name] = Stop()
        self._threads[name] = Thread(name, lambda: target(stop), self._alarm)
        self._threads[name].start()

    def _end(self, name: str, seconds: float) -> None:
        if name in self._threads:
            self._stops[name].set()
            if not self._threads[name].join(seconds):
                log.warning("%s did not end within %.1f s", name, seconds)
