"""A site with doors, people and knocks, as tests of the rules need them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from edged.access.decide import decide
from edged.access.standing import Standing
from edged.config.access import AccessSettings
from edged.domain.event import Outcome
from edged.domain.frame import Moment
from edged.domain.passage import Answer, Decision, Factor, Knock, Pass, Rule, RuleAnswer, Way
from edged.domain.person import Person

BERLIN: Final = ZoneInfo("Europe/Berlin")
ANNA: Final = Person("0199-anna", "4711", "Anna Berg", groups=("staff",))
BEN: Final = Person("0199-ben", "4712", "Ben Cole", groups=("staff", "early"))
VERA: Final = Person("0199-vera", "4713", "Vera Dorn", groups=("guests",))


def site(**door: Any) -> AccessSettings:
    """One door `main`, and another, `back`, that is as it comes; weekly hours `office`, Mon–Fri 08–18 in Berlin."""
    days = {day: ["08:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    return AccessSettings.model_validate(
        {
            "time_zone": "Europe/Berlin",
            "schedules": {"office": days, "morning": {**days, "mon": ["06:00-10:00"]}, "never": {}},
            "doors": {"main": door, "back": {}},
        }
    )


def at(text: str = "2026-11-26 12:00", mono: float | None = None) -> Moment:
    """A moment in Berlin; a Thursday noon unless said. The steady clock began at the epoch unless said."""
    utc = datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()
    return Moment(utc if mono is None else mono, utc)


def later(moment: Moment, seconds: float) -> Moment:
    return Moment(moment.mono + seconds, moment.utc + seconds)


NOON: Final = at()


def knock(person: Person | None = ANNA, now: Moment = NOON, **changes: Any) -> Knock:
    """Somebody whose face is known stands at `main`; without a person, a stranger."""
    outcome = Outcome.UNKNOWN if person is None else Outcome.KNOWN
    factors = frozenset[Factor]() if person is None else frozenset({Factor.FACE})
    plain = Knock("k1", "main", Way.IN, now, outcome, person, factors, similarity=0.7, threshold=0.5)
    return replace(plain, **changes)


def code(factor: Factor, person: Person | None, now: Moment = NOON, **changes: Any) -> Knock:
    """A code without a face."""
    return knock(person, now, outcome=Outcome.NO_FACE, factors=frozenset({factor}), similarity=0.0, **changes)


def visitor(ticket: Pass, now: Moment = NOON, **changes: Any) -> Knock:
    """A pass without a face."""
    return code(Factor.QR, None, now, ticket=ticket, **changes)


def ticket(**changes: Any) -> Pass:
    """A pass for all doors, good for an hour around noon."""
    return replace(Pass("t1", "Parcel", (), NOON.utc - 1800, NOON.utc + 1800, None), **changes)


def ask(knock: Knock, access: AccessSettings, standing: Standing | None = None, now: Moment | None = None) -> Decision:
    """Decides at the moment of the knock, unless another is given."""
    return decide(knock, access, standing or Standing(), now or knock.at, id="d1", config="c1")


def said(decision: Decision, rule: Rule) -> RuleAnswer:
    return next(answer for answer in decision.answers if answer.rule is rule)


def answer_of(decision: Decision, rule: Rule) -> Answer:
    return said(decision, rule).answer
