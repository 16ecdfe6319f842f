"""What must hold of every decision, whatever the door, the person and the hour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from edged.access.case import codes_taken
from edged.access.decide import used_pass
from edged.access.standing import Standing
from edged.access.standing_record import decoded, encoded
from edged.access.words import PUBLIC, Reason, Word, public_reason
from edged.config.access import AccessSettings
from edged.domain.door import Contact, DoorSignal, Mode, Signal
from edged.domain.event import Outcome
from edged.domain.frame import Moment
from edged.domain.passage import (
    FRESH_S,
    Answer,
    Factor,
    Knock,
    Liveness,
    LivenessMethod,
    Need,
    Pass,
    Rule,
    Verdict,
    Way,
)
from tests.access.site import ANNA, BEN, NOON, VERA, answer_of, ask, later, site
from tests.access.site import knock as knock_of

DOOR: Final[tuple[dict[str, Any], ...]] = (
    {"camera": "hall", "two_person": True},
    {"area": "lab", "anti_passback": {"mode": "soft"}},
    {"area": "lab", "anti_passback": {"mode": "hard", "reset_at": "03:00"}},
    {"area": "lab", "anti_passback": {"mode": "timed"}},
    {"groups": ["staff"]},
    {"groups": ["guests"], "people": ["4711"]},
    {"people": ["4713"]},
    {"schedule": "office"},
    {"schedule": "morning", "first_person": ["early"]},
    {"schedule": "never", "exempt_groups": ["staff"]},
    {"hold_open": "office", "first_person": ["early", "guests"]},
    {"exempt_groups": ["early"]},
    {"visitors": True},
    {"visitors": True, "groups": ["guests"]},
    {"interlock": ["back"]},
    {"two_person": True},
    {"second_factor": ["pin"]},
    {"second_factor": ["card", "qr"]},
    {"code_alone": ["pin", "card"]},
    {"liveness": "passive"},
    {"liveness": "challenge"},
)
"""What a door may have, beside nothing."""

PARCEL: Final = Pass("t1", "Parcel", (), NOON.utc - 7200, NOON.utc + 7200, None)
KNOCK: Final[tuple[dict[str, Any], ...]] = (
    {"person": BEN},
    {"person": VERA},
    {"person": replace(ANNA, valid_until=NOON.utc + 10)},
    {"person": replace(BEN, valid_from=NOON.utc + 10)},
    {"person": None, "outcome": Outcome.UNKNOWN, "factors": frozenset()},
    {"person": None, "outcome": Outcome.NO_FACE, "factors": frozenset({Factor.QR}), "ticket": PARCEL},
    {"outcome": Outcome.NO_FACE, "factors": frozenset({Factor.PIN})},
    {"outcome": Outcome.UNDECIDED},
    {"outcome": Outcome.SPOOF},
    {"factors": frozenset({Factor.FACE, Factor.PIN})},
    {"factors": frozenset({Factor.FACE, Factor.CARD})},
    {"wrong": frozenset({Factor.PIN})},
    {"way": Way.OUT},
    {"ticket": PARCEL},
    {"ticket": replace(PARCEL, person_id=ANNA.id, uses_left=1)},
    {"ticket": replace(PARCEL, uses_left=0)},
    {"ticket": replace(PARCEL, doors=("back",))},
    {"ticket": replace(PARCEL, valid_until=NOON.utc)},
    {"liveness": Liveness(LivenessMethod.PASSIVE, True, 0.9)},
    {"liveness": Liveness(LivenessMethod.CHALLENGE, True)},
    {"liveness": Liveness(LivenessMethod.CHALLENGE, False, is_attack=True)},
    {"liveness": Liveness(LivenessMethod.CHALLENGE, False)},
    {"at": later(NOON, 7 * 3600)},
    {"at": later(NOON, 18 * 3600)},
    {"at": later(NOON, -4 * 3600)},
)
"""Where a knock may differ from Anna's face at noon."""

STANDING: Final[tuple[Callable[[Standing], Standing], ...]] = (
    lambda standing: standing.with_blocked({ANNA.id: "lost her card"}),
    lambda standing: standing.with_blocked({BEN.id: "", VERA.id: ""}),
    lambda standing: standing.with_mode("main", Mode.LOCKED),
    lambda standing: standing.with_mode("main", Mode.EMERGENCY),
    lambda standing: standing.with_mode("main", Mode.HELD_OPEN),
    lambda standing: standing.with_mode("back", Mode.HELD_OPEN),
    lambda standing: _after(standing, knock_of(ANNA, later(NOON, -60))),
    lambda standing: _after(standing, knock_of(BEN, later(NOON, -3600))),
    lambda standing: _after(standing, knock_of(ANNA, later(NOON, -20 * 3600))),
    lambda standing: _after(standing, knock_of(BEN, later(NOON, -10)), Verdict.WAITS),
    lambda standing: _after(standing, knock_of(ANNA, later(NOON, -5)), Verdict.WAITS),
    lambda standing: standing.after_signal(DoorSignal("back", Signal.OPENED, NOON)),
    lambda standing: standing.after_signal(DoorSignal("back", Signal.RELEASED, NOON)),
    lambda standing: standing.after_signal(DoorSignal("back", Signal.LOST, NOON)),
)
"""What may have happened before."""

COUNTED: Final = site(area="lab", first_person=["staff"], schedule="office")


def _after(standing: Standing, came: Knock, verdict: Verdict = Verdict.GRANTED) -> Standing:
    decision = replace(ask(came, site()), verdict=verdict)
    needs = Need.SECOND_PERSON if verdict is Verdict.WAITS else None
    return standing.after_passage(replace(decision, needs=needs), COUNTED)


def case_of(doors: list[dict[str, Any]], knocks: list[dict[str, Any]], before: list[int]) -> Case:
    standing = Standing()
    for number in before:
        standing = STANDING[number](standing)
    return replace(knock_of(), **_merged(knocks)), site(**_merged(doors)), standing


def _merged(changes: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: value for change in changes for name, value in change.items()}


Case: TypeAlias = tuple[Knock, AccessSettings, Standing]
CASES: Final[st.SearchStrategy[Case]] = st.builds(
    case_of,
    st.lists(st.sampled_from(DOOR), max_size=3),
    st.lists(st.sampled_from(KNOCK), max_size=2),
    st.lists(st.integers(0, len(STANDING) - 1), max_size=2),
)
many: Final = settings(max_examples=120, deadline=None)


def test_a_good_part_of_these_cases_is_granted_and_most_rules_decide_some() -> None:
    decided: Counter[tuple[Verdict, Rule]] = Counter()

    @settings(max_examples=400, deadline=None, database=None, derandomize=True)
    @given(CASES)
    def look(case: Case) -> None:
        decision = ask(*case)
        decided[decision.verdict, decision.decided_by] += 1

    look()

    granted = sum(count for (verdict, rule), count in decided.items() if verdict is Verdict.GRANTED)
    assert granted > 80, decided
    deciding = {rule for verdict, rule in decided if verdict is not Verdict.GRANTED}
    assert len(deciding) >= 9, decided


@many
@given(CASES, st.floats(-2, 5))
def test_a_decision_is_as_its_answers_say(case: Case, age: float) -> None:
    knock, access, standing = case
    decision = ask(knock, access, standing, later(knock.at, age))

    answers = [answer.answer for answer in decision.answers]
    assert [answer.rule for answer in decision.answers] == list(Rule)
    granted = decision.verdict is Verdict.GRANTED
    assert granted is not (Answer.NO in answers or Answer.WAITS in answers), "a rule that refuses never grants"
    assert answers.count(Answer.NO) + answers.count(Answer.WAITS) <= 1
    place = list(Rule).index(decision.decided_by)
    last_asked = max(number for number, answer in enumerate(answers) if answer is not Answer.UNASKED)
    assert not granted or answers[place] is Answer.YES
    assert granted or place == last_asked
    assert (decision.needs is not None) is (decision.verdict is Verdict.WAITS)
    for answer in decision.answers:
        assert (answer.why == "") is (answer.answer in (Answer.SILENT, Answer.UNASKED)) or answer.why == Word.SPOOF
        assert answer.why == "" or answer.why in list(Word)
    if granted:
        assert 0 <= decision.at.mono - knock.at.mono <= FRESH_S
        assert public_reason(decision) == ""
    if decision.verdict in (Verdict.REFUSED, Verdict.SPOOF):
        assert decision.why in PUBLIC
        assert public_reason(decision) in list(Reason)


@many
@given(CASES)
def test_nobody_passes_without_a_reason(case: Case) -> None:
    knock, access, standing = case
    decision = ask(knock, access, standing)

    if decision.verdict is not Verdict.GRANTED or decision.decided_by is Rule.EMERGENCY:
        return
    door = access.doors["main"]
    assert standing.modes.get("main") is None or standing.modes["main"].mode is not Mode.LOCKED
    assert knock.outcome is not Outcome.SPOOF
    assert knock.liveness is None or knock.liveness.passed
    by_face = knock.outcome is Outcome.KNOWN and Factor.FACE in knock.factors
    if knock.person is not None and (by_face or knock.factors & codes_taken(door)):
        assert knock.person.id not in standing.blocked
    else:
        assert knock.ticket is not None
        assert door.visitors
    if by_face and knock.person is not None and door.liveness != "off":
        assert knock.liveness is not None
    ticket = used_pass(decision)
    if ticket is not None:
        assert door.visitors
        assert ticket.uses_left != 0
        assert ticket.valid_from <= knock.at.utc < ticket.valid_until
        assert "main" in ticket.doors or not ticket.doors
    if door.interlock:
        assert standing.contacts.get("back") is not Contact.OPEN


@many
@given(CASES, st.sampled_from(["group", "person", "everybody", "exempt", "pass", "factor", "unblock", "open_ended"]))
def test_what_adds_a_permission_never_refuses(case: Case, adding: str) -> None:
    knock, access, standing = case
    door, person = access.doors["main"], knock.person
    before = ask(knock, access, standing)
    changes: dict[str, Any] = {}
    if adding == "group" and person and (door.groups or door.people):
        changes = {"groups": (*door.groups, *person.groups)}
    elif adding == "person" and person and (door.groups or door.people):
        changes = {"people": (*door.people, person.customer_person_id)}
    elif adding == "everybody":
        changes = {"groups": (), "people": ()}
    elif adding == "exempt" and person:
        changes = {"exempt_groups": (*door.exempt_groups, *person.groups)}
    elif adding == "pass" and knock.ticket is None:
        knock = replace(knock, ticket=Pass("t2", "", (), NOON.utc - 1, NOON.utc, 0, "somebody"))
    elif adding == "factor":
        knock = replace(knock, factors=frozenset(Factor) if Factor.FACE in knock.factors else knock.factors)
    elif adding == "unblock":
        standing = standing.with_blocked({})
    elif adding == "open_ended" and person:
        knock = replace(knock, person=replace(person, valid_from=None, valid_until=None))
    access = access.model_copy(update={"doors": {**access.doors, "main": door.model_copy(update=changes)}})

    after = ask(knock, access, standing)

    assert before.verdict is not Verdict.GRANTED or after.verdict is Verdict.GRANTED, (before, after)


@many
@given(CASES, st.sampled_from(["stale", "blocked", "locked", "spoof", "not_live", "no_door"]))
def test_what_takes_a_permission_away_never_grants(case: Case, taking: str) -> None:
    knock, access, standing = case
    now = knock.at
    if taking == "stale":
        now = later(now, 1.5)
    elif taking == "blocked" and knock.person is not None:
        standing = standing.with_blocked({knock.person.id: ""})
    elif taking == "spoof":
        knock = replace(knock, outcome=Outcome.SPOOF)
    elif taking == "not_live":
        knock = replace(knock, liveness=Liveness(LivenessMethod.PASSIVE, False))
    elif taking == "no_door":
        access = access.model_copy(update={"doors": {}})
    else:
        standing = standing.with_mode("main", Mode.LOCKED)

    decision = ask(knock, access, standing, now)

    emergency = decision.decided_by is Rule.EMERGENCY and taking != "stale"
    assert decision.verdict is not Verdict.GRANTED or emergency


@many
@given(CASES)
def test_anti_passback_keeps_nobody_in(case: Case) -> None:
    knock, access, standing = case
    leaving = replace(knock, way=Way.OUT)

    assert answer_of(ask(leaving, access, standing), Rule.ANTI_PASSBACK) is not Answer.NO
    emergency = standing.with_mode("main", Mode.EMERGENCY)
    assert ask(leaving, access, emergency).verdict is Verdict.GRANTED


@many
@given(CASES, st.floats(-1e7, 1e7))
def test_a_jump_of_the_clock_grants_nothing(case: Case, jump: float) -> None:
    knock, access, standing = case
    running = standing.after_time(knock.at)
    if running.time.doubted is not None:
        return
    now = Moment(knock.at.mono + 0.5, knock.at.utc + 0.5)
    before = ask(knock, access, running, now)

    after = ask(knock, access, running, Moment(now.mono, now.utc + jump))

    assert after.verdict is not Verdict.GRANTED or before.verdict is Verdict.GRANTED


@many
@given(CASES)
def test_a_restart_changes_no_answer(case: Case) -> None:
    knock, access, standing = case
    standing = replace(standing, contacts={}, unlocked=frozenset(), lost=frozenset()).after_time(knock.at)
    if standing.modes.get("main") is not None and standing.modes["main"].mode is Mode.HELD_OPEN:
        standing = standing.with_mode("main", Mode.NORMAL)

    kept = encoded(standing, boot="b", now=knock.at)
    back = decoded(kept, boot="b", now=knock.at, blocked=standing.blocked)

    assert ask(knock, access, back) == ask(knock, access, standing)


@many
@given(CASES)
def test_no_answer_names_anybody_else(case: Case) -> None:
    knock, access, standing = case
    decision = ask(replace(knock, person=VERA), access, standing)

    told = " ".join(answer.detail for answer in decision.answers)
    assert not any(word in told for person in (ANNA, BEN) for word in (person.id, person.name))
