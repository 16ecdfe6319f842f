"""Whose thread still comes round: proof of work, not of life."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from edged.domain.frame import Moment
from edged.runtime.clock import Clock

STALE_S: Final = 10.0
"""A thread that has not come round for so long does no work, and the watchdog is not fed."""


class Worker(Protocol):
    """Whoever has a thread of their own."""

    @property
    def alive(self) -> Moment:
        """When it last came round."""
        ...


class Rounds:
    """Watches threads by the moments at which they came round last. Any thread may ask; nothing blocks.

    Args:
        workers: whose threads they are, by name; None where one is switched off.
        main: says when the main thread came round last.
    """

    def __init__(self, clock: Clock, workers: Mapping[str, Worker | None], *, main: Callable[[], Moment]) -> None:
        self._clock = clock
        self._workers = {name: worker for name, worker in workers.items() if worker is not None}
        self._main = main

    def stuck(self) -> tuple[str, ...]:
        """Who has stopped doing work."""
        now = self._clock.now().mono
        rounds = {name: worker.alive for name, worker in self._workers.items()} | {"main": self._main()}
        return tuple(name for name, last in rounds.items() if now - last.mono > STALE_S)
