"""Which orders open, for how long, and what is believed of a contact: the parts that need no process."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edged.domain.errors import Refused
from edged.doors.debounce import Debounce
from edged.doors.latch import ALWAYS, NEVER, Latch
from edged.doors.order import MAX_WORD_BYTES, Alive, Answer, Here, Pulse, Report, encoded, order_of, word_of
from edged.doors.order_guard import OrderGuard
from edged.doors.plan import MAX_PLAN_BYTES, MAX_PULSE_S, DoorPlan, PinPlan, Plan, RelayPlan

WORD = st.text(st.characters(codec="utf-8"), min_size=1, max_size=32)
TIME = st.floats(allow_nan=False, allow_infinity=False)


def refused(guard: OrderGuard, pulse: Pulse, now: float) -> str:
    with pytest.raises(Refused) as caught:
        guard.admit(pulse, now)
    return caught.value.reason


@given(door=WORD, token=WORD, seconds=TIME, made=TIME)
def test_an_order_arrives_as_it_was_sent(door: str, token: str, seconds: float, made: float) -> None:
    pulse = Pulse(door, seconds, token, made)
    assert order_of(encoded(pulse)) == pulse
    alive = Alive(made, frozenset({door}))
    assert order_of(encoded(alive)) == alive


def test_a_word_arrives_as_it_was_sent() -> None:
    for word in (
        Here(),
        Answer("t", "stale", "old"),
        Report("front", 1.5, contact="open", exits=3, reachable=True, why="ä"),
    ):
        assert word_of(encoded(word)) == word


@given(st.binary(max_size=400))
def test_noise_is_no_order(noise: bytes) -> None:
    for read in (order_of, word_of):
        with pytest.raises(Refused):
            read(noise)


@pytest.mark.parametrize(
    "tree",
    [
        {"kind": "pulse", "door": "front", "seconds": 1, "token": "", "made": 1},
        {"kind": "pulse", "door": "front", "seconds": "1", "token": "t", "made": 1},
        {"kind": "pulse", "door": "front", "seconds": True, "token": "t", "made": 1},
        {"kind": "pulse", "door": "front", "seconds": math.nan, "token": "t", "made": 1},
        {"kind": "pulse", "door": "front", "seconds": 1, "token": "t" * 65, "made": 1},
        {"kind": "pulse", "door": 5, "seconds": 1, "token": "t", "made": 1},
        {"kind": "alive", "at": math.inf, "held": []},
        {"kind": "alive", "at": 1, "held": [{}]},
        {"kind": "alive", "at": 1, "held": ["x" * 33]},
        {"kind": "open"},
        [],
        "x" * MAX_WORD_BYTES,
    ],
)
def test_what_is_no_order_is_refused(tree: object) -> None:
    with pytest.raises(Refused, match="no order"):
        order_of(json.dumps(tree).encode())


def test_a_plan_arrives_as_it_was_sent_and_a_longer_one_does_not() -> None:
    relay = RelayPlan("http", on_url="http://a/on", off_url="http://a/off", broker={"host": "b"})
    plan = Plan((DoorPlan("front", relay, "safe", contact=PinPlan(27, is_low_closed=True, debounce_s=0.03)),), 1.0)
    assert Plan.decoded(plan.encoded()) == plan
    assert "http://a" not in repr(plan)
    for broken in (b"{}", b"[", b" " * (MAX_PLAN_BYTES + 1), b'{"doors": [{"name": "a"}], "fresh_s": 1}'):
        with pytest.raises(Refused):
            Plan.decoded(broken)


def test_an_order_is_admitted_once_and_only_while_it_is_fresh() -> None:
    guard = OrderGuard(["front"], 1.0, began=0.0)
    guard.admit(Pulse("front", 4.0, "a", 100.0), 100.4)
    assert refused(guard, Pulse("front", 4.0, "a", 100.0), 100.5) == "repeated"
    assert refused(guard, Pulse("front", 4.0, "a", 500.0), 500.1) == "repeated"
    assert refused(guard, Pulse("front", 4.0, "b", 100.0), 101.01) == "stale"
    assert refused(guard, Pulse("front", 4.0, "c", 100.2), 100.0) == "stale"
    assert refused(guard, Pulse("back", 4.0, "d", 100.0), 100.0) == "no_door"
    guard.admit(Pulse("front", 4.0, "e", 100.0), 101.0)


@pytest.mark.parametrize("seconds", [0.0, -1.0, MAX_PULSE_S + 0.1, 1e300])
def test_no_pulse_is_longer_than_a_pulse(seconds: float) -> None:
    assert refused(OrderGuard(["front"], 1.0, began=0.0), Pulse("front", seconds, "a", 100.0), 100.0) == "too_long"


def test_what_was_decided_before_this_process_began_is_stale_to_it() -> None:
    """Its memory of tokens begins empty: so a restart must not make a carried-out order fit again."""
    assert refused(OrderGuard(["front"], 1.0, began=100.0), Pulse("front", 4.0, "a", 99.9), 100.1) == "stale"


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0.1, 10)), min_size=1, max_size=8))
def test_pulses_together_last_until_the_latest_of_their_ends(pulses: list[tuple[float, float]]) -> None:
    latch, now, last = Latch("secure"), 100.0, 0.0
    for wait, seconds in pulses:
        now += wait
        latch = latch.pulsed(now, seconds, now + 1)
        last = max(last, now + seconds)
    assert latch.open_until(now) == last
    assert latch.open_until(last) == NEVER


def test_letting_go_ends_all_but_a_hold_of_a_door_that_fails_open() -> None:
    for fail, stays in (("secure", NEVER), ("safe", ALWAYS)):
        pulsed = Latch(fail).pulsed(100.0, 10.0, 101.0)  # type: ignore[arg-type]
        assert pulsed.let_go().open_until(101.0) == NEVER
        assert pulsed.held_open().let_go().open_until(101.0) == stays


def test_a_hold_ends_when_it_is_released_and_a_pulse_in_it_goes_on() -> None:
    latch = Latch("secure").pulsed(100.0, 10.0, 101.0).held_open()
    assert latch.open_until(1000.0) == ALWAYS
    assert latch.released().open_until(105.0) == 110.0


def test_what_lasts_too_short_is_not_believed() -> None:
    contact = Debounce(level=True, seconds=0.03)
    seen = [contact.see(level=False, now=1.00), contact.due, contact.see(level=True, now=1.02), contact.due]
    assert seen == [False, 1.03, False, None]
    assert not contact.see(level=False, now=1.025)
    assert not contact.see(level=False, now=1.05)
    assert contact.see(level=False, now=1.056)
    assert Debounce(level=True, seconds=0.0).see(level=False, now=1.0)
