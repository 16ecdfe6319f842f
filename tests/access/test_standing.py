"""How things stand at the doors, while the device runs and across a restart."""

from __future__ import annotations

import json
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edged.access.areas import areas, inside
from edged.access.attempts import FREE, Attempt, Attempts
from edged.access.door_mode import mode_of, next_change
from edged.access.standing import Standing
from edged.access.standing_record import decoded, encoded, fresh, struck_out
from edged.access.words import Word
from edged.domain.door import Contact, DoorSignal, Mode, Signal
from edged.domain.errors import Corrupt
from edged.domain.frame import Moment
from edged.domain.passage import Liveness, LivenessMethod, Verdict
from tests.access.site import ANNA, BEN, NOON, ask, at, knock, later, site, ticket, visitor

BLOCKED: Final = {"0199-vera": "lost her card"}


def lived() -> Standing:
    """Something of everything that is kept."""
    access = site(area="lab", anti_passback={"mode": "hard"}, visitors=True, first_person=["early"], schedule="office")
    standing = Standing().after_time(NOON).with_blocked(BLOCKED)
    standing = standing.after_passage(ask(knock(BEN), access), access)
    standing = standing.after_passage(ask(visitor(ticket()), access, standing), access)
    two = site(two_person=True)
    standing = standing.after_passage(ask(knock(ANNA), two), two)
    standing = standing.with_mode("back", Mode.LOCKED, by="guard", at=NOON).with_mode("side", Mode.EMERGENCY)
    return standing.after_attempt("main", Attempt.CODE, NOON)


def test_what_is_kept_comes_back_as_it_was() -> None:
    standing = lived()
    now = later(NOON, 1)

    assert standing.inside["lab"].keys() == {BEN.id, "pass:t1"}
    back = decoded(encoded(standing, boot="b1", now=now), boot="b1", now=later(NOON, 60), blocked=BLOCKED)
    assert back == standing


def test_after_a_start_of_the_machine_ages_go_on() -> None:
    access = site(area="lab", anti_passback={"mode": "timed", "minutes": 10})
    standing = Standing().after_time(NOON).after_passage(ask(knock(), access), access)
    kept = encoded(standing, boot="b1", now=later(NOON, 120))

    for down, minutes in ((0, 2), (300, 7), (480, 10), (-5000, 2)):
        boot = Moment(5.0, NOON.utc + 120 + down)
        back = decoded(kept, boot="b2", now=boot, blocked={})
        decision = ask(knock(now=boot), access, back)
        assert decision.verdict is (Verdict.GRANTED if minutes >= 10 else Verdict.REFUSED), down
        if minutes < 10:
            assert f" {minutes} min ago" in "".join(answer.detail for answer in decision.answers)


def test_no_door_opens_because_the_device_has_started() -> None:
    standing = (
        Standing().with_mode("main", Mode.HELD_OPEN).with_mode("back", Mode.LOCKED).with_mode("side", Mode.EMERGENCY)
    )

    back = decoded(encoded(standing, boot="b", now=NOON), boot="b", now=later(NOON, 1), blocked={})

    assert {door: by_hand.mode for door, by_hand in back.modes.items()} == {"back": Mode.LOCKED, "side": Mode.EMERGENCY}


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"v":2}', b"\xff", b'{"v":1}', b"[" * 100_000])
def test_what_is_not_ours_is_corrupt(data: bytes) -> None:
    with pytest.raises(Corrupt):
        decoded(data, boot="b", now=NOON, blocked={})


def test_each_field_that_is_damaged_is_noticed() -> None:
    document = json.loads(encoded(lived(), boot="b", now=NOON))
    for name in document.keys() - {"latest"}:
        for wrong in (None, 7, "text", [7], {"a": 7}):
            if name == "boot":
                continue
            with pytest.raises(Corrupt):
                decoded(json.dumps({**document, name: wrong}).encode(), boot="b", now=NOON, blocked={})


def test_who_is_deleted_leaves_nothing() -> None:
    standing = lived()
    people = {ANNA.id, BEN.id, *BLOCKED}

    without = standing.without(people)
    assert not any(person in repr(without) for person in people)
    assert without.inside["lab"].keys() == {"pass:t1"}
    assert without.without(people) is without
    kept = struck_out(encoded(standing, boot="b", now=NOON), people)
    assert not any(person.encode() in kept for person in people)
    assert decoded(kept, boot="b", now=NOON, blocked={}) == without
    assert struck_out(b"damaged", people) == b""


def test_who_is_inside() -> None:
    access = site(area="lab", anti_passback={"mode": "soft", "reset_at": "03:00"})
    standing = Standing().after_time(NOON).after_passage(ask(knock(), access), access)

    assert areas(access) == ("lab",)
    assert inside("lab", access, standing, later(NOON, 3600)).keys() == {ANNA.id}
    assert inside("lab", access, standing, at("2026-11-27 03:00")) == {}
    assert inside("nowhere", access, standing, NOON) == {}


def test_in_an_emergency_nobody_is_counted_in() -> None:
    access = site(area="lab", anti_passback={"mode": "hard"})
    standing = Standing().with_mode("main", Mode.EMERGENCY)

    assert standing.after_passage(ask(knock(), access, standing), access).inside["lab"] == {}


def test_a_refusal_changes_nothing_but_the_time() -> None:
    standing = Standing().after_time(NOON)
    assert standing.after_passage(ask(knock(None), site()), site()) is standing


def test_a_door_is_as_the_guard_set_it_else_as_its_hours_say() -> None:
    access = site(hold_open="office")

    assert mode_of("main", access, Standing(), NOON) is Mode.HELD_OPEN
    assert mode_of("main", access, Standing(), at("2026-11-26 18:00")) is Mode.NORMAL
    assert mode_of("back", access, Standing(), NOON) is Mode.NORMAL
    assert mode_of("gone", access, Standing(), NOON) is Mode.LOCKED
    assert next_change("main", access, Standing(), NOON) == at("2026-11-26 18:00").utc
    assert next_change("main", access, Standing(), at("2026-11-27 18:00")) == at("2026-11-30 08:00").utc
    locked = Standing().with_mode("main", Mode.LOCKED)
    assert mode_of("main", access, locked, NOON) is Mode.LOCKED
    assert next_change("main", access, locked, NOON) is None
    assert next_change("back", access, Standing(), NOON) is None


def test_a_door_stands_open_once_somebody_entitled_has_come() -> None:
    access = site(hold_open="office", first_person=["early"])
    before, morning = at("2026-11-26 07:30"), at("2026-11-26 08:30")

    assert mode_of("main", access, Standing(), morning) is Mode.NORMAL
    too_early = Standing().after_passage(ask(knock(BEN, before), access), access)
    assert mode_of("main", access, too_early, morning) is Mode.NORMAL
    came = too_early.after_passage(ask(knock(BEN, morning), access), access)
    assert mode_of("main", access, came, later(morning, 1)) is Mode.HELD_OPEN
    assert mode_of("main", access, came, at("2026-11-27 08:30")) is Mode.NORMAL
    assert ask(knock(ANNA, at("2026-11-26 19:00")), access, came).verdict is Verdict.GRANTED, (
        "outside the hours the day counts"
    )
    assert ask(knock(ANNA, at("2026-11-27 07:00")), access, came).why == Word.FIRST_MISSING


def test_contacts_are_what_the_door_said_last_and_unknown_once_it_is_lost() -> None:
    standing = Standing()
    for signal in (Signal.OPENED, Signal.RELEASED, Signal.EXIT_PRESSED):
        standing = standing.after_signal(DoorSignal("main", signal, NOON))
    assert (standing.contacts["main"], standing.unlocked) == (Contact.OPEN, frozenset({"main"}))
    standing = standing.after_signal(DoorSignal("main", Signal.LOST, NOON))
    assert "main" not in standing.contacts
    assert standing.after_signal(DoorSignal("main", Signal.BACK, NOON)).lost == frozenset()


def test_wrong_codes_cost_time_and_false_faces_are_counted() -> None:
    attempts, mono = Attempts(), 100.0
    for _ in range(FREE - 1):
        attempts = attempts.after("main", Attempt.CODE, mono)
    assert attempts.wait_s("main", mono) == 0
    attempts = attempts.after("main", Attempt.CODE, mono)
    assert attempts.wait_s("main", mono + 10) == 20
    assert attempts.wait_s("back", mono) == 0
    attempts = attempts.after("main", Attempt.CODE, mono)
    assert attempts.wait_s("main", mono) == 60
    for _ in range(100):
        attempts = attempts.after("main", Attempt.CODE, mono)
    assert attempts.wait_s("main", mono) == 900
    assert attempts.wait_s("main", mono + 3600) == 0
    assert attempts.count("main", Attempt.CODE, mono + 599) > 0
    assert attempts.count("main", Attempt.CODE, mono + 600) == 0
    spoof = ask(knock(liveness=Liveness(LivenessMethod.CHALLENGE, False, is_attack=True)), site(liveness="challenge"))
    standing = Standing().after_passage(spoof, site())
    assert standing.attempts.count("main", Attempt.SPOOF, NOON.mono) == 1


def test_whoever_tries_codes_all_day_gets_no_further_than_is_said() -> None:
    attempts, mono, tried = Attempts(), 0.0, 0
    while mono < 86_400:
        mono += attempts.wait_s("main", mono) or 1.0
        if attempts.wait_s("main", mono) == 0:
            attempts, tried = attempts.after("main", Attempt.CODE, mono), tried + 1
    assert 150 < tried < 250, "docs/design/access.md: about 200 a day"


def test_whoever_shows_pictures_does_not_make_a_door_forget_wrong_codes() -> None:
    attempts = Attempts()
    for number in range(FREE):
        attempts = attempts.after("main", Attempt.CODE, float(number))
    waits = attempts.wait_s("main", FREE)
    for _ in range(1000):
        attempts = attempts.after("main", Attempt.SPOOF, FREE)
    assert attempts.wait_s("main", FREE) == waits > 0
    assert len(attempts.made["main"]) < 100


def test_where_nothing_was_kept_one_begins_anew() -> None:
    standing = fresh(now=NOON, blocked=BLOCKED)
    assert (standing.inside, standing.blocked) == ({}, BLOCKED)


MOMENTS: Final = st.builds(
    lambda mono, utc: Moment(round(mono, 3), round(utc, 3)), st.floats(-1e6, 1e6), st.floats(1.7e9, 2e9)
)
NAMES: Final = st.text(min_size=1, max_size=12)


@given(
    inside_of=st.dictionaries(NAMES, st.dictionaries(NAMES, MOMENTS, min_size=1, max_size=4), max_size=3),
    first=st.dictionaries(NAMES, MOMENTS, max_size=3),
    modes=st.dictionaries(NAMES, st.sampled_from([Mode.LOCKED, Mode.EMERGENCY]), max_size=3),
    tries=st.lists(st.tuples(NAMES, st.sampled_from(list(Attempt)), st.floats(0, 1000)), max_size=6),
)
def test_whatever_is_kept_reads_as_it_was_written(
    inside_of: dict[str, dict[str, Moment]],
    first: dict[str, Moment],
    modes: dict[str, Mode],
    tries: list[tuple[str, Attempt, float]],
) -> None:
    standing = Standing(inside=inside_of, first=first)
    for door, mode in modes.items():
        standing = standing.with_mode(door, mode, by=door, at=NOON)
    for door, attempt, mono in tries:
        standing = standing.after_attempt(door, attempt, Moment(mono, 0.0))

    kept = encoded(standing, boot="b", now=NOON)
    back = decoded(kept, boot="b", now=NOON, blocked={})

    assert back == standing.after_time(NOON)
    assert encoded(back, boot="b", now=NOON) == encoded(standing.after_time(NOON), boot="b", now=NOON)
