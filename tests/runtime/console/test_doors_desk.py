"""The console's doors and passes: a scripted doorman, real rules, a real outbox, real credentials."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from edged.access.standing import Standing
from edged.api.console.doors import PassageQuery, TrialForm
from edged.api.console.passes import PassForm
from edged.audit.act import Act
from edged.audit.entry import Fact
from edged.control.doors import Opening
from edged.credentials.credentials import Credentials
from edged.domain.door import Alarm, Contact, DoorState, Mode
from edged.domain.errors import Refused
from edged.domain.frame import Moment
from edged.domain.identity import uuid7
from edged.domain.passage import Factor, Pass, Rule, Verdict
from edged.domain.person import Person
from edged.mqtt.outbox import Outbox
from edged.runtime.clock import SystemClock
from edged.runtime.console.doors_desk import DeviceDoorsDesk, Doorkeeper, local_zone
from edged.runtime.console.pass_desk import DevicePassDesk
from edged.runtime.doorman import Doorman
from edged.wire.passage import passage_of
from tests.api.pretend_rooms import decision, loaded_of

ANNA = Person("anna-id", "4711", "Anna Weber", groups=("staff",))
BEN = Person("ben-id", "4712", "Ben", groups=("guests",))
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
EVENING = MONDAY.replace(hour=19)
DOCUMENT: Mapping[str, Any] = {
    "access": {
        "time_zone": "UTC",
        "schedules": {"office": {"mon": ["08:00-18:00"]}},
        "doors": {
            "front": {"groups": ["staff"], "schedule": "office", "area": "hall", "visitors": True},
            "store": {"area": "hall", "second_factor": ["pin"], "liveness": "challenge"},
        },
    }
}
PUSHED: Mapping[str, Any] = {"page": {"access": {"holidays": {"may": {"first": "2026-05-01", "yearly": True}}}}}


class ScriptedDoorman:
    """`Doorkeeper` that does nothing and says what it was told."""

    def __init__(self) -> None:
        self.now = Standing()
        self.told: list[tuple[str, ...]] = []

    def states(self) -> Mapping[str, DoorState]:
        at = Moment(1.0, time.time())
        return {"front": DoorState("front", Mode.LOCKED, Contact.OPEN, False, True, (Alarm.FORCED,), at)}

    def standing(self) -> Standing:
        return self.now

    def open(self, door: str, *, by: str) -> Opening:
        self.told.append(("open", door, by))
        return Opening(door, 4.0)

    def set_mode(self, door: str, mode: Mode, *, by: str) -> None:
        self.told.append(("mode", door, mode, by))

    def reset_area(self, area: str, *, by: str) -> None:
        self.told.append(("reset", area, by))

    def quiet(self, door: str, alarm: Alarm, *, by: str) -> None:
        self.told.append(("quiet", door, alarm, by))


def fits(doorman: Doorman) -> Doorkeeper:
    """The real one can be in the scripted one's place: checked by mypy."""
    return doorman


@pytest.fixture
def doorman() -> ScriptedDoorman:
    return ScriptedDoorman()


@pytest.fixture
def desk(tmp_path: Path, doorman: ScriptedDoorman) -> DeviceDoorsDesk:
    loaded = loaded_of(DOCUMENT, PUSHED)
    return DeviceDoorsDesk(
        doorman,
        people=lambda: [ANNA, BEN],
        loaded=lambda: loaded,
        outbox=tmp_path / "events.db",
        zone="Europe/Berlin",
        clock=SystemClock(),
        new_id=lambda at: uuid7(at.utc, bytes(10)),
    )


def test_doors_are_those_of_the_configuration_as_their_keeper_has_them(
    desk: DeviceDoorsDesk, doorman: ScriptedDoorman
) -> None:
    since = Moment(5.0, time.time() - 60)
    inside = {"hall": MappingProxyType({ANNA.id: since, "pass:p1": since, "gone": since})}
    doorman.now = replace(doorman.now, inside=MappingProxyType(inside))
    told = desk.doors()
    front, store = told.doors
    assert (front.name, front.mode, front.contact, front.alarms) == ("front", "locked", "open", ("forced",))
    assert (store.reachable, store.second_factor, store.liveness) == (False, ("pin",), "challenge")
    (hall,) = told.areas
    assert hall.doors == ("front", "store")
    assert sorted(part.who.name if part.who else "?" for part in hall.inside) == ["?", "?", "Anna Weber"]


def test_hours_say_where_they_are_meant_and_who_set_them(desk: DeviceDoorsDesk) -> None:
    hours = desk.hours()
    assert hours.time_zone == "UTC"
    assert hours.schedules["office"]["mon"] == ("08:00-18:00",)
    assert hours.holidays["may"].last == "2026-05-01"
    assert hours.origins["access.schedules.office"] == "file"
    assert hours.origins["access.holidays.may"] == "page"
    assert "access.schedules.office.mon" in hours.fixed


def test_whoever_acts_is_named_as_the_audit_names_them(desk: DeviceDoorsDesk, doorman: ScriptedDoorman) -> None:
    assert desk.open("front", "olga") == 4.0
    desk.set_mode("front", Mode.NORMAL, "olga")
    desk.quiet("front", Alarm.FORCED, "olga")
    desk.reset_area("hall", "olga")
    with pytest.raises(Refused):
        desk.reset_area("attic", "olga")
    assert [told[-1] for told in doorman.told] == ["account:olga"] * 4
    assert [told[0] for told in doorman.told] == ["open", "mode", "quiet", "reset"]


@pytest.mark.parametrize(
    ("form", "verdict", "rule", "why"),
    [
        ({"door": "front", "person": "4711", "at": MONDAY}, Verdict.GRANTED, None, ""),
        (
            {"door": "front", "person": "4711", "at": MONDAY.replace(hour=19)},
            Verdict.REFUSED,
            Rule.SCHEDULE,
            "outside_hours",
        ),
        ({"door": "front", "person": "4712", "at": MONDAY}, Verdict.REFUSED, Rule.PERMITTED, "not_permitted"),
        ({"door": "front", "at": MONDAY}, Verdict.REFUSED, Rule.KNOWN, "not_recognised"),
        ({"door": "store", "person": "4712"}, Verdict.WAITS, Rule.SECOND_FACTOR, "factor_wanted"),
        ({"door": "store", "person": "4712", "factors": ("face", "pin")}, Verdict.GRANTED, None, ""),
        ({"door": "store", "person": "4712", "living": False}, Verdict.REFUSED, Rule.LIVE, "not_live"),
    ],
)
def test_the_rules_say_what_they_would_say_then(
    desk: DeviceDoorsDesk, form: dict[str, Any], verdict: Verdict, rule: Rule | None, why: str
) -> None:
    tried = desk.trial(TrialForm.model_validate(form))
    assert tried.verdict is verdict
    if rule is not None:
        assert (tried.rule, tried.why) == (rule, why)
    assert {part.rule for part in tried.rules} == set(Rule)


def test_a_trial_counts_whoever_is_inside_and_names_what_is_not_there(
    desk: DeviceDoorsDesk, doorman: ScriptedDoorman
) -> None:
    with pytest.raises(Refused, match="nobody has the ID 9"):
        desk.trial(TrialForm(door="front", person="9"))
    with pytest.raises(Refused, match="there is no door attic"):
        desk.trial(TrialForm(door="attic", person="4711"))
    assert doorman.told == []
    doorman.now = doorman.now.with_mode("front", Mode.LOCKED)
    assert desk.trial(TrialForm(door="front", person="4711", at=MONDAY)).rule is Rule.LOCKED


def test_passages_come_page_by_page_and_of_one_door(desk: DeviceDoorsDesk, tmp_path: Path) -> None:
    with closing(Outbox.open(tmp_path / "events.db", "boot", now=time.time())) as outbox:
        for number in range(12):
            door = "front" if number % 3 else "store"
            made = decision(door, Verdict.GRANTED, Rule.SCHEDULE, "in_hours", ago=1000 - number, number=10 * number)
            outbox.append([passage_of(made, opened=made.verdict is Verdict.GRANTED)])
    first = desk.passages(PassageQuery(limit=5))
    assert [one.number for one in first.passages] == [12, 11, 10, 9, 8]
    assert first.more
    last = desk.passages(PassageQuery(limit=7, before=8))
    assert ([one.number for one in last.passages], last.more) == ([7, 6, 5, 4, 3, 2, 1], False)
    assert [one.number for one in desk.passages(PassageQuery(door="store")).passages] == [10, 7, 4, 1]
    lately = datetime.fromtimestamp(time.time() - 990.5, UTC)
    assert [one.number for one in desk.passages(PassageQuery(since=lately)).passages] == [12, 11]


def test_the_zone_of_the_machine_is_found_or_left_open(tmp_path: Path) -> None:
    zone = tmp_path / "zoneinfo" / "Europe" / "Berlin"
    zone.parent.mkdir(parents=True)
    zone.touch()
    (tmp_path / "localtime").symlink_to(zone)
    assert local_zone(tmp_path / "localtime") == "Europe/Berlin"
    assert local_zone(tmp_path / "nothing") == ""


class Heard:
    def __init__(self) -> None:
        self.notes: list[tuple[Act, str, Mapping[str, Fact]]] = []

    def note(self, act: Act, *, by: str, about: Mapping[str, Fact], at: Moment | None = None) -> None:
        self.notes.append((act, by, about))


@pytest.fixture
def credentials(tmp_path: Path) -> Iterator[Credentials]:
    with closing(opened(tmp_path)) as found:
        yield found


def opened(folder: Path) -> Credentials:
    ids = iter(range(1000))
    return Credentials.open(
        folder / "access.db", bytes(32), now=time.time, new_id=lambda: uuid7(time.time(), bytes([next(ids)] * 10))
    )


def test_a_pass_is_issued_opens_what_it_says_and_is_revoked(tmp_path: Path, credentials: Credentials) -> None:
    heard = Heard()
    desk = DevicePassDesk(lambda: opened(tmp_path), lambda: loaded_of(DOCUMENT).document.access, heard)
    now = datetime.now(UTC)
    form = PassForm(name="Acme", doors=("front",), valid_from=now, valid_until=now.replace(year=now.year + 1), uses=2)
    issued = desk.issue(form, "ines")
    found = credentials.whose(Factor.QR, issued.code)
    assert isinstance(found, Pass)
    assert (found.name, found.doors, found.uses_left) == ("Acme", ("front",), 2)
    assert len({len(row) for row in issued.picture} | {len(issued.picture)}) == 1
    assert [part.name for part in desk.passes().passes] == ["Acme"]
    desk.revoke(issued.ticket.id, "ines")
    assert credentials.whose(Factor.QR, issued.code) is None
    assert [(act, by, about["change"]) for act, by, about in heard.notes] == [
        (Act.PASS, "account:ines", "issued"),
        (Act.PASS, "account:ines", "revoked"),
    ]
    assert issued.code not in str(heard.notes)
    with pytest.raises(Refused, match="not there any more"):
        desk.revoke(issued.ticket.id, "ines")
    with pytest.raises(Refused, match="store lets no visitors in"):
        desk.issue(form.model_copy(update={"doors": ("store",)}), "ines")
