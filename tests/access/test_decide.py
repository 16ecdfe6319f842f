"""Each rule by itself: what it lets pass, what it refuses, what it waits for, and in which words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from edged.access.decide import decide, used_pass
from edged.access.standing import Standing
from edged.access.words import PUBLIC, Reason, Word, public_reason
from edged.domain.door import DoorSignal, Mode, Signal
from edged.domain.event import Outcome
from edged.domain.frame import Moment
from edged.domain.passage import Answer, Factor, Liveness, LivenessMethod, Need, Rule, Verdict, Way
from tests.access.site import ANNA, BEN, NOON, VERA, answer_of, ask, at, code, knock, later, said, site, ticket, visitor


def test_every_rule_is_listed_in_order_and_the_last_that_said_yes_is_named() -> None:
    decision = ask(knock(), site())

    assert [answer.rule for answer in decision.answers] == list(Rule)
    assert decision.verdict is Verdict.GRANTED
    assert (decision.decided_by, decision.why) == (Rule.PERMITTED, Word.EVERYBODY)
    assert public_reason(decision) == ""


def test_what_comes_after_the_rule_that_decided_is_not_asked() -> None:
    decision = ask(knock(None), site(schedule="office"))

    assert decision.verdict is Verdict.REFUSED
    assert (decision.decided_by, decision.why) == (Rule.KNOWN, Word.NOT_RECOGNISED)
    asked = [answer.rule for answer in decision.answers if answer.answer is not Answer.UNASKED]
    assert asked == [Rule.FRESH, Rule.EMERGENCY, Rule.LOCKED, Rule.KNOWN]


@pytest.mark.parametrize(("age", "granted"), [(0.0, True), (1.0, True), (1.001, False), (60.0, False), (-0.001, False)])
def test_an_answer_that_is_older_than_a_second_opens_nothing(age: float, granted: bool) -> None:
    decision = ask(knock(), site(), now=later(NOON, age))

    assert (decision.verdict is Verdict.GRANTED) is granted
    if not granted:
        assert (decision.decided_by, public_reason(decision)) == (Rule.FRESH, Reason.TRY_AGAIN)


def test_the_clock_on_the_wall_makes_nothing_fresh_or_stale() -> None:
    assert ask(knock(), site(), now=Moment(NOON.mono + 0.5, NOON.utc - 1e6)).verdict is Verdict.GRANTED
    assert ask(knock(), site(), now=Moment(NOON.mono + 5, NOON.utc)).why == Word.STALE


def test_in_an_emergency_everybody_passes_even_the_blocked_and_the_unknown() -> None:
    standing = Standing().with_mode("main", Mode.EMERGENCY, by="guard").with_blocked({ANNA.id: "lost"})

    for who in (knock(), knock(None)):
        decision = ask(who, site(schedule="never"), standing)
        assert (decision.verdict, decision.decided_by) == (Verdict.GRANTED, Rule.EMERGENCY)
    assert said(decision, Rule.EMERGENCY).detail == "by guard"
    assert ask(knock(), site(), standing, later(NOON, 9)).verdict is Verdict.REFUSED, "and yet nothing stale does"


def test_a_locked_door_and_one_that_is_not_there_open_for_nobody() -> None:
    locked = Standing().with_mode("main", Mode.LOCKED, by="guard")

    assert ask(knock(), site(), locked).why == Word.LOCKED
    assert ask(knock(), site(), locked.with_mode("main", Mode.NORMAL)).verdict is Verdict.GRANTED
    assert ask(knock(door="gone"), site()).why == Word.NO_DOOR


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"person": None, "outcome": Outcome.UNKNOWN}, Word.NOT_RECOGNISED),
        ({"person": None, "outcome": Outcome.UNDECIDED}, Word.UNDECIDED),
        ({"person": None, "outcome": Outcome.NO_FACE}, Word.NOBODY),
        ({"outcome": Outcome.UNDECIDED}, Word.FACE_NEEDED),
        ({"factors": frozenset()}, Word.FACE_NEEDED),
        ({"outcome": Outcome.NO_FACE, "factors": frozenset({Factor.PIN})}, Word.FACE_NEEDED),
        ({"person": None, "wrong": frozenset({Factor.PIN}), "outcome": Outcome.NO_FACE}, Word.WRONG_CODE),
    ],
)
def test_who_is_not_known_stays_outside(changes: dict[str, Any], why: Word) -> None:
    decision = ask(replace(knock(), **changes), site())

    assert (decision.verdict, decision.decided_by, decision.why) == (Verdict.REFUSED, Rule.KNOWN, why)


def test_a_code_is_enough_where_the_door_says_so_and_only_that_code() -> None:
    access = site(code_alone=["card"])

    assert ask(code(Factor.CARD, ANNA), access).verdict is Verdict.GRANTED
    assert ask(code(Factor.PIN, ANNA), access).why == Word.FACE_NEEDED
    refused = ask(knock(None), access)
    assert refused.accepts == {Factor.CARD}, "the screen may offer it to whoever is not recognised"


def test_who_is_blocked_passes_nowhere_and_is_told_no_more_than_others() -> None:
    standing = Standing().with_blocked({ANNA.id: "card reported stolen"})
    decision = ask(knock(ticket=ticket()), site(visitors=True), standing)

    assert (decision.decided_by, decision.why) == (Rule.BLOCKED, Word.BLOCKED)
    assert said(decision, Rule.BLOCKED).detail == "card reported stolen"
    assert public_reason(decision) == public_reason(ask(knock(VERA), site(groups=["staff"]))) == Reason.NOT_PERMITTED


@pytest.mark.parametrize(
    ("asked", "found", "verdict", "why"),
    [
        ("off", None, Verdict.GRANTED, None),
        ("passive", None, Verdict.WAITS, Word.LIVENESS_WANTED),
        ("passive", Liveness(LivenessMethod.PASSIVE, True, 0.9), Verdict.GRANTED, None),
        ("passive", Liveness(LivenessMethod.CHALLENGE, True), Verdict.GRANTED, None),
        ("challenge", Liveness(LivenessMethod.PASSIVE, True, 0.9), Verdict.WAITS, Word.LIVENESS_WANTED),
        ("challenge", Liveness(LivenessMethod.CHALLENGE, True), Verdict.GRANTED, None),
        ("challenge", Liveness(LivenessMethod.CHALLENGE, False, why="wrong_way"), Verdict.REFUSED, Word.NOT_LIVE),
        (
            "challenge",
            Liveness(LivenessMethod.CHALLENGE, False, why="flat", is_attack=True),
            Verdict.SPOOF,
            Word.NOT_LIVE,
        ),
        ("off", Liveness(LivenessMethod.PASSIVE, False, 0.1, is_attack=True), Verdict.SPOOF, Word.NOT_LIVE),
    ],
)
def test_a_living_face_where_the_door_asks_for_one(
    asked: str, found: Liveness | None, verdict: Verdict, why: Word | None
) -> None:
    decision = ask(knock(liveness=found), site(liveness=asked))

    assert decision.verdict is verdict
    assert why is None or (decision.decided_by, decision.why) == (Rule.LIVE, why)
    assert (decision.needs is Need.LIVENESS) is (verdict is Verdict.WAITS)


def test_a_false_face_is_an_answer_of_its_own_even_with_a_good_pass() -> None:
    spoof = knock(None, outcome=Outcome.SPOOF, ticket=ticket(), factors=frozenset({Factor.QR}))
    decision = ask(spoof, site(visitors=True))

    assert (decision.verdict, decision.why, public_reason(decision)) == (Verdict.SPOOF, Word.SPOOF, Reason.NOT_LIVE)


def test_a_person_has_a_beginning_and_an_end() -> None:
    bounded = replace(ANNA, valid_from=NOON.utc, valid_until=NOON.utc + 60)

    assert ask(knock(bounded), site()).verdict is Verdict.GRANTED
    early = ask(knock(bounded, later(NOON, -1)), site())
    assert (early.why, early.retry_at, public_reason(early)) == (Word.NOT_YET, NOON.utc, Reason.NOT_PERMITTED)
    assert ask(knock(bounded, later(NOON, 60)), site()).why == Word.OVER


def test_groups_and_people_of_a_door() -> None:
    access = site(groups=["staff"], people=["4713"])

    assert ask(knock(ANNA), access).why == Word.GROUP
    assert ask(knock(VERA), access).why == Word.PERSON
    decision = ask(knock(replace(VERA, customer_person_id="4714")), access)
    assert (decision.decided_by, decision.why) == (Rule.PERMITTED, Word.NOT_PERMITTED)


def test_a_visitor_passes_with_a_good_pass() -> None:
    access = site(visitors=True, groups=["staff"], second_factor=["pin"])
    decision = ask(visitor(ticket(uses_left=1)), access)

    assert decision.verdict is Verdict.GRANTED
    assert used_pass(decision) == ticket(uses_left=1)


@pytest.mark.parametrize(
    ("changes", "door", "rule", "why"),
    [
        ({}, {"visitors": False}, Rule.PERMITTED, Word.NO_VISITORS),
        ({"doors": ("back",)}, {}, Rule.PERMITTED, Word.TICKET_NOT_FOR_DOOR),
        ({"uses_left": 0}, {}, Rule.VALID, Word.TICKET_USED_UP),
        ({"valid_from": NOON.utc + 1}, {}, Rule.VALID, Word.TICKET_NOT_YET),
        ({"valid_until": NOON.utc}, {}, Rule.VALID, Word.TICKET_OVER),
        ({"person_id": ANNA.id}, {}, Rule.KNOWN, Word.FACE_NEEDED),
        ({}, {"schedule": "never"}, Rule.SCHEDULE, Word.OUTSIDE_HOURS),
    ],
)
def test_a_pass_that_is_not_good_lets_nobody_in(
    changes: dict[str, Any], door: dict[str, Any], rule: Rule, why: Word
) -> None:
    decision = ask(visitor(ticket(**changes)), site(**{"visitors": True, **door}))

    assert (decision.verdict, decision.decided_by, decision.why) == (Verdict.REFUSED, rule, why)


def test_a_pass_with_a_name_needs_that_face() -> None:
    access, named = site(visitors=True, groups=["staff"]), ticket(person_id=VERA.id)

    assert ask(knock(VERA, ticket=named), access).verdict is Verdict.GRANTED
    other = replace(VERA, id="0199-other")
    assert ask(knock(other, ticket=named), access).why == Word.NOT_YOURS


def test_a_pass_that_is_not_needed_is_not_used_up() -> None:
    decision = ask(knock(ANNA, ticket=ticket(uses_left=0)), site(visitors=True, groups=["staff"]))

    assert decision.verdict is Verdict.GRANTED
    assert used_pass(decision) is None


def test_hours_and_those_who_are_exempt() -> None:
    access = site(schedule="office", exempt_groups=["early"])
    night = at("2026-11-26 20:00")

    assert ask(knock(ANNA), access).verdict is Verdict.GRANTED
    refused = ask(knock(ANNA, night), access)
    assert (refused.decided_by, refused.why) == (Rule.SCHEDULE, Word.OUTSIDE_HOURS)
    assert refused.retry_at == at("2026-11-27 08:00").utc
    assert "again Fri 2026-11-27 08:00" in said(refused, Rule.SCHEDULE).detail
    assert said(ask(knock(BEN, night), access), Rule.SCHEDULE).why == Word.EXEMPT


def test_a_device_that_does_not_know_the_time_keeps_to_the_strict_side() -> None:
    unset = Moment(100.0, 5.0)

    decision = ask(knock(now=unset), site(schedule="office"))
    assert (decision.why, public_reason(decision)) == (Word.CLOCK_UNKNOWN, Reason.CALL_GUARD)
    assert ask(knock(now=unset), site()).verdict is Verdict.GRANTED, "nothing here depends on the hour"
    assert ask(knock(replace(ANNA, valid_until=9e9), unset), site()).why == Word.CLOCK_UNKNOWN


def test_somebody_entitled_to_it_comes_first() -> None:
    access = site(schedule="office", first_person=["early"])
    morning = at("2026-11-26 08:05")

    alone = ask(knock(ANNA, morning), access)
    assert (alone.decided_by, alone.why, public_reason(alone)) == (
        Rule.FIRST_PERSON,
        Word.FIRST_MISSING,
        Reason.NOT_OPEN_YET,
    )
    first = ask(knock(BEN, morning), access)
    assert said(first, Rule.FIRST_PERSON).why == Word.IS_FIRST
    standing = Standing().after_passage(first, access)
    assert said(ask(knock(ANNA, later(morning, 60)), access, standing), Rule.FIRST_PERSON).why == Word.FIRST_CAME
    assert ask(knock(ANNA, at("2026-11-27 08:05")), access, standing).why == Word.FIRST_MISSING, "every day anew"


@pytest.mark.parametrize(
    ("rule", "verdict", "why"),
    [
        ({"mode": "off"}, Verdict.GRANTED, ""),
        ({"mode": "soft"}, Verdict.GRANTED, Word.ALREADY_INSIDE),
        ({"mode": "hard"}, Verdict.REFUSED, Word.ALREADY_INSIDE),
        ({"mode": "timed", "minutes": 10}, Verdict.REFUSED, Word.ENTERED_LATELY),
        ({"mode": "timed", "minutes": 4}, Verdict.GRANTED, Word.OUTSIDE),
    ],
)
def test_nobody_comes_in_twice(rule: dict[str, Any], verdict: Verdict, why: str) -> None:
    access = site(area="lab", anti_passback=rule)
    standing = Standing().after_passage(ask(knock(), access), access)

    again = ask(knock(now=later(NOON, 300)), access, standing)
    assert (again.verdict, said(again, Rule.ANTI_PASSBACK).why) == (verdict, why)
    if rule["mode"] == "timed" and verdict is Verdict.REFUSED:
        assert again.retry_at == pytest.approx(NOON.utc + 600)


def test_who_has_left_comes_in_again_and_who_never_came_in_may_leave() -> None:
    access = site(area="lab", anti_passback={"mode": "hard"})
    inside = Standing().after_passage(ask(knock(), access), access)
    left = inside.after_passage(ask(knock(way=Way.OUT), access, inside), access)

    assert ask(knock(), access, inside).verdict is Verdict.REFUSED
    assert ask(knock(), access, left).verdict is Verdict.GRANTED
    stranger_inside = ask(knock(BEN, way=Way.OUT), access, inside)
    assert stranger_inside.verdict is Verdict.GRANTED
    assert said(stranger_inside, Rule.ANTI_PASSBACK).why == Word.NOT_INSIDE


def test_anti_passback_is_reset_by_hand_and_once_a_day() -> None:
    access = site(area="lab", anti_passback={"mode": "hard", "reset_at": "03:00"})
    standing = Standing().after_passage(ask(knock(now=at("2026-11-26 22:00")), access), access)

    assert ask(knock(now=at("2026-11-27 02:59")), access, standing).why == Word.ALREADY_INSIDE
    assert ask(knock(now=at("2026-11-27 03:00")), access, standing).verdict is Verdict.GRANTED
    assert ask(knock(now=at("2026-11-26 23:00")), access, standing.reset("lab")).verdict is Verdict.GRANTED


def test_doors_of_one_area_share_one_count() -> None:
    both = {"area": "lab", "anti_passback": {"mode": "hard"}}
    access = site(**both).model_copy(
        update={"doors": {"main": site(**both).doors["main"], "side": site(**both).doors["main"]}}
    )
    standing = Standing().after_passage(ask(knock(), access), access)

    assert ask(knock(door="side"), access, standing).why == Word.ALREADY_INSIDE


def test_other_doors_that_must_be_shut() -> None:
    access = site(interlock=["back"]).model_copy()
    wired = access.model_copy(update={"doors": {**access.doors, "back": site(contact={"pin": 7}).doors["main"]}})

    def after(*signals: Signal) -> Standing:
        standing = Standing()
        for signal in signals:
            standing = standing.after_signal(DoorSignal("back", signal, NOON))
        return standing

    assert ask(knock(), access).verdict is Verdict.GRANTED, "no contact there: the lock is what can be known"
    assert ask(knock(), access, after(Signal.RELEASED)).why == Word.OTHER_DOOR_OPEN
    assert ask(knock(), access, after(Signal.RELEASED, Signal.SECURED)).verdict is Verdict.GRANTED
    assert ask(knock(), wired).why == Word.CONTACT_UNKNOWN
    assert ask(knock(), wired, after(Signal.SHUT)).verdict is Verdict.GRANTED
    assert ask(knock(), wired, after(Signal.SHUT, Signal.OPENED)).why == Word.OTHER_DOOR_OPEN
    assert ask(knock(), wired, after(Signal.SHUT, Signal.LOST)).why == Word.CONTACT_UNKNOWN
    held = after(Signal.SHUT).with_mode("back", Mode.HELD_OPEN)
    assert ask(knock(), wired, held).why == Word.OTHER_DOOR_OPEN
    granted = ask(knock(BEN, door="back"), wired)
    just_let_through = after(Signal.SHUT).after_passage(granted, wired)
    assert ask(knock(), wired, just_let_through).why == Word.OTHER_DOOR_OPEN, "before the relay has said a word"
    assert ask(knock(now=later(NOON, 4.1)), wired, just_let_through).verdict is Verdict.GRANTED


def test_a_second_factor_is_waited_for() -> None:
    access = site(second_factor=["pin", "card"])

    decision = ask(knock(), access)
    assert (decision.verdict, decision.needs, decision.why) == (Verdict.WAITS, Need.SECOND_FACTOR, Word.FACTOR_WANTED)
    assert decision.accepts == {Factor.PIN, Factor.CARD}
    assert public_reason(decision) == ""
    wrong = ask(knock(wrong=frozenset({Factor.PIN})), access)
    assert (wrong.verdict, public_reason(wrong)) == (Verdict.WAITS, Reason.WRONG_CODE)
    right = ask(knock(factors=frozenset({Factor.FACE, Factor.PIN}), wrong=frozenset({Factor.PIN})), access)
    assert (right.verdict, right.why) == (Verdict.GRANTED, Word.PIN)
    assert ask(knock(factors=frozenset({Factor.FACE, Factor.QR})), access).verdict is Verdict.WAITS


def test_two_people_one_after_the_other() -> None:
    access = site(two_person=True, camera="hall", area="vault", anti_passback={"mode": "hard"})

    first = ask(knock(ANNA), access)
    assert (first.verdict, first.needs) == (Verdict.WAITS, Need.SECOND_PERSON)
    standing = Standing().after_passage(first, access)
    assert ask(knock(ANNA, later(NOON, 1)), access, standing).verdict is Verdict.WAITS, "not the same one twice"
    second = ask(knock(BEN, later(NOON, 10)), access, standing)
    assert (second.verdict, second.why) == (Verdict.GRANTED, Word.SECOND_CAME)
    assert "Anna" not in repr(second.answers)
    both = standing.after_passage(second, access)
    assert set(both.inside["vault"]) == {ANNA.id, BEN.id}
    assert both.waiting == {}
    assert ask(knock(BEN, later(NOON, 15.1)), access, standing).verdict is Verdict.WAITS, (
        "the first one waited too long"
    )
    blocked = standing.with_blocked({ANNA.id: "stolen"})
    assert ask(knock(BEN, later(NOON, 5)), access, blocked).verdict is Verdict.WAITS


def test_a_code_counts_for_no_second_person_where_there_is_a_camera() -> None:
    access = site(two_person=True, camera="hall", code_alone=["card"])

    decision = ask(code(Factor.CARD, ANNA), access)
    assert (decision.decided_by, decision.why) == (Rule.TWO_PERSON, Word.FACE_NEEDED)


def test_every_word_that_refuses_has_a_sentence_that_may_be_said() -> None:
    let_through = {Word.NOT_INSIDE, Word.NOT_BLOCKED, Word.FIRST_CAME, Word.SECOND_CAME, Word.OUTSIDE, Word.OTHERS_SHUT}
    good = {"fresh", "emergency", "face", "code", "pass", "live", "within", "everybody", "group", "person", "in_hours"}
    good |= {"exempt", "is_first", "pin", "card", "qr"}
    waiting = {Word.LIVENESS_WANTED, Word.FACTOR_WANTED, Word.SECOND_WANTED}

    assert set(PUBLIC) == set(Word) - let_through - waiting - {Word(word) for word in good}
    assert set(PUBLIC.values()) == set(Reason) - {Reason.TOO_MANY_CODES}


def test_a_decision_depends_on_its_arguments_alone() -> None:
    arguments = (knock(), site(schedule="office"), Standing(), NOON)

    assert decide(*arguments, id="d", config="c") == decide(*arguments, id="d", config="c")
    assert answer_of(ask(*arguments), Rule.SCHEDULE) is Answer.YES
