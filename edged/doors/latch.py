"""For how long a door is open."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from edged.doors.plan import Fail

NEVER = -math.inf
ALWAYS = math.inf


@dataclass(frozen=True, slots=True)
class Latch:
    """What was ordered for one door. Times are seconds of one clock that never goes backwards.

    Attributes:
        fail: what its relay means while it is off.
        until: a pulse lets people through up to here.
        begin_by: a pulse that has not switched the relay by then is too late, and never does.
        held: it stands open whatever the time.
    """

    fail: Fail
    until: float = NEVER
    begin_by: float = NEVER
    held: bool = False

    def pulsed(self, now: float, seconds: float, begin_by: float) -> Latch:
        """A pulse more: the later end holds."""
        return replace(self, until=max(self.until, now + seconds), begin_by=begin_by)

    def held_open(self) -> Latch:
        """Open until `released`."""
        return self if self.held else replace(self, held=True)

    def released(self) -> Latch:
        """Held no longer; a pulse goes on to its end."""
        return replace(self, held=False) if self.held else self

    def shut(self) -> Latch:
        """No pulse any more."""
        return self if self.until == NEVER else replace(self, until=NEVER, begin_by=NEVER)

    def let_go(self) -> Latch:
        """Nobody can be asked any more. Every pulse ends, and so does a hold, unless the door is meant to be open when
        nothing works: then what stands open stays so, and what is locked stays locked while the helper lives.
        """
        return replace(self.shut(), held=self.held and self.fail == "safe")

    def open_until(self, now: float) -> float:
        """Until when it is open: NEVER where it is shut now, ALWAYS where it is held."""
        if self.held:
            return ALWAYS
        return self.until if now < self.until else NEVER
