"""A clock that is set opens nothing, and is believed in the end."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from edged.access.door_mode import mode_of, next_change
from edged.access.standing import Standing
from edged.access.timekeeping import BOOT_S, SETTLE_S, Timekeeping
from edged.access.words import Word
from edged.domain.door import Mode
from edged.domain.frame import Moment
from edged.domain.passage import Verdict
from tests.access.site import ANNA, ask, at, knock, later, site

START: Final = at("2026-11-26 20:00", mono=10_000.0)
"""A Thursday evening, after hours; the device has been running for hours."""
RUNNING: Final = Timekeeping().after(START)


def jumped(moment: Moment, seconds: float) -> Moment:
    return Moment(moment.mono, moment.utc + seconds)


def test_as_long_as_both_clocks_agree_there_is_one_time() -> None:
    now = later(START, 1e6)
    assert RUNNING.after(now) is RUNNING
    assert RUNNING.times(now) == (now.utc,)
    assert RUNNING.settles_at(now) is None


def test_a_jump_opens_nothing_that_was_shut_and_shuts_what_it_should_until_it_is_believed() -> None:
    access, standing = site(schedule="office"), Standing(time=RUNNING)

    for by in (-10 * 3600, 13 * 3600):
        set_to_hours = jumped(later(START, 10), by)
        assert ask(knock(now=set_to_hours), access, standing).why == Word.OUTSIDE_HOURS
        doubting = standing.after_time(set_to_hours)
        assert ask(knock(now=later(set_to_hours, SETTLE_S - 1)), access, doubting).why == Word.OUTSIDE_HOURS
        assert ask(knock(now=later(set_to_hours, SETTLE_S)), access, doubting).verdict is Verdict.GRANTED
    back = later(START, 60)
    assert doubting.after_time(back).time.doubted is None, "set right again, it is right at once"


def test_another_jump_begins_anew_and_a_slow_one_does_not_pass_unnoticed() -> None:
    first = RUNNING.after(jumped(START, 100))
    second = first.after(jumped(later(START, SETTLE_S - 1), 200))
    assert len(second.times(jumped(later(START, SETTLE_S + 1), 200))) == 2
    creeping, now = RUNNING, START
    for number in range(1, 60):
        now = jumped(later(START, number), float(number))
        creeping = creeping.after(now)
    assert len(creeping.times(now)) == 2


def test_a_clock_that_was_never_set_is_no_time() -> None:
    assert Timekeeping().times(Moment(5.0, 5.0)) == ()
    assert Timekeeping().times(Moment(5.0, 9e12)) == ()
    lost = Moment(START.mono + 60, 0.0)
    assert RUNNING.times(lost) == (START.utc + 60,), "the steady clock goes on"


def test_after_a_start_a_clock_that_is_set_forward_is_believed_at_once_and_one_set_back_is_not() -> None:
    boot = Moment(20.0, START.utc)
    started = Timekeeping.started(None, boot)

    ahead = jumped(later(boot, 30), 3 * 86_400)
    assert started.times(ahead) == (ahead.utc,)
    assert len(started.times(jumped(later(boot, 30), -3600))) == 2
    assert len(started.times(jumped(later(boot, BOOT_S), 3600))) == 2


def test_a_clock_that_has_lost_the_time_over_a_restart_is_not_believed() -> None:
    boot = Moment(20.0, START.utc - 12 * 3600)
    started = Timekeeping.started(START.utc, boot)

    assert started.times(later(boot, 5)) == (START.utc + 5, boot.utc + 5)
    access = site(schedule="office")
    assert ask(knock(now=boot), access, Standing(time=started)).why == Word.OUTSIDE_HOURS
    assert started.times(Moment(80.0, START.utc + 100)) == (START.utc + 100,), "until a time server is reached"


def test_a_door_is_not_held_open_because_the_clock_was_set() -> None:
    access, standing = site(hold_open="office"), Standing(time=RUNNING)
    now = jumped(later(START, 10), -8 * 3600)

    assert mode_of("main", access, standing, now) is Mode.NORMAL
    doubting = standing.after_time(now)
    assert next_change("main", access, doubting, now) == now.utc + SETTLE_S
    assert mode_of("main", access, doubting, later(now, SETTLE_S)) is Mode.HELD_OPEN


def test_anti_passback_counts_on_the_clock_that_never_jumps() -> None:
    access = site(area="lab", anti_passback={"mode": "timed", "minutes": 10, "reset_at": "03:00"})
    standing = Standing(time=RUNNING).after_passage(ask(knock(now=START), access), access)

    for by in (-1e7, -3600, 3600, 86_400, 1e7):
        too_soon = jumped(later(START, 599), by)
        assert ask(knock(now=too_soon), access, standing.after_time(too_soon)).why == Word.ENTERED_LATELY
        late_enough = jumped(later(START, 601), by)
        assert ask(knock(now=late_enough), access, standing.after_time(late_enough)).verdict is Verdict.GRANTED


def test_nobody_s_time_comes_again_and_no_reset_comes_early_because_the_clock_was_set() -> None:
    ended = replace(ANNA, valid_until=START.utc - 60)
    back = jumped(later(START, 1), -3600)
    assert ask(knock(ended, back), site(), Standing(time=RUNNING)).why == Word.OVER

    access = site(area="lab", anti_passback={"mode": "hard", "reset_at": "03:00"})
    standing = Standing(time=RUNNING).after_passage(ask(knock(now=START), access), access)
    night = jumped(later(START, 3600), 6.5 * 3600)
    assert ask(knock(now=night), access, standing).why == Word.ALREADY_INSIDE
    assert ask(knock(now=later(START, 7.1 * 3600)), access, standing).verdict is Verdict.GRANTED


@given(
    st.lists(st.tuples(st.floats(0, 3000), st.floats(-1e6, 1e6)), max_size=8),
    st.floats(0, 3000),
)
def test_the_carried_time_is_always_among_those_that_count_within_an_hour(
    jumps: list[tuple[float, float]], wait: float
) -> None:
    time, mono = RUNNING, START.mono
    for pause, by in jumps:
        if mono + pause - START.mono >= SETTLE_S:
            break
        mono += pause
        time = time.after(Moment(mono, START.utc + mono - START.mono + by))
    mono = min(mono + wait, START.mono + SETTLE_S - 1)
    true = START.utc + mono - START.mono

    for shown in (true, true + 7200.0, true - 7200.0):
        assert any(abs(utc - true) < 1e-3 for utc in time.times(Moment(mono, shown)))
