"""Passages made up for measuring and for tests: the same every time."""

from __future__ import annotations

from edged.domain.event import Outcome
from edged.domain.frame import Moment
from edged.domain.identity import uuid7
from edged.domain.passage import Answer, Decision, Factor, Knock, Rule, RuleAnswer, Verdict, Way
from edged.measure.sample_event import ANNA, SAMPLE_UTC
from edged.wire.passage import PassageRecord, passage_of

_LAST = Rule.SCHEDULE


def sample_passage(number: int, *, verdict: Verdict = Verdict.GRANTED, utc: float = SAMPLE_UTC) -> PassageRecord:
    """A passage of Anna's as rich as a real one: let through, or refused because of the hour.

    Args:
        number: chooses the ids; the same number and time give the same ones.
        utc: when it happened, seconds since the epoch.
    """
    is_granted = verdict is Verdict.GRANTED
    knock = Knock(
        id=uuid7(utc, (2**41 + number).to_bytes(10, "big")),
        door="front-door",
        way=Way.IN,
        at=Moment(100.0, utc),
        outcome=Outcome.KNOWN,
        person=ANNA,
        factors=frozenset({Factor.FACE}),
        similarity=0.7000123456,
        threshold=0.451,
        confidence=0.9998,
        margin=0.05,
        camera="front",
        track=number,
        visit=uuid7(utc, (2**40 + number).to_bytes(10, "big")),
    )
    decision = Decision(
        id=uuid7(utc, (2**42 + number).to_bytes(10, "big")),
        knock=knock,
        verdict=verdict,
        decided_by=Rule.PERMITTED if is_granted else _LAST,
        why="" if is_granted else "outside_hours",
        answers=tuple(_answer(rule, is_granted=is_granted) for rule in Rule),
        at=Moment(100.12, utc + 0.12),
        config="cd" * 32,
    )
    return passage_of(decision, opened=is_granted)


def _answer(rule: Rule, *, is_granted: bool) -> RuleAnswer:
    rules = list(Rule)
    if rule in {Rule.FRESH, Rule.KNOWN, Rule.VALID, Rule.PERMITTED}:
        return RuleAnswer(rule, Answer.YES)
    if rule is _LAST and not is_granted:
        return RuleAnswer(rule, Answer.NO, "outside_hours", "office: opens on Mon at 08:00")
    is_asked = is_granted or rules.index(rule) < rules.index(_LAST)
    return RuleAnswer(rule, Answer.SILENT if is_asked else Answer.UNASKED)
