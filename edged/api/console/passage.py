"""What the console shows of passages: the verdict, every rule that was asked, and which one decided."""

from __future__ import annotations

from edged.domain.passage import Decision, Need, Verdict
from edged.domain.person import Person
from edged.wire.payload import DECIMALS, Instant, Part, Payload, instant


class RulePart(Part):
    """What one rule answered."""

    rule: str
    answer: str
    why: str = ""
    """A stable word."""
    detail: str = ""
    """For the guard: which schedule, since when, until when."""


class WhoPart(Part):
    """Somebody who is enrolled."""

    id: str
    customer_person_id: str
    name: str = ""


class PassagePart(Part):
    """Somebody wanted to pass, and this is what they were answered."""

    id: str
    number: int = 0
    """Its place in the order of keeping, for paging; 0: it is not kept."""
    at: Instant
    door: str
    way: str
    verdict: Verdict
    decided_by: str
    why: str
    needs: Need | None = None
    person: WhoPart | None = None
    """Who it was taken for; null where nobody knows."""
    ticket: str = ""
    """What the visitor's pass is for, where one was shown."""
    factors: tuple[str, ...] = ()
    """By what they showed who they are: face, pin, card, qr."""
    wrong: tuple[str, ...] = ()
    """What was shown and did not fit."""
    outcome: str = ""
    """What recognition said."""
    similarity: float = 0.0
    threshold: float = 0.0
    """Both 0 where no face was looked at."""
    liveness: str = ""
    """How a living face was told, and what came of it; empty where it was not looked at."""
    event: str = ""
    """The event it came from; empty without one."""
    rules: tuple[RulePart, ...]
    """In the order in which they are asked."""


class PassageList(Payload):
    """Passages, newest first."""

    passages: tuple[PassagePart, ...]
    more: bool
    """There are older ones."""


def who(person: Person) -> WhoPart:
    """Somebody, as far as a list of passages says."""
    return WhoPart(id=person.id, customer_person_id=person.customer_person_id, name=person.name)


def passage_of(decision: Decision, number: int = 0) -> PassagePart:
    """A decision as the console shows it."""
    knock, liveness = decision.knock, decision.knock.liveness
    return PassagePart(
        id=decision.id,
        number=number,
        at=instant(decision.at.utc),
        door=knock.door,
        way=knock.way,
        verdict=decision.verdict,
        decided_by=decision.decided_by,
        why=decision.why,
        needs=decision.needs,
        person=who(knock.person) if knock.person else None,
        ticket=(knock.ticket.name or knock.ticket.id) if knock.ticket else "",
        factors=tuple(sorted(knock.factors)),
        wrong=tuple(sorted(knock.wrong)),
        outcome=knock.outcome,
        similarity=round(knock.similarity, DECIMALS),
        threshold=round(knock.threshold, DECIMALS),
        liveness="" if liveness is None else f"{liveness.method}: {'passed' if liveness.passed else liveness.why}",
        event=knock.event,
        rules=tuple(
            RulePart(rule=answer.rule, answer=answer.answer, why=answer.why, detail=answer.detail)
            for answer in decision.answers
        ),
    )
