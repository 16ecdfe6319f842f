"""Looking for visits, passages and alarms among the kept records."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from edged.domain.event import Event, Outcome, Phase
from edged.domain.identity import uuid7
from edged.domain.passage import Verdict, Way
from edged.domain.person import Candidate, Person
from edged.measure.sample_event import SAMPLE_UTC, sample_event
from edged.mqtt.event_search import EVERYTHING, EventSearch, KeptVisit, TimelineQuery
from edged.mqtt.forgetting import forget_person
from edged.mqtt.outbox import Outbox
from edged.wire.event import EventRecord
from edged.wire.passage import Cause, PassageRecord, opening_of
from edged.wire.record import Kind

ZOE = Person(uuid7(SAMPLE_UTC, b"zoe-zoe-zo"), "z-7", "Zoë Östberg")
BEN = Person(uuid7(SAMPLE_UTC, b"ben-ben-be"), "4712", "Ben")


def visit(number: int, person: Person | None = None, *, camera: str = "front", stranger: str = "") -> list[Event]:
    """Two events of one visit: somebody comes and goes, `number` minutes after noon."""
    utc = SAMPLE_UTC + 60 * number
    sample = sample_event(number, outcome=Outcome.KNOWN if person else Outcome.UNKNOWN, utc=utc)
    new = replace(sample, camera=camera, best=Candidate(person or BEN, sample.similarity), stranger=stranger)
    return [new, replace(new, id=uuid7(utc + 5, number.to_bytes(10, "big")), phase=Phase.END)]


def passage(number: int, of: str = "", person: Person | None = None, **facts: object) -> PassageRecord:
    utc = SAMPLE_UTC + 60 * number + 1
    opening = opening_of(
        uuid7(utc, number.to_bytes(10, "big")), "lab", Way.IN, Cause.OPERATOR, by="anna", at=utc, config="c"
    )
    named = person and {"id": person.id, "customer_person_id": person.customer_person_id, "name": person.name}
    record = opening.model_dump(mode="json") | {"visit": of, "person": named}
    return PassageRecord.model_validate(record | ({"cause": "person", "by": ""} if of else {}) | facts)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with closing(Outbox.open(tmp_path / "events.db", "boot", now=SAMPLE_UTC)) as outbox:
        yield outbox


@pytest.fixture
def search(outbox: Outbox, tmp_path: Path) -> Iterator[EventSearch]:
    with closing(EventSearch.open(tmp_path / "events.db")) as search:
        yield search


def found(search: EventSearch, query: TimelineQuery = EVERYTHING, limit: int = 50) -> list[str]:
    """What fits: of visits the minute, of passages the verdict and the minute."""
    shown = []
    for one in search.timeline(query, limit=limit):
        record = one.newest.record if isinstance(one, KeptVisit) else one.record
        minute = (record.at.decided.timestamp() - SAMPLE_UTC) // 60
        shown.append(f"{minute:.0f}" if isinstance(record, EventRecord) else f"{minute:.0f} {record.door}")
    return shown


def test_a_visit_is_one_item_and_the_newest_comes_first(outbox: Outbox, search: EventSearch) -> None:
    outbox.append([*visit(1, ZOE), *visit(2)])
    newest, oldest = search.timeline(limit=9)
    assert isinstance(newest, KeptVisit)
    assert isinstance(oldest, KeptVisit)
    assert [step.record.type for step in oldest.steps] == [Phase.NEW, Phase.END]
    assert newest.number > oldest.number
    outbox.append([replace(visit(1, ZOE)[1], id=uuid7(1, bytes(10)))])
    assert found(search) == ["1", "2"], "a visit that goes on is new again, and there once"


def test_pages_follow_each_other_without_gap_or_repetition(outbox: Outbox, search: EventSearch) -> None:
    for number in range(25):
        outbox.append(visit(number, ZOE if number % 2 else None))
    seen: list[str] = []
    below: int | None = None
    while page := search.timeline(below=below, limit=4):
        seen += [one.newest.record.visit for one in page if isinstance(one, KeptVisit)]
        below = page[-1].number
        outbox.append(visit(100 + len(seen)))  # what comes meanwhile moves no page
    assert len(seen) == len(set(seen)) == 25
    assert seen == [visit(number)[0].visit for number in reversed(range(25))]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("zoë", ["1"]), ("ÖSTBERG", ["1"]), ("Z-7", ["1"]), ("471", ["2"]), ("bafo", ["3"]), ("%", []), ("_", [])],
)
def test_people_are_found_by_name_key_and_pseudonym_in_any_case(
    outbox: Outbox, search: EventSearch, text: str, minutes: list[str]
) -> None:
    outbox.append([*visit(1, ZOE), *visit(2, BEN), *visit(3, stranger="bafo-miru")])
    assert found(search, TimelineQuery(text=text)) == minutes, "whom the stranger resembles does not count"


def test_renamed_people_and_visits_that_were_named_are_found_too(outbox: Outbox, search: EventSearch) -> None:
    events = [*visit(1, ZOE), *visit(2), *visit(3, BEN)]
    outbox.append(events)
    query = TimelineQuery(text="heron", people=frozenset({ZOE.id}), visits=frozenset({events[2].visit}))
    assert found(search, query) == ["2", "1"]
    assert found(search, TimelineQuery(person=BEN.id)) == ["3"]
    assert search.count_of(BEN.id) == 2


def test_camera_outcome_and_time_narrow_it_down(outbox: Outbox, search: EventSearch) -> None:
    outbox.append([*visit(1, ZOE), *visit(2, camera="yard"), *visit(3, ZOE, camera="yard"), *visit(4)])
    assert found(search, TimelineQuery(camera="yard")) == ["3", "2"]
    assert found(search, TimelineQuery(camera="yard", outcome=Outcome.UNKNOWN)) == ["2"]
    since, until = SAMPLE_UTC + 120, SAMPLE_UTC + 240
    assert found(search, TimelineQuery(since=since, until=until)) == ["3", "2"]
    assert search.places() == (["front", "yard"], [])


def test_a_passage_is_part_of_its_visit_unless_it_is_asked_for(outbox: Outbox, search: EventSearch) -> None:
    events = visit(1, ZOE)
    own = passage(1, events[0].visit, ZOE, verdict="refused", why="outside_hours")
    outbox.append([*events, own, passage(2), *visit(3)])
    assert found(search) == ["3", "2 lab", "1"]
    assert found(search, TimelineQuery(kind=Kind.PASSAGE)) == ["2 lab", "1 lab"]
    assert found(search, TimelineQuery(verdict=Verdict.REFUSED)) == ["1 lab"]
    assert found(search, TimelineQuery(text="zoë")) == ["1 lab", "1"]
    assert found(search, TimelineQuery(text="anna")) == ["2 lab"], "whoever opened it by hand"
    assert found(search, TimelineQuery(door="lab", kind=Kind.EVENT)) == []
    assert [stored.record.id for stored in search.passages_of(events[0].visit)] == [own.id]


def test_whoever_is_forgotten_is_not_found_any_more(outbox: Outbox, search: EventSearch, tmp_path: Path) -> None:
    outbox.append([*visit(1, ZOE), passage(2, person=ZOE)])
    forget_person(tmp_path / "events.db", ZOE.id)
    assert search.count_of(ZOE.id) == 0
    for text in (ZOE.name, ZOE.customer_person_id):
        assert found(search, TimelineQuery(text=text)) == []
    outbox.close()
    with closing(sqlite3.connect(tmp_path / "events.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert "Östberg".encode() not in (tmp_path / "events.db").read_bytes()


def test_a_file_of_an_older_edged_is_searched_after_it_was_opened(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(Outbox.open(path, "boot", now=SAMPLE_UTC)) as outbox:
        outbox.append(visit(1, ZOE))
    columns = ("visit", "camera", "outcome", "door", "verdict", "who")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("DROP INDEX event_timeline; DROP INDEX event_visit")
        connection.executescript(";".join(f"ALTER TABLE event DROP COLUMN {name}" for name in columns))
    with closing(Outbox.open(path, "later", now=SAMPLE_UTC)), closing(EventSearch.open(path)) as search:
        assert found(search, TimelineQuery(text="zoë")) == ["1"]
