"""Doors, a configuration and an audit log that look like real ones to the console, and do what a test says."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.routing import Route

from edged.api.console.audit import AuditList, AuditPart, AuditQuery, ExportQuery, VerificationPart, audit_routes
from edged.api.console.config import config_routes
from edged.api.console.doors import (
    AreaPart,
    DoorList,
    DoorPart,
    HolidayPart,
    Hours,
    InsidePart,
    PassageQuery,
    TrialForm,
    doors_routes,
)
from edged.api.console.passage import KeptPassage, PassageList, WhoPart, kept_passage
from edged.api.console.passes import IssuedPass, PassForm, PassList, PassPart, pass_routes
from edged.config.kept import Verdict
from edged.config.layers import Loaded, fitted
from edged.config.problems import checked
from edged.config.propose import Accepted, propose
from edged.config.pushed import PAGE, Pushed
from edged.domain.door import Alarm, Contact, Mode
from edged.domain.errors import Refused
from edged.domain.event import Outcome
from edged.domain.frame import Moment
from edged.domain.identity import uuid7
from edged.domain.passage import Answer, Decision, Factor, Knock, Rule, RuleAnswer, Way
from edged.domain.passage import Verdict as Says
from edged.domain.person import Person
from edged.runtime.console.config_desk import DeviceConfigDesk
from edged.runtime.errand import Errand
from edged.runtime.report import reported
from edged.wire.passage import Cause, PassageRecord, opening_of, passage_of
from edged.wire.payload import instant

ANNA = Person("0190a0b0-0000-7000-8000-000000000001", "4711", "Anna Weber", groups=("staff",))
_ORDER = list(Rule)


def loaded_of(
    tree: Mapping[str, Any], pushed: Mapping[str, Any] | None = None, source: str = "/e/edged.yaml"
) -> Loaded:
    """The document of an owner's file with this content, and of what was pushed."""
    own = checked(tree, source, Path("/e"))
    return fitted(own.model_dump(exclude_unset=True), Pushed(dict(pushed or {})), Path(source))


class PretendSteward:
    """Follows every valid order at once, or says `applying` until `settle`."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self.verdict = Verdict()
        self.asked: list[tuple[Mapping[str, Any], str]] = []
        self.waits = False

    @property
    def report(self) -> bytes:
        return reported(self.verdict, {}, self.loaded).encoded()

    def ask(self, patch: Mapping[str, Any], by: str) -> Errand[Verdict]:
        self.asked.append((patch, by))
        errand = Errand(lambda: self._follow(patch, by))
        errand.do()
        return errand

    def settle(self, status: str, *problems: Any) -> None:
        self.verdict = self.verdict.model_copy(update={"status": status, "problems": problems})

    def _follow(self, patch: Mapping[str, Any], by: str) -> Verdict:
        answer = propose(self.loaded, patch, PAGE)
        if isinstance(answer, Accepted):
            self.loaded = answer.loaded
            self.verdict = Verdict(source=PAGE, by=by, status="applying" if self.waits else "applied", at=time.time())
        else:
            self.verdict = Verdict(source=PAGE, by=by, status="rejected", problems=answer.problems, at=time.time())
        return self.verdict

    def desk(self) -> DeviceConfigDesk:
        return DeviceConfigDesk(lambda: self.loaded, self.ask, lambda: self.report, time.time)


def kept_of(made: Decision) -> PassageRecord:
    """As the daemon keeps it, with a relay that answers."""
    return passage_of(made, opened=made.verdict is Says.GRANTED)


def decision(
    door: str,
    says: Says,
    by: Rule,
    why: str,
    *,
    person: Person | None = ANNA,
    detail: str = "",
    ago: float = 30.0,
    number: int = 1,
) -> Decision:
    """One that a rule settled: those before said yes, those after were not asked."""
    utc = time.time() - ago
    settled = {Says.GRANTED: Answer.YES, Says.WAITS: Answer.WAITS}.get(says, Answer.NO)
    silent = {Rule.EMERGENCY, Rule.FIRST_PERSON, Rule.INTERLOCK, Rule.TWO_PERSON}
    answers = []
    for rule in _ORDER:
        if rule is by:
            answers.append(RuleAnswer(rule, settled, why, detail))
        elif _ORDER.index(rule) > _ORDER.index(by) and says is not Says.GRANTED:
            answers.append(RuleAnswer(rule, Answer.UNASKED))
        else:
            answers.append(
                RuleAnswer(rule, Answer.SILENT if rule in silent else Answer.YES, "face" if rule is Rule.KNOWN else "")
            )
    knock = Knock(
        uuid7(utc, number.to_bytes(10, "big")),
        door,
        Way.IN,
        Moment(1000 - ago, utc),
        Outcome.KNOWN if person else Outcome.UNKNOWN,
        person,
        frozenset({Factor.FACE}),
        similarity=0.612,
        threshold=0.453,
        confidence=0.99,
        margin=0.2,
        camera="front",
        visit=uuid7(utc, (number + 1).to_bytes(10, "big")),
    )
    return Decision(
        uuid7(utc, (number + 2).to_bytes(10, "big")),
        knock,
        says,
        by,
        why,
        tuple(answers),
        Moment(1000 - ago, utc),
        "c0ffee",
    )


class PretendDoors:
    """`edged.api.console.doors.DoorsDesk`: two doors, one with an alarm."""

    def __init__(self) -> None:
        self.done: list[tuple[str, ...]] = []
        self.refusal: Refused | None = None
        self.modes = {"front": Mode.NORMAL, "store": Mode.NORMAL}
        self.alarms: dict[str, tuple[Alarm, ...]] = {"store": (Alarm.HELD_TOO_LONG,)}
        self.inside: tuple[InsidePart, ...] = (
            InsidePart(
                who=WhoPart(id=ANNA.id, customer_person_id="4711", name="Anna Weber"), since=instant(time.time() - 4000)
            ),
            InsidePart(who=None, since=instant(time.time() - 300)),
        )
        self.kept: list[KeptPassage] = [
            kept_passage(kept_of(decision("front", Says.GRANTED, Rule.ANTI_PASSBACK, "outside", ago=40)), 4),
            kept_passage(
                opening_of(
                    uuid7(1.0, bytes(10)),
                    "front",
                    Way.IN,
                    Cause.OPERATOR,
                    by="account:olga",
                    at=time.time() - 90,
                    config="c0ffee",
                ),
                3,
            ),
            kept_passage(
                kept_of(
                    decision(
                        "store",
                        Says.REFUSED,
                        Rule.SCHEDULE,
                        "outside_hours",
                        detail="office: opens at 07:00",
                        ago=130,
                        number=20,
                    )
                ),
                2,
            ),
            kept_passage(
                kept_of(decision("front", Says.REFUSED, Rule.KNOWN, "not_recognised", person=None, ago=600, number=30)),
                1,
            ),
        ]

    def doors(self) -> DoorList:
        now = time.time()
        doors = [
            DoorPart(
                name=name,
                mode=mode,
                contact=Contact.OPEN if self.alarms.get(name) else Contact.SHUT,
                unlocked=mode is Mode.HELD_OPEN or mode is Mode.EMERGENCY,
                reachable=True,
                alarms=self.alarms.get(name, ()),
                since=instant(now - 75),
                camera="front" if name == "front" else "",
                way="in",
                area="building",
                relay="gpio",
                pulse_s=4.0,
                schedule="office",
                hold_open="" if name == "store" else "open",
                liveness="off" if name == "front" else "challenge",
                second_factor=() if name == "front" else ("pin", "card"),
                two_person=False,
            )
            for name, mode in self.modes.items()
        ]
        area = AreaPart(name="building", doors=tuple(self.modes), inside=self.inside)
        return DoorList(at=instant(now), doors=tuple(doors), areas=(area,))

    def hours(self) -> Hours:
        week = dict.fromkeys(("mon", "tue", "wed", "thu"), ("07:00-12:00", "13:00-18:30"))
        today = datetime.now(UTC).date().isoformat()
        return Hours(
            time_zone="Europe/Berlin",
            schedules={
                "office": {**week, "fri": ("07:00-14:00",), "sat": (), "sun": (), "holidays": ()},
                "open": {
                    **dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("09:00-17:00",)),
                    "sat": ("22:00-02:00",),
                    "sun": (),
                    "holidays": (),
                },
            },
            zones={},
            holidays={"founders": HolidayPart(first=today, last=today, yearly=True)},
            origins={
                "access.schedules.office": "page",
                "access.schedules.open": "file",
                "access.holidays.founders": "page",
            },
            fixed=(),
        )

    def open(self, door: str, by: str) -> float:
        if self.refusal:
            raise self.refusal
        self.done.append(("open", door, by))
        return 4.0

    def set_mode(self, door: str, mode: Mode, by: str) -> None:
        self.modes[door] = mode
        self.done.append(("mode", door, mode, by))

    def quiet(self, door: str, alarm: Alarm, by: str) -> None:
        self.alarms[door] = tuple(other for other in self.alarms[door] if other is not alarm)
        self.done.append(("quiet", door, alarm, by))

    def reset_area(self, area: str, by: str) -> None:
        self.inside = ()
        self.done.append(("reset", area, by))

    def passages(self, query: PassageQuery) -> PassageList:
        found = [
            passage
            for passage in self.kept
            if (not query.door or passage.door == query.door)
            and (query.since is None or passage.at.decided >= query.since)
            and (query.before is None or passage.number < query.before)
        ]
        return PassageList(passages=tuple(found[: query.limit]), more=len(found) > query.limit)

    def trial(self, form: TrialForm) -> KeptPassage:
        if form.person not in ("", "4711"):
            raise Refused("unknown_person", f"nobody has the ID {form.person}", "Look under People")
        return kept_passage(
            kept_of(decision(form.door, Says.REFUSED, Rule.SCHEDULE, "outside_hours", detail="office: opens at 07:00"))
        )


class PretendPasses:
    """`edged.api.console.passes.PassDesk`."""

    def __init__(self) -> None:
        now = time.time()
        self.kept = [
            PassPart(
                id="p1",
                name="Lift service",
                doors=("store",),
                valid_from=instant(now - 3600),
                valid_until=instant(now + 7200),
                uses_left=3,
                with_face=False,
            )
        ]
        self.done: list[tuple[str, ...]] = []

    def passes(self) -> PassList:
        return PassList(passes=tuple(self.kept))

    def issue(self, form: PassForm, by: str) -> IssuedPass:
        ticket = PassPart(
            id=f"p{len(self.kept) + 1}",
            name=form.name,
            doors=form.doors,
            valid_from=form.valid_from,
            valid_until=form.valid_until,
            uses_left=form.uses,
            with_face=False,
        )
        self.kept.insert(0, ticket)
        self.done.append(("issue", form.name, by))
        rows = tuple("".join("1" if (x * y + x + y) % 3 == 0 else "0" for x in range(29)) for y in range(29))
        return IssuedPass(ticket=ticket, code="K7QF-29XM-TR4D", picture=rows)

    def revoke(self, pass_id: str, by: str) -> None:
        self.kept = [ticket for ticket in self.kept if ticket.id != pass_id]
        self.done.append(("revoke", pass_id, by))


class PretendAudit:
    """`edged.api.console.audit.AuditDesk`: 250 entries."""

    def __init__(self) -> None:
        self.verified: VerificationPart | None = None
        self.findings: tuple[str, ...] = ()
        self.done: list[tuple[str, ...]] = []
        kinds: list[tuple[str, str, dict[str, Any]]] = [
            (
                "decision",
                "device",
                {
                    "door": "front",
                    "verdict": "granted",
                    "rule": "anti_passback",
                    "why": "outside",
                    "person": ANNA.id,
                    "visit": "v1",
                },
            ),
            ("opening", "account:olga", {"door": "front", "seconds": 4.0}),
            ("config", "account:ines", {"status": "applied", "paths": "decision.margin"}),
            ("sign_in", "account:olga", {"address": "192.168.1.7", "by": "password"}),
            (
                "decision",
                "device",
                {"door": "store", "verdict": "refused", "rule": "schedule", "why": "outside_hours", "person": "gone"},
            ),
            ("mode", "account:olga", {"door": "store", "mode": "locked"}),
        ]
        start = time.time() - 250 * 400
        self.kept = []
        for number in range(1, 251):
            act, by, about = kinds[number % len(kinds)]
            at = datetime.fromtimestamp(start + number * 400, UTC).isoformat(timespec="milliseconds")
            self.kept.append(
                AuditPart(
                    number=number,
                    at=at,
                    by=by,
                    act=act,
                    about=about,
                    person="Anna Weber" if about.get("person") == ANNA.id else "",
                    hash=f"{number:064x}",
                )
            )

    def entries(self, query: AuditQuery) -> AuditList:
        found = [
            entry
            for entry in reversed(self.kept)
            if (not query.act or entry.act == query.act)
            and query.by in entry.by
            and query.text in str(entry.about)
            and (query.before is None or entry.number < query.before)
        ]
        acts = ("decision", "opening", "mode", "config", "sign_in")
        return AuditList(
            entries=tuple(found[: query.limit]), more=len(found) > query.limit, verified=self.verified, acts=acts
        )

    def verify(self, by: str) -> VerificationPart:
        self.done.append(("verify", by))
        self.verified = VerificationPart(
            at=instant(time.time()), whole=not self.findings, first=1, last=250, findings=self.findings
        )
        return self.verified

    def export(self, query: ExportQuery, by: str) -> Iterator[bytes]:
        self.done.append(("export", query.form, by))
        yield b"number,at\n"
        for entry in self.kept:
            yield f"{entry.number},{entry.at}\n".encode()


class Rooms:
    """All of them, with their addresses."""

    def __init__(self, loaded: Loaded | None = None) -> None:
        self.steward = PretendSteward(loaded or loaded_of(DOCUMENT, PUSHED))
        self.doors = PretendDoors()
        self.passes = PretendPasses()
        self.audit = PretendAudit()

    @property
    def routes(self) -> list[Route]:
        return [
            *config_routes(self.steward.desk()),
            *doors_routes(self.doors),
            *pass_routes(self.passes),
            *audit_routes(self.audit),
        ]


DOCUMENT: Mapping[str, Any] = {
    "device": {"name": "entrance", "state": "/var/lib/edged"},
    "cameras": {"front": {"kind": "rtsp", "url": "rtsp://user:hunter22@192.168.1.20/stream1", "fps": 12}},
    "mqtt": {"enabled": True, "host": "broker.local"},
    "access": {
        "doors": {"front": {"camera": "front", "schedule": "office"}},
        "schedules": {"office": {"mon": ["07:00-18:00"]}},
    },
}
PUSHED: Mapping[str, Any] = {
    "group:doors": {"control": {}, "quality": {"min_sharpness": 11.0}},
    "page": {"decision": {"margin": 0.05}, "mqtt": {"password": "swordfish"}},
}
