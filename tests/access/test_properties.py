"""What must hold of every decision, whatever the door, the person and the hour."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

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
from edged.domain.person import Person
from tests.access.site import ANNA, BEN, NOON, VERA, answer_of, ask, later, site

GROUPS: Final = ("staff", "early", "guests")
CODES: Final = ("pin", "card", "qr")


def few(*choices: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(choices), unique=True, max_size=2)


DOORS: Final = st.fixed_dictionaries(
    {},
    optional={
        "camera": st.just("hall"),
        "area": st.just("lab"),
        "groups": few(*GROUPS),
        "people": few("4711", "4713"),
        "schedule": st.sampled_from(["office", "morning", "never"]),
        "exempt_groups": few(*GROUPS),
        "visitors": st.booleans(),
        "hold_open": st.sampled_from(["office", "never"]),
        "anti_passback": st.fixed_dictionaries(
            {"mode": st.sampled_from(["off", "soft", "hard", "timed"]), "reset_at": st.sampled_from([None, "03:00"])}
        ),
        "interlock": st.just(["back"]),
        "two_person": st.booleans(),
        "second_factor": few(*CODES),
        "code_alone": few(*CODES),
        "liveness": st.sampled_from(["off", "passive", "challenge"]),
    },
)
MOMENTS: Final = st.integers(-12, 12).map(lambda hours: later(NOON, hours * 3600.0))
PEOPLE: Final = st.builds(
    lambda person, bounds: replace(person, valid_from=bounds[0], valid_until=bounds[1]),
    st.sampled_from([ANNA, BEN, VERA]),
    st.sampled_from([(None, None), (NOON.utc - 10, NOON.utc + 10), (None, NOON.utc), (NOON.utc + 10, None)]),
)
PASSES: Final = st.builds(
    Pass,
    st.just("t1"),
    st.just("Parcel"),
    st.sampled_from([(), ("main",), ("back",)]),
    st.just(NOON.utc - 7200),
    st.sampled_from([NOON.utc - 1, NOON.utc + 7200]),
    st.sampled_from([None, 0, 1]),
    st.sampled_from(["", ANNA.id]),
)
LIVENESS: Final = st.builds(
    Liveness,
    st.sampled_from([LivenessMethod.PASSIVE, LivenessMethod.CHALLENGE]),
    st.booleans(),
    is_attack=st.booleans(),
)


@st.composite
def accesses(draw: st.DrawFn) -> AccessSettings:
    door = draw(DOORS)
    if door.get("schedule") or door.get("hold_open"):
        door["first_person"] = draw(few(*GROUPS))
    return site(**door)


@st.composite
def knocks(draw: st.DrawFn) -> Knock:
    person: Person | None = draw(st.none() | PEOPLE)
    return Knock(
        "k1",
        "main",
        draw(st.sampled_from(list(Way))),
        draw(MOMENTS),
        draw(st.sampled_from(list(Outcome))),
        person,
        draw(st.frozensets(st.sampled_from(list(Factor)))),
        draw(st.frozensets(st.sampled_from([Factor.PIN, Factor.CARD, Factor.QR]), max_size=1)),
        draw(st.none() | PASSES),
        draw(st.none() | LIVENESS),
    )


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    """How things stand after a few things that happened, most of them lately."""
    standing, open_door = Standing(), site(area="lab", first_person=[*GROUPS], schedule="morning")
    for person in draw(st.lists(st.sampled_from([ANNA, BEN]), max_size=2)):
        moment = later(NOON, draw(st.integers(-20, 0)) * 3600.0)
        came = Knock("k0", "main", Way.IN, moment, Outcome.KNOWN, person, frozenset({Factor.FACE}))
        granted = replace(ask(came, site()), verdict=Verdict.GRANTED, decided_by=Rule.PERMITTED)
        standing = standing.after_passage(granted, open_door)
    if draw(st.booleans()):
        waiting = Knock("k2", "main", Way.IN, draw(MOMENTS), Outcome.KNOWN, BEN, frozenset({Factor.FACE}))
        waits = replace(ask(waiting, site()), verdict=Verdict.WAITS, needs=Need.SECOND_PERSON)
        standing = standing.after_passage(waits, open_door)
    for signal in draw(st.lists(st.sampled_from(list(Signal)), max_size=2)):
        standing = standing.after_signal(DoorSignal("back", signal, NOON))
    standing = standing.with_mode("main", draw(st.sampled_from(list(Mode))))
    return standing.with_blocked({person.id: "why" for person in draw(st.sampled_from([(), (ANNA,), (BEN, VERA)]))})


CASES: Final = st.tuples(knocks(), accesses(), standings())
many: Final = settings(max_examples=150, deadline=None)


@many
@given(CASES, st.floats(-2, 5))
def test_a_decision_is_as_its_answers_say(case: tuple[Knock, AccessSettings, Standing], age: float) -> None:
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
def test_nobody_passes_without_a_reason(case: tuple[Knock, AccessSettings, Standing]) -> None:
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
def test_what_adds_a_permission_never_refuses(case: tuple[Knock, AccessSettings, Standing], adding: str) -> None:
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
def test_what_takes_a_permission_away_never_grants(case: tuple[Knock, AccessSettings, Standing], taking: str) -> None:
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
def test_anti_passback_keeps_nobody_in(case: tuple[Knock, AccessSettings, Standing]) -> None:
    knock, access, standing = case
    leaving = replace(knock, way=Way.OUT)

    assert answer_of(ask(leaving, access, standing), Rule.ANTI_PASSBACK) is not Answer.NO
    emergency = standing.with_mode("main", Mode.EMERGENCY)
    assert ask(leaving, access, emergency).verdict is Verdict.GRANTED


@many
@given(CASES, st.floats(-1e7, 1e7))
def test_a_jump_of_the_clock_grants_nothing(case: tuple[Knock, AccessSettings, Standing], jump: float) -> None:
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
def test_a_restart_changes_no_answer(case: tuple[Knock, AccessSettings, Standing]) -> None:
    knock, access, standing = case
    standing = replace(standing, contacts={}, unlocked=frozenset(), lost=frozenset()).after_time(knock.at)
    if standing.modes.get("main") is not None and standing.modes["main"].mode is Mode.HELD_OPEN:
        standing = standing.with_mode("main", Mode.NORMAL)

    kept = encoded(standing, boot="b", now=knock.at)
    back = decoded(kept, boot="b", now=knock.at, blocked=standing.blocked)

    assert ask(knock, access, back) == ask(knock, access, standing)


@many
@given(CASES)
def test_no_answer_names_anybody_else(case: tuple[Knock, AccessSettings, Standing]) -> None:
    knock, access, standing = case
    decision = ask(replace(knock, person=VERA), access, standing)

    told = " ".join(answer.detail for answer in decision.answers)
    assert not any(word in told for person in (ANNA, BEN) for word in (person.id, person.name))
