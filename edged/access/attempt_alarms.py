"""Several attempts without a living face, or with wrong codes: somebody should look."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from edged.access.attempts import Attempt, Attempts
from edged.domain.door import Alarm, DoorAlarm
from edged.domain.frame import Moment

_KINDS: Final = {Attempt.SPOOF: Alarm.SPOOF, Attempt.CODE: Alarm.CODES}


class AttemptAlarms:
    """One door's. Reads no clock; belongs to one thread. An alarm ends when the attempts are ten minutes old, or when
    somebody has seen to it; then it begins again with the next attempt.

    Args:
        new_id: makes an alarm's id.
        on: alarms that were on when the door was last followed; those of another's kind are passed over.
    """

    def __init__(self, door: str, new_id: Callable[[Moment], str], on: Iterable[DoorAlarm] = ()) -> None:
        self._door = door
        self._new_id = new_id
        self._on = {alarm.alarm: alarm for alarm in on if alarm.alarm in _KINDS.values()}
        self._seen_to: dict[Alarm, int] = {}

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """Those that are on, in the order in which they began."""
        return tuple(self._on)

    def follow(self, attempts: Attempts, after: int, now: Moment) -> tuple[DoorAlarm, ...]:
        """The alarms that begin or end.

        Args:
            attempts: what was tried at all doors.
            after: so many raise an alarm.
        """
        changes: list[DoorAlarm] = []
        for attempt, alarm in _KINDS.items():
            count = attempts.count(self._door, attempt, now.mono)
            if count < self._seen_to.get(alarm, 0):
                self._seen_to[alarm] = count  # some grew old: the next one is news again
            if count >= after and count > self._seen_to.get(alarm, 0) and alarm not in self._on:
                begun = DoorAlarm(self._new_id(now), self._door, alarm, on=True, at=now, detail=f"{count} attempts")
                self._on[alarm] = begun
                changes.append(begun)
            elif count < after:
                changes += self._over(alarm, now)
        return tuple(changes)

    def quiet(self, alarm: Alarm, attempts: Attempts, now: Moment) -> tuple[DoorAlarm, ...]:
        """Somebody has seen to it."""
        for attempt, own in _KINDS.items():
            if own is alarm and alarm in self._on:
                self._seen_to[alarm] = attempts.count(self._door, attempt, now.mono)
        return tuple(self._over(alarm, now))

    def _over(self, alarm: Alarm, now: Moment) -> list[DoorAlarm]:
        begun = self._on.pop(alarm, None)
        return [] if begun is None else [DoorAlarm(begun.id, self._door, alarm, on=False, at=now)]
