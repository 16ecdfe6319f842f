"""A passage: somebody wanted to pass a door, or it was opened otherwise; what the device answered, and why."""

from __future__ import annotations

from enum import StrEnum

from edged.domain.event import Outcome
from edged.domain.passage import Answer, Decision, Factor, LivenessMethod, Rule, Verdict, Way
from edged.wire.event import PersonPart, person_part
from edged.wire.payload import DECIMALS, Instant, Part, Payload, instant


class Cause(StrEnum):
    """Who or what wanted the door open."""

    PERSON = "person"
    """Somebody in front of it, by face or code."""
    EXIT_BUTTON = "exit_button"
    """The button or sensor inside."""
    OPERATOR = "operator"
    """Somebody at the console, or over MQTT: `by` says who."""


class RulePart(Part):
    """What one rule answered."""

    rule: Rule
    answer: Answer
    why: str = ""
    """A stable word; empty where there is nothing to explain."""
    detail: str = ""
    """For the guard."""


class LivenessPart(Part):
    """Whether a living face was there."""

    method: LivenessMethod
    passed: bool
    score: float | None = None
    """0–1, of a passive model."""
    why: str = ""
    """A stable word where it did not pass."""


class PassPart(Part):
    """A visitor's pass."""

    id: str
    name: str = ""


class DecidedTimes(Part):
    """When it happened, as far as the device knows before it has spoken."""

    seen: Instant
    """What the decision rests on was seen."""
    decided: Instant
    """The decision was made."""


class PassageTimes(DecidedTimes):
    """When it happened and when it was told."""

    published: Instant
    """It was handed to the broker; for a replayed one, this time."""


class PassageFacts(Payload):
    """What both forms of a passage say."""

    id: str
    """A UUIDv7. Readers de-duplicate by it: every passage arrives at least once."""
    knock: str
    """A UUIDv7, the same for all decisions about one attempt."""
    door: str
    way: Way
    cause: Cause
    by: str = ""
    """Who opened it, where it was an operator."""
    verdict: Verdict
    """What became of it."""
    opened: bool
    """The relay took the order to let them through; false also where somebody was granted and it did not answer."""
    rule: Rule | None
    """Which rule decided; null where nobody was judged."""
    why: str
    """That rule's word."""
    rules: tuple[RulePart, ...]
    """Every rule in the order in which it was asked."""
    person: PersonPart | None
    """Whom the door was about; null where nobody was recognised."""
    ticket: PassPart | None = None
    """The pass that was shown."""
    factors: tuple[Factor, ...] = ()
    """By what they showed who they are."""
    wrong: tuple[Factor, ...] = ()
    """What they showed and did not fit."""
    outcome: Outcome
    """What recognition said."""
    liveness: LivenessPart | None = None
    """Null where it was not looked at."""
    similarity: float = 0.0
    """Cosine to that person; 0 without a face."""
    threshold: float = 0.0
    margin: float = 0.0
    confidence: float = 0.0
    """Calibrated, 0–1."""
    camera: str = ""
    track: int = 0
    visit: str = ""
    """The visit's id, as in `event`; empty without one."""
    config: str
    """Digest of the configuration it was decided by."""


class PassageRecord(PassageFacts):
    """A passage as the outbox keeps it."""

    at: DecidedTimes


class PassageMessage(PassageFacts):
    """A passage as it is published under `passage`, QoS 1, never retained."""

    seq: int
    """Counts this boot's passages from 1 without gaps: a missing number is a lost passage."""
    boot: str
    """Names the boot that `seq` counts in."""
    device: str
    at: PassageTimes
    replayed: bool
    """It waited in the outbox: accepted before the connection that brought it was there."""


def passage_of(decision: Decision, *, opened: bool) -> PassageRecord:
    """What is kept of a decision, and whether the relay took it."""
    knock = decision.knock
    live = knock.liveness
    return PassageRecord(
        id=decision.id,
        knock=knock.id,
        door=knock.door,
        way=knock.way,
        cause=Cause.PERSON,
        verdict=decision.verdict,
        opened=opened,
        rule=decision.decided_by,
        why=decision.why,
        rules=tuple(
            RulePart(rule=item.rule, answer=item.answer, why=item.why, detail=item.detail) for item in decision.answers
        ),
        person=None if knock.person is None else person_part(knock.person),
        ticket=None if knock.ticket is None else PassPart(id=knock.ticket.id, name=knock.ticket.name),
        factors=tuple(sorted(knock.factors)),
        wrong=tuple(sorted(knock.wrong)),
        outcome=knock.outcome,
        liveness=None
        if live is None
        else LivenessPart(method=live.method, passed=live.passed, score=live.score, why=live.why),
        similarity=round(knock.similarity, DECIMALS),
        threshold=round(knock.threshold, DECIMALS),
        margin=round(knock.margin, DECIMALS),
        confidence=round(knock.confidence, DECIMALS),
        camera=knock.camera,
        track=knock.track,
        visit=knock.visit,
        config=decision.config,
        at=DecidedTimes(seen=instant(knock.at.utc), decided=instant(decision.at.utc)),
    )


def without_person(record: PassageRecord) -> PassageRecord:
    """The same passage once whoever it names was deleted. What rules said for the guard goes with them: it may quote
    why they were blocked, or the name on their pass.
    """
    rules = tuple(rule.model_copy(update={"detail": ""}) for rule in record.rules)
    ticket = record.ticket and record.ticket.model_copy(update={"name": ""})
    return record.model_copy(update={"person": None, "ticket": ticket, "rules": rules})


def opening_of(id: str, door: str, way: Way, cause: Cause, *, by: str, at: float, config: str) -> PassageRecord:  # noqa: A002  the field's name
    """What is kept where a door was opened without judging anybody.

    Args:
        by: who did; empty for the exit button.
        at: UTC seconds since the epoch.
    """
    return PassageRecord(
        id=id,
        knock=id,
        door=door,
        way=way,
        cause=cause,
        by=by,
        verdict=Verdict.GRANTED,
        opened=True,
        rule=None,
        why=cause.value,
        rules=(),
        person=None,
        outcome=Outcome.NO_FACE,
        config=config,
        at=DecidedTimes(seen=instant(at), decided=instant(at)),
    )
