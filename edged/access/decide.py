"""May this knock pass this door now: one pure function, and all rules with what they answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from edged.access import place_rules, when_rules, who_rules
from edged.access.case import Case, Said, codes_taken, no
from edged.access.standing import Standing
from edged.access.words import Word
from edged.config.access import AccessSettings, DoorSettings
from edged.domain.frame import Moment
from edged.domain.passage import Answer, Decision, Knock, Pass, Rule, RuleAnswer, Verdict

_RULES: Final[Mapping[Rule, Callable[[Case], Said]]] = MappingProxyType(
    {
        Rule.FRESH: when_rules.fresh,
        Rule.EMERGENCY: when_rules.emergency,
        Rule.LOCKED: when_rules.not_locked,
        Rule.KNOWN: who_rules.known,
        Rule.BLOCKED: who_rules.not_blocked,
        Rule.LIVE: who_rules.live,
        Rule.VALID: who_rules.valid,
        Rule.PERMITTED: who_rules.permitted,
        Rule.SCHEDULE: when_rules.schedule,
        Rule.FIRST_PERSON: when_rules.first_person,
        Rule.ANTI_PASSBACK: place_rules.anti_passback,
        Rule.INTERLOCK: place_rules.interlock,
        Rule.SECOND_FACTOR: place_rules.second_factor,
        Rule.TWO_PERSON: place_rules.two_person,
    }
)
_NO_SUCH_DOOR: Final = DoorSettings()


def decide(
    knock: Knock,
    access: AccessSettings,
    standing: Standing,
    now: Moment,
    *,
    id: str,  # noqa: A002  it becomes Decision.id
    config: str,
) -> Decision:
    """The answer to a knock, with every rule that was asked.

    The rules are asked in the order of `Rule`. The first that does not let pass decides: a `no` refuses, a `waits`
    waits for what is missing. The door opens if none does, or at once in an emergency. The same arguments always give
    the same answer; nothing is read, written or remembered.

    Args:
        knock: who wants to pass where, and by what that is known.
        access: the configuration's doors.
        standing: how things stand there.
        now: this moment.
        id: of the decision, a UUIDv7.
        config: digest of the configuration.
    """
    case = Case(knock, access.doors.get(knock.door, _NO_SUCH_DOOR), access, standing, now)
    answers: list[RuleAnswer] = []
    settled: tuple[Rule, Said] | None = None
    last_yes: tuple[Rule, Said] | None = None
    for rule in Rule:
        if settled is not None:
            answers.append(RuleAnswer(rule, Answer.UNASKED))
            continue
        said = _ask(rule, case)
        answers.append(RuleAnswer(rule, said.answer, said.word or "", said.detail))
        if said.answer is Answer.YES:
            last_yes = rule, said
        if said.answer in (Answer.NO, Answer.WAITS) or (said.answer is Answer.YES and rule is Rule.EMERGENCY):
            settled = rule, said
    rule, said = settled or last_yes or (Rule.KNOWN, no(Word.NOBODY))
    verdict = _verdict(rule, said, knock)
    return Decision(
        id=id,
        knock=knock,
        verdict=verdict,
        decided_by=rule,
        why=said.word or "",
        answers=tuple(answers),
        at=now,
        config=config,
        needs=said.needs,
        accepts=codes_taken(case.door) if rule is Rule.KNOWN and verdict is Verdict.REFUSED else said.accepts,
        retry_at=said.retry_at,
    )


def used_pass(decision: Decision) -> Pass | None:
    """The pass by which somebody was let through, of which one use is gone; None where none was needed."""
    needed = any(
        answer.answer is Answer.YES and answer.why == Word.TICKET
        for answer in decision.answers
        if answer.rule in (Rule.PERMITTED, Rule.SECOND_FACTOR)
    )
    return decision.knock.ticket if decision.verdict is Verdict.GRANTED and needed else None


def _ask(rule: Rule, case: Case) -> Said:
    if rule is Rule.LOCKED and case.knock.door not in case.access.doors:
        return no(Word.NO_DOOR)
    return _RULES[rule](case)


def _verdict(rule: Rule, said: Said, knock: Knock) -> Verdict:
    if said.answer is Answer.YES:
        return Verdict.GRANTED
    if said.answer is Answer.WAITS:
        return Verdict.WAITS
    is_attack = said.word is Word.SPOOF or (knock.liveness is not None and knock.liveness.is_attack)
    return Verdict.SPOOF if rule is Rule.LIVE and is_attack else Verdict.REFUSED
