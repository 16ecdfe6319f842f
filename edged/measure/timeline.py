"""How fast the console's timeline and its list of people answer, with as much in them as a device holds."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from edged.domain.event import Event, Outcome, Phase
from edged.domain.identity import uuid7
from edged.domain.person import Candidate, ModelRef, Person
from edged.domain.progress import Progress
from edged.gallery.keepsakes import Keepsakes
from edged.gallery.packs import PersonKeys
from edged.gallery.people import KEEPSAKES, People
from edged.gallery.people_search import Order, PeopleQuery, PeopleReader
from edged.measure.report import Goal, Report, Table, goals_table
from edged.measure.sample_event import SAMPLE_UTC, sample_event
from edged.mqtt.event_search import EventSearch, TimelineQuery
from edged.mqtt.outbox import Outbox
from edged.vault.vault import Vault

_GOAL_MS: Final = 100.0
_PAGE: Final = 50
_ROUNDS: Final = 10
_PEOPLE: Final = 1000
_PER_VISIT: Final = 3
_AT_ONCE: Final = 500
_MODEL: Final = ModelRef("made-up", "0" * 64, 16)


@dataclass(frozen=True, slots=True)
class Answered:
    """One question, asked again and again.

    Attributes:
        question: in words; found: how many items came.
        p50_ms, worst_ms: processor time of one answer, the file in the page cache.
    """

    question: str
    found: int
    p50_ms: float
    worst_ms: float


@dataclass(frozen=True, slots=True)
class TimelineSpeed:
    """What was measured.

    Attributes:
        events: so many are kept, three a visit; people: so many are enrolled.
        append_us: processor time of accepting one event, batches of 500, microseconds; without_us: the same where
            nothing is searched.
        bytes_each: of the file, for an event; bytes_without: the same where nothing is searched.
        answers: of each question.
    """

    events: int
    people: int
    append_us: float
    without_us: float
    bytes_each: float
    bytes_without: float
    answers: tuple[Answered, ...]

    @property
    def worst_ms(self) -> float:
        """The median of the slowest question about events."""
        return max(answer.p50_ms for answer in self.answers if answer.question.startswith("events"))


def measure_timeline(events: int, people: int, progress: Progress) -> TimelineSpeed:
    """Fills a temporary folder and asks. Blocks; about a minute for 50,000 of each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        progress("keeping events that nobody searches", 0.0)
        without_us, bytes_without = _fill(folder / "plain.db", events, searched=False)
        progress("keeping events", 0.2)
        append_us, bytes_each = _fill(folder / "events.db", events, searched=True)
        with closing(EventSearch.open(folder / "events.db")) as search:
            answers = list(_ask_events(search, progress))
        progress("enrolling", 0.6)
        reader = _enrol(folder, people)
        answers += list(_ask_people(reader, progress))
    progress("done", 1.0)
    return TimelineSpeed(events, people, append_us, without_us, bytes_each, bytes_without, tuple(answers))


def timeline_report(found: TimelineSpeed) -> Report:
    """The section of the page."""
    goal = Goal(
        f"a page of {_PAGE} out of {found.events:,} events, whatever is looked for",
        f"≤ {_GOAL_MS:.0f} ms",
        f"{found.worst_ms:.0f} ms (the slowest question's median)",
        found.worst_ms <= _GOAL_MS,
    )
    rows = tuple(
        (answer.question, f"{answer.found}", f"{answer.p50_ms:.1f} ms", f"{answer.worst_ms:.1f} ms")
        for answer in found.answers
    )
    cost = (
        f"Being searched costs {found.append_us - found.without_us:.0f} µs of processor time an event"
        f" ({found.append_us:.0f} instead of {found.without_us:.0f}, batches of {_AT_ONCE}) and"
        f" {found.bytes_each - found.bytes_without:.0f} bytes ({found.bytes_each:.0f} instead of"
        f" {found.bytes_without:.0f})."
    )
    how = (
        f"Three events a visit, {_PEOPLE:,} people among them; {found.people:,} people in their list; processor time,"
        f" {_ROUNDS} times each, file in memory."
    )
    table = Table(("question", "found", "p50", "worst"), rows)
    return Report("The console's lists", (goals_table((goal,)), table, cost, how))


def _fill(path: Path, count: int, *, searched: bool) -> tuple[float, float]:
    """Microseconds of processor time and bytes, for one event."""
    with closing(Outbox.open(path, "boot", now=SAMPLE_UTC)) as outbox:
        if not searched:
            with closing(sqlite3.connect(path)) as connection:
                connection.executescript("DROP INDEX event_timeline; DROP INDEX event_visit")
        spent = 0.0
        for first in range(0, count, _AT_ONCE):
            batch = [_event(number) for number in range(first, min(first + _AT_ONCE, count))]
            begun = time.process_time()
            outbox.append(batch)
            spent += time.process_time() - begun
    return spent / count * 1e6, path.stat().st_size / count


def _event(number: int) -> Event:
    """Of visit `number // 3`; two in three are of somebody known."""
    visit = number // _PER_VISIT
    known = visit % 3 > 0
    event = sample_event(number, outcome=Outcome.KNOWN if known else Outcome.UNKNOWN, utc=SAMPLE_UTC + 20 * number)
    person = Person(_id(visit % _PEOPLE), f"k{visit % _PEOPLE}", name=f"Müller {visit % _PEOPLE}")
    return replace(
        event,
        phase=list(Phase)[number % _PER_VISIT],
        visit=_id(2**40 + visit),
        camera=f"camera-{visit % 4}",
        best=Candidate(person, event.similarity),
    )


def _id(number: int) -> str:
    return uuid7(SAMPLE_UTC, number.to_bytes(10, "big"))


def _ask_events(search: EventSearch, progress: Progress) -> Iterator[Answered]:
    questions = {
        "events: the newest": TimelineQuery(),
        "events: of one name": TimelineQuery(text="MÜLLER 77"),
        "events: of a name that everybody has": TimelineQuery(text="müller"),
        "events: of a name that nobody has": TimelineQuery(text="nobody"),
        "events: of one person": TimelineQuery(person=_id(77)),
        "events: of one camera, unknown": TimelineQuery(camera="camera-1", outcome=Outcome.UNKNOWN),
        "events: of an outcome that there is none of": TimelineQuery(outcome=Outcome.SPOOF),
        "events: of one hour, long ago": TimelineQuery(since=SAMPLE_UTC, until=SAMPLE_UTC + 3600),
    }
    for question, query in questions.items():
        progress(question, 0.5)
        yield _timed(question, lambda query=query: len(search.timeline(query, limit=_PAGE)))  # type: ignore[misc]


def _ask_people(reader: PeopleReader, progress: Progress) -> Iterator[Answered]:
    questions = {
        "people: by name": (PeopleQuery(), Order.NAME),
        "people: the newest": (PeopleQuery(), Order.NEWEST),
        "people: of one name": (PeopleQuery(text="MÜLLER 77"), Order.NAME),
        "people: of an ASCII name": (PeopleQuery(text="ller 77"), Order.NAME),
        "people: of a name that nobody has": (PeopleQuery(text="nobody"), Order.NAME),
    }
    for question, (query, order) in questions.items():
        progress(question, 0.9)
        yield _timed(question, lambda query=query, order=order: len(reader.page(query, order, limit=_PAGE).people))  # type: ignore[misc]


def _enrol(folder: Path, count: int) -> PeopleReader:
    """So many people without photographs, in one transaction: one each takes minutes."""
    seal = Vault(os.urandom(32)).seal_for("people")
    state = folder / "state"
    state.mkdir()
    vault = Vault(os.urandom(32))
    path = state / "gallery.db"
    with closing(People.open(path, vault, now=lambda: SAMPLE_UTC, new_id=lambda: _id(0))) as people:
        people.verdict()
    rows = [(_id(number), f"k{number:06}", f"Müller {number}", "staff", SAMPLE_UTC) for number in range(count)]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO people (id, customer_person_id, name, email, phone, notes, groups, enrolled_at, revision)"
            " VALUES (?, ?, ?, '', '', '', ?, ?, 1)",
            rows,
        )
    return PeopleReader(path, PersonKeys(seal), Keepsakes(state / KEEPSAKES), _MODEL)


def _timed(question: str, ask: Callable[[], int]) -> Answered:
    spans = []
    for _ in range(_ROUNDS):
        begun = time.thread_time()
        found = ask()
        spans.append((time.thread_time() - begun) * 1000)
    return Answered(question, found, float(np.median(spans)), max(spans))
