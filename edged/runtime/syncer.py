"""The thread that follows the centre: when it asks, what it says when that fails, and how things stand."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Final, Protocol

from edged.central.account import Account, Hold
from edged.central.follower import Counts, Follower, Round, Terms
from edged.central.hours import is_open
from edged.central.port import TryLater
from edged.config.central import CentralSettings
from edged.domain.errors import EdgedError, Refused, Unavailable
from edged.runtime.backoff import Backoff
from edged.runtime.clock import Clock
from edged.runtime.conditions import Conditions
from edged.runtime.stop import Stop
from edged.runtime.sync_state import SyncState

log = logging.getLogger(__name__)

_LOOK_S: Final = 0.5
"""So often it is looked whether somebody was enrolled here."""
_AT_ONCE_S: Final = 1.0
"""What is announced is asked for within so many seconds: not by all devices at the same moment."""
_SPREAD: Final = 0.1
_AGAIN_S: Final = 30.0
_REFUSED_S: Final = 300.0
"""A centre that does not let us in is asked no more often."""
_REPORT_S: Final = 900.0
"""Where nothing has changed, how things stand is told so often."""
_RECEIPT_S: Final = 3.0
"""After a deletion its traces are removed; the receipt is handed in a little later."""
_REFRESH_S: Final = 3600.0
"""A centre that does not list is asked for everybody one by one: seldom."""


class Whole(Protocol):
    """What the syncer needs of the device."""

    def version(self) -> int:
        """Of the gallery; does not block."""
        ...

    def counts(self) -> Counts:
        """Whom it can recognise; does not block."""
        ...

    def digest(self) -> str:
        """Of the shared roster; blocks for the disk."""
        ...

    def turn(self) -> AbstractContextManager[None]:
        """One process syncs at a time. Raises Unavailable while another does."""
        ...


class Syncer:
    """Follows the centre until told to stop; it is away and comes back as it likes.

    Args:
        make: makes the follower, which hangs up when `close` is called.
        settings: as they are in force now.
        chance: spreads devices over time.
    """

    def __init__(
        self,
        make: Callable[[], tuple[Follower, Callable[[], None]]],
        device: Whole,
        *,
        settings: Callable[[], CentralSettings],
        clock: Clock,
        conditions: Conditions,
        chance: random.Random,
    ) -> None:
        self._make = make
        self._device = device
        self._settings = settings
        self._clock = clock
        self._conditions = conditions
        self._chance = chance
        self._bell: SimpleQueue[float] = SimpleQueue()
        self._backoff = Backoff(1.0, 60.0, chance)
        self._due = 0.0
        self._not_before = 0.0
        self._version = -1
        self._digest: tuple[int, str] = (-1, "")
        self._reported: tuple[object, float] = (None, 0.0)
        self._receipts_s = _RECEIPT_S
        self._refreshed = float("-inf")
        self.state = SyncState()
        """Replaced as a whole; any thread may read it."""

    def wake(self, within_s: float = _AT_ONCE_S) -> None:
        """Has the centre asked within so many seconds. Any thread; returns at once."""
        if self._bell.empty():  # one ring is enough, however often somebody rings
            self._bell.put(self._chance.uniform(0.0, within_s))

    def heard(self, revision: int) -> None:
        """The centre has announced this revision. Any thread; returns at once."""
        if revision != self.state.revision:
            self.wake()

    def run(self, stop: Stop) -> None:
        """Follows until `stop`. Blocks."""
        while not stop.is_set():
            try:
                follower, close = self._make()
            except EdgedError as error:  # a file that is not there, or not yet
                self._conditions.begin("central", error)
                stop.wait(_AGAIN_S)
                continue
            try:
                self._once(follower, first=True)
                while not stop.is_set():
                    if self._is_time():
                        self._once(follower)
            finally:
                close()

    def _is_time(self) -> bool:
        """Waits a moment for a bell; whether the centre is to be asked now."""
        try:
            left = self._due - self._clock.now().mono
            wait = self._bell.get(timeout=min(_LOOK_S, max(0.0, left)))
        except Empty:
            pass
        else:
            self._due = max(min(self._due, self._clock.now().mono + wait), self._not_before)
        if self._device.version() != self._version and not self._backoff.tries:
            return True
        return self._clock.now().mono >= self._due

    def _once(self, follower: Follower, *, first: bool = False) -> None:
        """One round, and when the next is due."""
        settings = self._settings()
        now = self._clock.now()
        self._version = self._device.version()
        local = datetime.fromtimestamp(now.utc, UTC).astimezone().time()
        # After a start deletions come at once; everything else when this device's turn comes.
        only_gone = first or not is_open(settings.hours, local)
        refresh = now.mono - self._refreshed >= _REFRESH_S
        terms = Terms(Hold(settings.hold_share, settings.hold_least), settings.push, only_gone, refresh)
        try:
            with self._device.turn():
                done = follower.round(terms)
                account = follower.account()
                again = not only_gone and self._report(follower, account)
        except TryLater as error:
            self._failed(error, error.after_s + self._chance.uniform(0.0, _SPREAD * error.after_s))
            self._not_before = self._due  # whoever rings
        except Refused as error:
            self._failed(error, max(settings.every_s, _REFUSED_S))
            self._not_before = self._due
        except EdgedError as error:
            self._failed(error, self._backoff.failed())
        else:
            self._backoff.worked()
            self._conditions.end("central")
            self._refreshed = now.mono if refresh and not only_gone else self._refreshed
            self._followed(account, done, complete=not only_gone)
            self._due = self._clock.now().mono + self._wait(settings, done, first=first, again=again)

    def _wait(self, settings: CentralSettings, done: Round, *, first: bool, again: bool) -> float:
        if again or done.more:
            return 0.0
        if first:
            return self._chance.uniform(0.0, min(settings.every_s / 6, 10.0))
        if done.owed:
            self._receipts_s = min(2 * self._receipts_s, settings.every_s)
            return self._receipts_s
        self._receipts_s = _RECEIPT_S
        return settings.every_s * self._chance.uniform(1 - _SPREAD, 1 + _SPREAD)

    def _failed(self, error: EdgedError, wait_s: float) -> None:
        self._conditions.begin("central", error)
        self._due = self._clock.now().mono + wait_s
        if not self._backoff.tries:
            self._backoff.failed()

    def _followed(self, account: Account, done: Round, *, complete: bool) -> None:
        self.state = SyncState(
            account.progress.revision,
            self._clock.now().mono if complete else self.state.followed,
            account.linked,
            account.queued,
            account.held,
            self._digest[1],
        )
        if done.held:
            self._conditions.begin(
                "central.held",
                Unavailable(
                    f"{done.held} people were deleted at the centre and are kept here until somebody says so",
                    "edged sync held",
                ),
            )
        else:
            self._conditions.end("central.held")
        if done.denied:
            self._conditions.begin("central.push", done.denied)
        elif complete:
            self._conditions.end("central.push")
        if done.stuck:
            reasons = ", ".join(sorted({why for _person, why in done.stuck}))
            self._conditions.begin(
                "central.stuck",
                Unavailable(f"the centre does not take {len(done.stuck)} people: {reasons}", "edged sync"),
            )
        else:
            self._conditions.end("central.stuck")

    def _report(self, follower: Follower, account: Account) -> bool:
        """Tells how things stand, where that is news or was long ago; whether another round is to follow."""
        now = self._clock.now()
        version = self._device.version()
        if self._digest[0] != version:
            self._digest = (version, self._device.digest())
        counts, digest = self._device.counts(), self._digest[1]
        news = (
            counts,
            digest,
            account.held,
            account.queued,
            account.progress.cursor,
            account.progress.revision,
            account.progress.refused,
        )
        if news == self._reported[0] and now.mono - self._reported[1] < _REPORT_S:
            return False
        again = follower.report(account, counts, digest, now.utc)
        self._reported = (news, now.mono)
        return again
