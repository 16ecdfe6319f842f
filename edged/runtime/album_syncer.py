"""The thread that goes between the booth's events and the hub's: when it asks, and what it says when that fails."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from edged.central.album_follower import AlbumFollower, Told
from edged.central.port import TryLater
from edged.config.document import Document
from edged.config.photos import PhotoSyncSettings
from edged.domain.errors import EdgedError, Refused
from edged.photos.bookmarks import SqliteBookmarks
from edged.runtime.backoff import Backoff
from edged.runtime.booth import Booth, Hand
from edged.runtime.clock import Clock
from edged.runtime.conditions import Conditions
from edged.runtime.event_purge import EventPurge
from edged.runtime.state_dir import StateDir
from edged.runtime.stop import Stop

log = logging.getLogger(__name__)

_REFUSED_S: Final = 300.0
"""A hub that does not let us in is asked no more often."""
_AGAIN_S: Final = 3600.0
"""While something is refused, everything is told again so often: whoever can has mended it, perhaps."""
_NAMED: Final = 3
_HUB: Final = Hand("sync:hub", "the hub")


@dataclass(frozen=True, slots=True)
class AlbumSyncState:
    """How things stand. `agreed`: UTC seconds of the last round that left nothing over; None: there was none yet."""

    agreed: float | None = None
    pushed: int = 0
    pulled: int = 0
    refused: tuple[tuple[str, str, str], ...] = ()


class AlbumSyncer:
    """Follows the hub until told to stop; it is away and comes back as it likes.

    Args:
        make: makes the follower, and what hangs up; a follower asks whether to stop by what it is given.
        settings: as they are now.
    """

    def __init__(
        self,
        make: Callable[[Callable[[], bool]], tuple[AlbumFollower, Callable[[], None]]],
        *,
        settings: Callable[[], PhotoSyncSettings],
        clock: Clock,
        conditions: Conditions,
        chance: random.Random,
    ) -> None:
        self._make = make
        self._settings = settings
        self._clock = clock
        self._conditions = conditions
        self._backoff = Backoff(1.0, 60.0, chance)
        self._again_due = float("-inf")
        self.state = AlbumSyncState()
        """Replaced as a whole; any thread may read it."""

    def run(self, stop: Stop) -> None:
        """Follows until `stop`. Blocks."""
        while not stop.is_set():
            try:
                told = self._once(stop)
            except EdgedError as error:
                self._conditions.begin("photos.sync", error)
                stop.wait(self._pause(error))
            else:
                self._backoff.worked()
                self._say(told)
                stop.wait(0.0 if told.waiting else self._settings().every_s)

    def _once(self, stop: Stop) -> Told:
        follower, close = self._make(stop.is_set)
        try:
            now = self._clock.now().mono
            if now >= self._again_due:
                self._again_due = now + _AGAIN_S
                if follower.has_refusals:
                    follower.begin_again()
                    self.state = replace(self.state, refused=())
            told = follower.round()
        finally:
            close()
        state = self.state
        self.state = AlbumSyncState(
            agreed=state.agreed if told.waiting else self._clock.now().utc,
            pushed=state.pushed + told.pushed,
            pulled=state.pulled + told.pulled,
            # A round tells of what has changed only: what was refused before is refused until all is told again.
            refused=tuple(dict.fromkeys((*state.refused, *told.refused))),
        )
        return told

    def _say(self, told: Told) -> None:
        if told.pushed or told.pulled:
            log.info("events: %d things told to the hub, %d taken from it", told.pushed, told.pulled)
        refused = self.state.refused
        if refused:
            named = ", ".join(f"{kind} {thing}: {reason}" for kind, thing, reason in refused[:_NAMED])
            self._conditions.begin(
                "photos.sync",
                Refused("refused", f"{len(refused)} things of events are not the same here and at the hub ({named})"),
            )
        else:
            self._conditions.end("photos.sync")

    def _pause(self, error: EdgedError) -> float:
        if isinstance(error, TryLater):
            return error.after_s
        return _REFUSED_S if isinstance(error, Refused) else self._backoff.failed()


def make_album_syncer(
    document: Document, state: StateDir, booth: Booth, *, clock: Clock, conditions: Conditions
) -> AlbumSyncer:
    """Who goes between the booth's events and the hub's. Nothing is asked yet."""
    purge = EventPurge(state, document, booth.database)

    def make(stop: Callable[[], bool]) -> tuple[AlbumFollower, Callable[[], None]]:
        from edged.central.dialects import open_album_hub  # noqa: PLC0415  httpx takes 10 MB: where it is asked for only

        hub = open_album_hub(document.central, document.photos, now=time.monotonic, sleep=clock.sleep)
        follower = AlbumFollower(
            document.photos.organisation,
            hub,
            booth.feed,
            booth.albums,
            SqliteBookmarks(booth.database, hub.name),
            by=_HUB,
            originals=lambda: booth.settings().sync.originals,
            heed=lambda gone: purge.heed(hub.url, gone, clock.now().utc),
            stop=stop,
        )
        return follower, hub.close

    chance = random.Random()  # noqa: S311  jitter, not a secret
    return AlbumSyncer(make, settings=lambda: booth.settings().sync, clock=clock, conditions=conditions, chance=chance)
