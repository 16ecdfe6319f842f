"""The thread that has one relay do what is wanted, at the time at which it is wanted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from edged.domain.errors import EdgedError
from edged.doors.latch import ALWAYS, NEVER, Latch
from edged.doors.order import boot_time
from edged.doors.plan import Fail
from edged.doors.relay import Relay

RENEW_S: Final = 10.0
"""What is to stay on is switched on anew so often, …"""
RENEWED_FOR_S: Final = 30.0
"""… each time for so long: a relay with a timer of its own falls back when nobody tells it."""
_LOOK_S: Final = 0.25
"""No wait is longer: the clock that it waits by stands still while the machine sleeps."""
_AGAIN_S: Final = 0.25
_RELAY_AGAIN_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class SwitchState:
    """How a relay is.

    Attributes:
        released: it lets people through, as last known; None: it has never answered.
        reachable: it did what was last asked; `why` says what is wrong where not.
    """

    released: bool | None = None
    reachable: bool = False
    why: str = "it has not been reached yet"


class DoorSwitch:
    """Owns one relay, on a thread of its own; ends each pulse itself, whatever the rest of the process does.

    The relay is told off before anything else, and again and again until it has heard. An `on` that fails is never
    tried again for the same pulse.

    Args:
        make: reaches for the relay; called on the thread, again where it raises Unavailable.
        fail: what the relay means while it is off.
        changed: told the new state, on that thread.
        died: called when the thread ends by a bug.
    """

    def __init__(
        self, make: Callable[[], Relay], fail: Fail, changed: Callable[[SwitchState], None], died: Callable[[], None]
    ) -> None:
        self._make = make
        self._fail = fail
        self._changed = changed
        self._died = died
        self._is_heard = threading.Condition()
        self._latch = Latch(fail)
        self._ends = False
        self._state = SwitchState()
        self._relay: Relay | None = None
        self._is_on: bool | None = None
        """As last told; None: not known."""
        self._on_until = NEVER
        self._next_check = NEVER
        self._next_try = NEVER
        self._thread = threading.Thread(target=self._top, name="door-switch", daemon=True)

    def start(self) -> None:
        """Begins; the relay is told off, or on where that keeps the door locked."""
        self._thread.start()

    def change(self, change: Callable[[Latch], Latch]) -> None:
        """Another order. Any thread; returns at once."""
        with self._is_heard:
            latch = change(self._latch)
            if latch is not self._latch:
                self._latch = latch
                self._is_heard.notify()

    def end(self) -> None:
        """The relay is to be off for good, and the thread to end. Any thread; returns at once."""
        with self._is_heard:
            self._ends = True
            self._is_heard.notify()

    def join(self, seconds: float) -> bool:
        """Waits so long for the thread's end; true when it has ended."""
        self._thread.join(max(0.0, seconds))
        return not self._thread.is_alive()

    def _top(self) -> None:
        try:
            while not self._ends:
                self._round()
            self._finish()
        except Exception:
            self._died()
            raise

    def _round(self) -> None:
        """Does what is wanted now, then waits for the next thing to do."""
        now = boot_time()
        with self._is_heard:
            latch = self._latch
        wait = _LOOK_S
        if now >= self._next_try:
            try:
                self._follow(latch, now)
            except EdgedError as error:
                self._fail_with(error, latch)
            now = boot_time()
        if (until := latch.open_until(now)) not in {NEVER, ALWAYS}:
            wait = min(wait, until - now)
        with self._is_heard:
            if self._latch is latch and not self._ends:
                self._is_heard.wait(max(0.0, wait))

    def _follow(self, latch: Latch, now: float) -> None:
        relay = self._relay
        if relay is None:
            relay = self._relay = self._make()
        if now >= self._next_check:
            self._next_check = now + relay.check_s
            relay.check()
        now = boot_time()
        until = latch.open_until(now)
        if until not in {NEVER, ALWAYS} and not self._state.released and now > latch.begin_by:
            self._shut(latch)
            until = NEVER
        if (until != NEVER) == (self._fail == "secure"):
            self._keep_on(relay, until if self._fail == "secure" else ALWAYS)
        elif self._is_on is not False:
            self._is_on = None
            relay.off()
            self._is_on = False
        self._tell(SwitchState(until != NEVER, reachable=True, why=""))

    def _keep_on(self, relay: Relay, ends: float) -> None:
        now = boot_time()
        lasts = self._on_until - now > RENEWED_FOR_S - RENEW_S if ends == ALWAYS else self._on_until >= ends
        if self._is_on and lasts:
            return
        until = now + RENEWED_FOR_S if ends == ALWAYS else ends
        self._is_on = None
        relay.on(until - now)
        self._is_on, self._on_until = True, until

    def _fail_with(self, error: EdgedError, latch: Latch) -> None:
        """Nobody knows how the relay stands. Whoever was to be let through was not, and is not let through later."""
        self._is_on = None
        self._next_check = NEVER
        self._shut(latch)
        self._next_try = boot_time() + (_AGAIN_S if self._relay is not None else _RELAY_AGAIN_S)
        self._tell(SwitchState(self._state.released, reachable=False, why=error.what))

    def _shut(self, latch: Latch) -> None:
        """Ends the pulses of this latch, not one that was ordered meanwhile."""
        self.change(lambda now: now.shut() if now is latch else now)

    def _finish(self) -> None:
        """Off, and out of our hands."""
        relay = self._relay
        if relay is None:
            return
        with suppress(EdgedError):  # the broker, the relay's timer or the kernel has the rest
            relay.off()
        relay.close()

    def _tell(self, state: SwitchState) -> None:
        if state != self._state:
            self._state = state
            self._changed(state)
