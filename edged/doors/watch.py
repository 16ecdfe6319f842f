"""What a door's own words amount to: forced, open for too long, tampered with, out of reach."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Final

from edged.domain.door import Alarm, Contact, DoorAlarm, DoorSignal, Signal
from edged.domain.frame import Moment

GRACE_S: Final = 3.0
"""Whoever was let through may open so long after the relay has locked again: their hand was on the door."""
EXIT_S: Final = 6.0
"""Whoever pressed the exit button, or was seen by its sensor, may open within so long, though no relay was switched."""

_BEGINS: Final = {Signal.TAMPERED: Alarm.TAMPER, Signal.LOST: Alarm.RELAY}
_ENDS: Final = {
    Signal.SHUT: (Alarm.FORCED, Alarm.HELD_TOO_LONG),
    Signal.RESTORED: (Alarm.TAMPER,),
    Signal.BACK: (Alarm.RELAY,),
}
_KINDS: Final = frozenset(alarm for alarms in _ENDS.values() for alarm in alarms)


class DoorWatch:
    """Follows one door. Reads no clock; belongs to one thread.

    An alarm begins once and ends once, with one id, also over a restart. It ends when its cause does, or when
    somebody has seen to it; then it does not begin again before its cause has ended.

    A door that is open when it is first heard of was not forced: nobody knows who opened it. One that is found open
    after its helper was away, and was shut before, was.

    Args:
        door: its name.
        too_long_s: it may stand open for so long, not counting while it is unlocked.
        new_id: makes an alarm's id.
        on: alarms that were on when the door was last followed; those of another's kind are passed over.

    Attributes:
        contact: what the door contact says.
        unlocked: the relay lets people through.
        reachable: the relay answers.
    """

    def __init__(
        self, door: str, too_long_s: float, new_id: Callable[[Moment], str], on: Iterable[DoorAlarm] = ()
    ) -> None:
        self._door = door
        self._too_long_s = too_long_s
        self._new_id = new_id
        self.contact = Contact.NONE
        self.unlocked = False
        self.reachable = True
        self._may_open_until = -math.inf
        self._stands_open_since = math.inf
        self._alarms = {alarm.alarm: alarm for alarm in on if alarm.alarm in _KINDS}
        self._seen_to: set[Alarm] = set()

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """Those that are on, in the order in which they began."""
        return tuple(self._alarms)

    @property
    def due(self) -> float | None:
        """Monotonic seconds when `tick` may have something to say though no signal comes; None: never."""
        if self.unlocked or self.contact is not Contact.OPEN or self._is_raised(Alarm.HELD_TOO_LONG):
            return None
        return self._stands_open_since + self._too_long_s

    def configure(self, too_long_s: float) -> None:
        """From now on it may stand open for so long."""
        self._too_long_s = too_long_s

    def see(self, signal: DoorSignal) -> tuple[DoorAlarm, ...]:
        """Takes note of what the door said; the alarms that begin or end by it."""
        at = signal.at
        self._note(signal)
        if signal.signal is Signal.OPENED:
            return self._opened(at)
        begins = _BEGINS.get(signal.signal)
        if begins is not None:
            return self._raise(begins, at, signal.detail)
        return tuple(ended for alarm in _ENDS.get(signal.signal, ()) for ended in self._over(alarm, at))

    def tick(self, now: Moment) -> tuple[DoorAlarm, ...]:
        """Time has passed; call it when `due`, or more often."""
        due = self.due
        if due is None or now.mono < due:
            return ()
        return self._raise(Alarm.HELD_TOO_LONG, now, f"for more than {self._too_long_s:g} s")

    def quiet(self, alarm: Alarm, at: Moment) -> tuple[DoorAlarm, ...]:
        """Somebody has seen to it: it is over, and stays so until its cause has ended."""
        if alarm not in self._alarms:
            return ()
        self._seen_to.add(alarm)
        return self._ended(alarm, at)

    def _note(self, signal: DoorSignal) -> None:
        match signal.signal:
            case Signal.RELEASED:
                self.unlocked = True
            case Signal.SECURED:
                self._lock(signal.at)
            case Signal.EXIT_PRESSED:
                self._may_open_until = max(self._may_open_until, signal.at.mono + EXIT_S)
            case Signal.SHUT:
                self.contact = Contact.SHUT
            case Signal.LOST:
                self.reachable = False
                if self.unlocked:
                    self._lock(signal.at)
            case Signal.BACK:
                self.reachable = True

    def _opened(self, at: Moment) -> tuple[DoorAlarm, ...]:
        before, self.contact = self.contact, Contact.OPEN
        if before is Contact.OPEN:
            return ()
        self._stands_open_since = at.mono
        if before is Contact.NONE or self.unlocked or at.mono <= self._may_open_until:
            return ()
        return self._raise(Alarm.FORCED, at, "opened though nobody was let through")

    def _lock(self, at: Moment) -> None:
        self.unlocked = False
        self._may_open_until = max(self._may_open_until, at.mono + GRACE_S)
        # A door that was held open by order has as long as any other to be shut.
        self._stands_open_since = at.mono

    def _is_raised(self, alarm: Alarm) -> bool:
        return alarm in self._alarms or alarm in self._seen_to

    def _raise(self, alarm: Alarm, at: Moment, detail: str) -> tuple[DoorAlarm, ...]:
        if self._is_raised(alarm):
            return ()
        begun = self._alarms[alarm] = DoorAlarm(self._new_id(at), self._door, alarm, on=True, at=at, detail=detail)
        return (begun,)

    def _over(self, alarm: Alarm, at: Moment) -> tuple[DoorAlarm, ...]:
        self._seen_to.discard(alarm)
        return self._ended(alarm, at)

    def _ended(self, alarm: Alarm, at: Moment) -> tuple[DoorAlarm, ...]:
        begun = self._alarms.pop(alarm, None)
        return () if begun is None else (DoorAlarm(begun.id, self._door, alarm, on=False, at=at),)
