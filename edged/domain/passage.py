"""Somebody wants to pass a door, and what the device answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edged.domain.event import Outcome
from edged.domain.frame import Moment
from edged.domain.person import Person


class Way(StrEnum):
    """Through a door, seen from outside."""

    IN = "in"
    OUT = "out"


class Factor(StrEnum):
    """By what somebody shows who they are."""

    FACE = "face"
    PIN = "pin"
    CARD = "card"
    QR = "qr"


class Rule(StrEnum):
    """What is asked before a door opens, in the order in which it is asked."""

    FRESH = "fresh"
    """The answer is about now, not about a second ago."""
    EMERGENCY = "emergency"
    """Everybody may leave: the door stands open."""
    LOCKED = "locked"
    """The door was locked by the guard."""
    KNOWN = "known"
    """Somebody enrolled, or a visitor with a pass."""
    BLOCKED = "blocked"
    """On the block list."""
    LIVE = "live"
    """A living face, where the door asks for one."""
    VALID = "valid"
    """Within the validity of the person, or of the pass."""
    PERMITTED = "permitted"
    """Person, group or pass is for this door."""
    SCHEDULE = "schedule"
    """At this hour, on this day."""
    FIRST_PERSON = "first_person"
    """Somebody entitled to it came first today."""
    ANTI_PASSBACK = "anti_passback"
    """Not inside already, or not so lately."""
    INTERLOCK = "interlock"
    """The doors that must be shut are shut."""
    SECOND_FACTOR = "second_factor"
    """Card, PIN or QR code besides the face, where the door asks for it."""
    TWO_PERSON = "two_person"
    """Two people together, where the door asks for it."""


class Answer(StrEnum):
    """What a rule answered."""

    YES = "yes"
    NO = "no"
    WAITS = "waits"
    """Not yet: something more is needed, and may still come."""
    SILENT = "silent"
    """Does not apply here."""
    UNASKED = "unasked"
    """An earlier rule had decided."""


@dataclass(frozen=True, slots=True)
class RuleAnswer:
    """One rule's answer.

    Attributes:
        why: a stable word (`outside_hours`, `not_in_group`, …); empty where there is nothing to explain.
        detail: for the guard: which schedule, since when, until when; never on the screen at the door.
    """

    rule: Rule
    answer: Answer
    why: str = ""
    detail: str = ""


class Verdict(StrEnum):
    """What became of somebody who wanted to pass."""

    GRANTED = "granted"
    REFUSED = "refused"
    WAITS = "waits"
    """More is needed: `Decision.needs` says what."""
    SPOOF = "spoof"
    """No living face was there, or not the one that was recognised."""


class LivenessMethod(StrEnum):
    """How a living face is told from a picture."""

    OFF = "off"
    PASSIVE = "passive"
    CHALLENGE = "challenge"


@dataclass(frozen=True, slots=True)
class Liveness:
    """What was found out about a face being alive.

    Attributes:
        method: how; `off` is never here.
        passed: it lives, as far as the method can tell.
        score: 0–1, of a passive model; None of a challenge.
        why: a stable word where it did not pass (`wrong_way`, `lost`, `second_face`, `other_person`, `flat`, …).
        is_attack: what was seen looks like somebody trying, not like somebody who did not understand.
    """

    method: LivenessMethod
    passed: bool
    score: float | None = None
    why: str = ""
    is_attack: bool = False


@dataclass(frozen=True, slots=True)
class Pass:
    """A visitor's pass, shown as a QR code or typed.

    Attributes:
        id: ours, a UUIDv7; name: whom or what it is for; may be empty.
        doors: it opens these; empty: any that lets visitors in by pass.
        valid_from, valid_until: UTC seconds since the epoch.
        uses_left: so often it may still open something; None: as often as wanted.
        person_id: of the person who must show their face with it; empty: whoever has it.
    """

    id: str
    name: str
    doors: tuple[str, ...]
    valid_from: float
    valid_until: float
    uses_left: int | None
    person_id: str = ""


@dataclass(frozen=True, slots=True)
class Knock:
    """Somebody stands at a door and wants to pass.

    Attributes:
        id: a UUIDv7, the same for all decisions about it.
        door, way: where.
        at: when what it rests on was seen: the frame that settled who it is, or the last code that was shown. A
            decision is fresh for a second from here.
        outcome: what recognition says; `no_face` where only a code was shown.
        person: who it is, by face or by code; None where nobody knows.
        factors: by what they have shown it so far.
        wrong: factors that were shown and did not fit, for the record.
        ticket: a visitor's pass that was shown.
        liveness: None where it was not looked at.
        similarity, threshold, confidence, margin: of the recognition; 0 without a face.
        camera, track, visit, event: where it comes from; `visit` and `event` are empty without one.
    """

    id: str
    door: str
    way: Way
    at: Moment
    outcome: Outcome
    person: Person | None
    factors: frozenset[Factor] = frozenset()
    wrong: frozenset[Factor] = frozenset()
    ticket: Pass | None = None
    liveness: Liveness | None = None
    similarity: float = 0.0
    threshold: float = 0.0
    confidence: float = 0.0
    margin: float = 0.0
    camera: str = ""
    track: int = 0
    visit: str = ""
    event: str = ""


class Need(StrEnum):
    """What a knock waits for."""

    LIVENESS = "liveness"
    SECOND_FACTOR = "second_factor"
    SECOND_PERSON = "second_person"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to a knock, with every rule that was asked.

    Attributes:
        id: a UUIDv7; knock: what it is about.
        verdict: the answer.
        decided_by: the rule that settled it; the last one that said yes where it was granted.
        why: that rule's word.
        answers: of all rules, in their order.
        needs: what it waits for; None unless the verdict is `waits`.
        accepts: the second factors that would do, where one is waited for.
        retry_at: when it is worth trying again, UTC seconds since the epoch; None where that is not known.
        at: when it was made.
        config: digest of the configuration it was made by.
    """

    id: str
    knock: Knock
    verdict: Verdict
    decided_by: Rule
    why: str
    answers: tuple[RuleAnswer, ...]
    at: Moment
    config: str
    needs: Need | None = None
    accepts: frozenset[Factor] = frozenset()
    retry_at: float | None = None


FRESH_S = 1.0
"""An answer that is older never opens a door."""
