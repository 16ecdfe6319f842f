"""What a door's own words amount to."""

from __future__ import annotations

from itertools import count

from edged.domain.door import Alarm, Contact, DoorSignal, Signal
from edged.domain.frame import Moment
from edged.doors.watch import EXIT_S, GRACE_S, DoorWatch


class Door:
    """A watch and a clock."""

    def __init__(self, *signals: Signal) -> None:
        ids = count(1)
        self.watch = DoorWatch("front", 30.0, lambda _at: str(next(ids)))
        self.now = 1000.0
        self.say(*signals)

    def say(self, *signals: Signal) -> list[tuple[str, Alarm, bool]]:
        found = []
        for signal in signals:
            alarms = self.watch.see(DoorSignal("front", signal, Moment(self.now, 0.0)))
            found += [(alarm.id, alarm.alarm, alarm.on) for alarm in alarms]
        return found

    def wait(self, seconds: float) -> list[tuple[str, Alarm, bool]]:
        self.now += seconds
        return [(alarm.id, alarm.alarm, alarm.on) for alarm in self.watch.tick(Moment(self.now, 0.0))]


def test_a_door_that_opens_though_nobody_was_let_through_was_forced_until_it_is_shut() -> None:
    door = Door(Signal.SHUT)
    assert door.say(Signal.OPENED) == [("1", Alarm.FORCED, True)]
    assert door.say(Signal.OPENED) == []
    assert door.say(Signal.SHUT) == [("1", Alarm.FORCED, False)]


def test_whoever_was_let_through_may_open_and_a_moment_after_the_relay_locked_too() -> None:
    door = Door(Signal.SHUT, Signal.RELEASED)
    assert door.say(Signal.OPENED, Signal.SHUT, Signal.SECURED) == []
    door.wait(GRACE_S - 0.1)
    assert door.say(Signal.OPENED, Signal.SHUT) == []
    door.wait(0.2)
    assert door.say(Signal.OPENED) == [("1", Alarm.FORCED, True)]


def test_whoever_leaves_by_the_button_forces_nothing() -> None:
    door = Door(Signal.SHUT, Signal.EXIT_PRESSED)
    door.wait(EXIT_S - 0.1)
    assert door.say(Signal.OPENED, Signal.SHUT) == []
    door.wait(0.2)
    assert door.say(Signal.OPENED) == [("1", Alarm.FORCED, True)]


def test_a_door_that_is_open_when_it_is_first_heard_of_was_not_forced_but_must_be_shut() -> None:
    door = Door()
    assert door.say(Signal.OPENED) == []
    assert door.wait(29.9) == []
    assert door.wait(0.1) == [("1", Alarm.HELD_TOO_LONG, True)]
    assert door.wait(100) == []
    assert door.say(Signal.SHUT) == [("1", Alarm.HELD_TOO_LONG, False)]


def test_a_door_that_is_found_open_after_the_helper_was_away_was_forced() -> None:
    door = Door(Signal.SHUT, Signal.LOST)
    door.wait(60)
    assert door.say(Signal.BACK, Signal.OPENED) == [("1", Alarm.RELAY, False), ("2", Alarm.FORCED, True)]


def test_a_door_that_is_held_open_by_order_has_its_time_from_when_the_order_ends() -> None:
    door = Door(Signal.SHUT, Signal.RELEASED, Signal.OPENED)
    assert door.wait(3600) == []
    assert door.watch.due is None
    door.say(Signal.SECURED)
    assert door.wait(29.9) == []
    assert door.wait(0.2) == [("1", Alarm.HELD_TOO_LONG, True)]


def test_tamper_and_relay_alarms_end_when_their_causes_do() -> None:
    door = Door(Signal.SHUT)
    assert door.say(Signal.TAMPERED, Signal.LOST) == [("1", Alarm.TAMPER, True), ("2", Alarm.RELAY, True)]
    assert door.watch.alarms == (Alarm.TAMPER, Alarm.RELAY)
    assert not door.watch.reachable
    assert door.say(Signal.RESTORED, Signal.BACK) == [("1", Alarm.TAMPER, False), ("2", Alarm.RELAY, False)]
    assert not list(door.watch.alarms)


def test_a_relay_that_is_lost_while_it_lets_through_counts_as_locked_a_moment_later() -> None:
    door = Door(Signal.SHUT, Signal.RELEASED, Signal.LOST)
    assert not door.watch.unlocked
    door.wait(GRACE_S + 0.1)
    assert ("2", Alarm.FORCED, True) in door.say(Signal.OPENED)


def test_what_somebody_has_seen_to_is_over_and_begins_anew_only_after_its_cause_has_ended() -> None:
    door = Door(Signal.SHUT, Signal.OPENED)
    ended = door.watch.quiet(Alarm.FORCED, Moment(door.now, 0.0))
    assert [(alarm.id, alarm.on) for alarm in ended] == [("1", False)]
    assert door.watch.quiet(Alarm.FORCED, Moment(door.now, 0.0)) == ()
    assert door.say(Signal.SHUT, Signal.OPENED) == [("2", Alarm.FORCED, True)]
    door.wait(30)
    door.watch.quiet(Alarm.HELD_TOO_LONG, Moment(door.now, 0.0))
    assert door.wait(3600) == []
    assert door.watch.contact is Contact.OPEN
