"""The thread that ends events: when somebody asks for it, when they have expired, and where it was cut off."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edged.api.albums import Albums
from edged.domain.errors import EdgedError, Unavailable
from edged.photos.album import Doer, EventState, PhotoEvent, Purge
from edged.photos.event_list import all_events
from edged.runtime.booth import DEVICE
from edged.runtime.clock import Clock
from edged.runtime.conditions import Conditions
from edged.runtime.event_purge import EventPurge
from edged.runtime.state_dir import StateDir
from edged.runtime.stop import Stop

log = logging.getLogger(__name__)

GRACE_S: Final = 600.0
"""So long an event has been seen expired before it is purged by the clock: a device that starts with a wrong one, or
whoever mistyped a day, has that time to set it right. Counted by a clock that nobody sets."""
SETTLE_S: Final = 10.0
"""After that nobody is at work any more who began to add a photograph before its event was purged: they wait no longer
than `edged.vault.shared_database.PATIENCE_S` for their turn."""
_ROUND_S: Final = 0.5
_LOOK_S: Final = 20.0
"""How often it is looked whether an event has expired."""
_RETRY_S: Final = 5.0


class Step(StrEnum):
    """How far a purge is."""

    FILES = "files"
    """Files of photographs are being removed."""
    LEFTOVERS = "leftovers"
    """All photographs are gone; what others were at meanwhile, and what is left of deleted rows, goes now."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Of a purge: `done` of `of` files are removed."""

    step: Step
    done: int = 0
    of: int = 0


class Purger:
    """One thread runs it; whoever asks may be on another.

    Args:
        work: does it. albums: finds events.
        forget: lets go of what the daemon has in memory of events that are gone.
        settle_s: see `SETTLE_S`.
    """

    def __init__(
        self,
        work: EventPurge,
        albums: Albums,
        state: StateDir,
        *,
        forget: Callable[[], None],
        clock: Clock,
        conditions: Conditions,
        settle_s: float = SETTLE_S,
    ) -> None:
        self._work = work
        self._albums = albums
        self._state = state
        self._forget = forget
        self._clock = clock
        self._conditions = conditions
        self._settle_s = settle_s
        self._swept: frozenset[str] = frozenset()
        self._progress = Progress(Step.FILES)
        self._expired: dict[str, float] = {}
        self._pending: dict[str, float] = {}
        self._look_due = clock.now().mono

    def purge(self, organisation: str, slug: str, *, by: Doer) -> Purge | None:
        """Begins to purge an event; the thread does the rest. See `EventPurge.begin`."""
        return self._work.begin(organisation, slug, by=by)

    def progress(self, event_id: str) -> Progress:
        """How far an unfinished purge has come."""
        return Progress(Step.LEFTOVERS) if event_id in self._swept else self._progress

    def purges_at(self, event: PhotoEvent) -> float | None:
        """When an event that has expired is purged by the clock, UTC seconds since the epoch; None: nobody has noticed
        yet, or it has not expired.
        """
        noticed = self._expired.get(event.id)
        if noticed is None:
            return None
        now = self._clock.now()
        return now.utc + max(0.0, noticed + GRACE_S - now.mono)

    def run(self, stop: Stop) -> None:
        """Works until `stop`; what fails becomes a condition and is tried again. Blocks."""
        while not stop.is_set():
            try:
                with self._state.purge_turn():
                    self._rounds(stop)
            except Unavailable:
                # A command purges an event just now. It does what we would.
                stop.wait(_RETRY_S)

    def _rounds(self, stop: Stop) -> None:
        wait = _ROUND_S
        while not stop.wait(wait):
            try:
                self.run_once()
            except EdgedError as error:
                self._conditions.begin("photos.purge", error)
                wait = _RETRY_S
            else:
                self._conditions.end("photos.purge")
                wait = _ROUND_S

    def run_once(self) -> None:
        """Does what is due.

        Raises:
            Unavailable, Corrupt: it did not work, and is tried again.
        """
        now = self._clock.now()
        if now.mono >= self._look_due:
            self._look_due = now.mono + _LOOK_S
            self._notice_expired(now.utc, now.mono)
        self._forget()
        pending = self._work.pending()
        if any(purge.event not in self._swept for purge in pending):
            self._sweep(pending)
        self._finish(pending, now.utc, now.mono)

    def _sweep(self, pending: Sequence[Purge]) -> None:
        def told(done: int, of: int) -> None:
            self._progress = Progress(Step.FILES, done, of)

        of = sum(purge.files for purge in pending if purge.event not in self._swept)
        told(0, of)
        self._work.sweep(told, of)
        self._swept = frozenset(purge.event for purge in pending)

    def _notice_expired(self, utc: float, mono: float) -> None:
        expired = {event.id: event for event in self._events() if event.state(utc) is EventState.EXPIRED}
        self._expired = {event: self._expired.get(event, mono) for event in expired}
        for event_id, noticed in self._expired.items():
            if mono - noticed >= GRACE_S:
                event = expired[event_id]
                log.info("the event %s has expired, and is purged", event_id)
                self._work.begin(event.organisation, event.slug, by=DEVICE)

    def _events(self) -> Iterator[PhotoEvent]:
        for organisation in self._albums.organisations():
            yield from all_events(self._albums, organisation.slug)

    def _finish(self, pending: Sequence[Purge], utc: float, mono: float) -> None:
        """Signs what has waited long enough. Counted from when it was noticed: the clock may be set meanwhile."""
        self._pending = {purge.event: self._pending.get(purge.event, mono) for purge in pending}
        settled = [purge for purge in pending if mono - self._pending[purge.event] >= self._settle_s]
        for report in self._work.finish(settled, utc):
            log.info("nothing is left of the event %s on this device", report["event"])
