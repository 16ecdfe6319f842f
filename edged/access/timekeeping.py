"""What time it is, as far as rules may rely on it: a clock that is set opens nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from edged.domain.frame import Moment

SETTLE_S: Final = 3600.0
"""A clock that was set is believed after so long."""
BOOT_S: Final = 600.0
"""For so long after the machine has started, a clock that is set forward is believed at once: a machine without a
battery begins where it stopped, until a time server is reached."""

_TOLERANCE_S: Final = 2.0
_EARLIEST: Final = 1_735_689_600.0
"""2025-01-01: a clock that shows less was never set."""
_LATEST: Final = 4_102_444_800.0
"""2100-01-01: one that shows more neither."""


@dataclass(frozen=True, slots=True)
class Timekeeping:
    """Compares the clock on the wall with the one that never jumps.

    Nothing that a rule says yes to because of the hour may follow from a jump of the clock alone. While the two clocks
    disagree, there are two times: what the wall shows, and what the steady clock has carried on from the moment at
    which they last agreed. Rules must say yes at both. After an hour the wall is believed, since an administrator who
    sets the clock means it.

    Attributes:
        believed: a moment at which the clock on the wall was right; None before it was ever set.
        doubted: when it began to show something else; None while it does not.
        forward_until: until then, on the steady clock, setting it forward is believed at once.
    """

    believed: Moment | None = None
    doubted: Moment | None = None
    forward_until: float = 0.0

    @classmethod
    def started(cls, last: float | None, now: Moment) -> Timekeeping:
        """After a start of the machine: what the steady clock showed before says nothing any more.

        Args:
            last: the latest time that was known before, UTC seconds; a clock that shows less has lost it.
            now: this moment.
        """
        believed = Moment(now.mono, last) if last is not None and now.utc < last else None
        return cls(believed, forward_until=now.mono + BOOT_S).after(now)

    def after(self, now: Moment) -> Timekeeping:
        """What is known once this moment was seen. Itself where nothing has changed."""
        if not _EARLIEST <= now.utc < _LATEST:
            return self
        ahead = 0.0 if self.believed is None else now.utc - _carried(self.believed, now)
        is_known = self.believed is not None and abs(ahead) <= _TOLERANCE_S
        if is_known:
            return self if self.doubted is None else replace(self, doubted=None)
        if self.believed is None or (ahead > 0 and now.mono < self.forward_until) or self._is_settled(now):
            return replace(self, believed=now, doubted=None)
        is_doubted_already = self.doubted is not None and abs(now.utc - _carried(self.doubted, now)) <= _TOLERANCE_S
        return self if is_doubted_already else replace(self, doubted=now)

    def times(self, now: Moment) -> tuple[float, ...]:
        """The times, UTC seconds, at each of which a rule must say yes; none where nobody knows what time it is."""
        known = self.after(now)
        if known.believed is None:
            return ()
        carried = _carried(known.believed, now)
        if not _EARLIEST <= now.utc < _LATEST:
            return (carried,)
        return (now.utc,) if known.doubted is None else (carried, now.utc)

    def latest(self, now: Moment) -> float | None:
        """The latest of these times; None where nobody knows."""
        return max(self.times(now), default=None)

    def settles_at(self, now: Moment) -> float | None:
        """When the clock on the wall will be believed, as it shows; None while it is."""
        known = self.after(now)
        return None if known.doubted is None else now.utc + SETTLE_S - (now.mono - known.doubted.mono)

    def _is_settled(self, now: Moment) -> bool:
        doubted = self.doubted
        return (
            doubted is not None
            and now.mono - doubted.mono >= SETTLE_S
            and abs(now.utc - _carried(doubted, now)) <= _TOLERANCE_S
        )


def _carried(since: Moment, now: Moment) -> float:
    """What the clock would show, had it gone on evenly."""
    return since.utc + (now.mono - since.mono)
