"""The keeper: what it was handed is on the disk, whatever the disk says first."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edged.config.document import Document, GallerySettings
from edged.domain.curve import Curve
from edged.domain.errors import Unavailable
from edged.domain.event import BestShot, Event, Outcome, Phase
from edged.domain.frame import Moment
from edged.domain.identity import uuid7
from edged.domain.person import Candidate, ModelRef, Person, Template
from edged.gallery.build import build
from edged.gallery.gallery import Gallery
from edged.gallery.shots import ShotStore
from edged.mqtt.outbox import Outbox
from edged.mqtt.outbox_reader import OutboxReader
from edged.runtime.alarm import Alarm
from edged.runtime.conditions import Conditions
from edged.runtime.keeper import Keeper
from edged.runtime.stop import Stop
from edged.vault.vault import Vault
from edged.wire.event import EventRecord
from tests.runtime.hand_clock import HandClock

MODEL = ModelRef("toy", "0" * 64, 8)
VAULT = Vault(bytes(32))
CURVE = Curve(((1e-2, 0.5), (1e-3, 0.6)), 30.0, -15.0)
CLOCK = HandClock()
NOW = CLOCK.now()


def new_id() -> str:
    return uuid7(NOW.utc, os.urandom(10))


def event(shot: BestShot | None = None) -> Event:
    return Event(
        id=new_id(),
        phase=Phase.NEW,
        outcome=Outcome.UNKNOWN,
        camera="door",
        track=1,
        visit=new_id(),
        best=None,
        similarity=0.0,
        confidence=0.0,
        margin=0.0,
        threshold=0.4,
        frames=3,
        quality=None,
        box=None,
        captured=NOW,
        decided=NOW,
        model=MODEL.digest,
        index=0,
        config="c",
        shot=shot,
    )


class Stubborn:
    """The real outbox, behind a disk that refuses as often as the test says."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.refusals = 0

    def append(self, events: Sequence[Event]) -> tuple[int, ...]:
        if self.refusals:
            self.refusals -= 1
            raise Unavailable("the disk is full", "Free space")
        return self._outbox.append(events)

    def __getattr__(self, name: str) -> object:
        return getattr(self._outbox, name)


class Bench:
    def __init__(self, folder: Path, clock: HandClock = CLOCK, settings: GallerySettings | None = None) -> None:
        self.folder = folder
        self.settings = settings or GallerySettings()
        self.conditions = Conditions(clock)
        self.outbox = Stubborn(Outbox.open(folder / "events.db", "boot", now=NOW.utc))
        self.gallery = self.open_gallery()
        self.shots = ShotStore(folder / "shots", VAULT.seal_for("shots"))
        self.changes = 0
        self.keeper = Keeper(
            self.outbox,  # type: ignore[arg-type]  # it is one, but for the refusals
            self.gallery,
            self.shots,
            Document(),
            curve=CURVE,
            clock=clock,
            conditions=self.conditions,
            changed=self.note_change,
            alarm=Alarm(Stop()),
        )

    def note_change(self) -> None:
        self.changes += 1

    def open_gallery(self) -> Gallery:
        path = self.folder / "gallery.db"
        return Gallery.open(path, self.settings, MODEL, VAULT, now=lambda: NOW.utc, new_id=new_id)

    @contextmanager
    def running(self, stop: Stop) -> Iterator[None]:
        """The keeper's thread, until the block ends; everything is closed then."""
        thread = threading.Thread(target=self.keeper.run, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def stored(self) -> list[str]:
        return [record.id for record in self.records()]

    def records(self) -> list[EventRecord]:
        reader = OutboxReader.open(self.folder / "events.db")
        try:
            return [item.record for item in reversed(reader.recent(100))]
        finally:
            reader.close()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_events_are_on_the_disk_in_order_after_one_round(bench: Bench) -> None:
    events = [event() for _ in range(5)]
    bench.keeper.keep(tuple(events[:2]))
    bench.keeper.keep(tuple(events[2:]))
    bench.keeper.run_once(0)
    assert bench.stored() == [item.id for item in events]
    assert bench.changes == 1, "whoever sends them is told, once for the batch"


def test_what_the_disk_refuses_is_held_named_and_written_later_in_order(bench: Bench) -> None:
    bench.outbox.refusals = 3
    first, second = event(), event()
    bench.keeper.keep((first,))
    bench.keeper.run_once(0)
    assert [item.name for item in bench.conditions.current()] == ["outbox"]
    bench.keeper.keep((second,))
    bench.keeper.run_once(0)
    assert bench.stored() == []
    bench.keeper.run_once(0)
    bench.keeper.run_once(0)
    assert bench.stored() == [first.id, second.id]
    assert bench.conditions.current() == ()


def test_a_full_disk_for_pictures_does_not_lose_the_event(bench: Bench) -> None:
    picture = np.zeros((8, 8, 3), np.uint8)
    kept = event(BestShot((picture,), picture, Moment(0, 0)))
    (bench.folder / "shots" / "others").rmdir()
    (bench.folder / "shots" / "others").write_text("in the way")
    bench.keeper.keep((kept,))
    bench.keeper.run_once(0)
    assert bench.stored() == [kept.id]
    assert [item.name for item in bench.conditions.current()] == ["shots"]


def test_stopping_writes_what_still_waits(bench: Bench) -> None:
    stop = Stop()
    stop.set()
    last = event()
    bench.keeper.keep((last,))
    bench.keeper.run(stop)
    assert bench.stored() == [last.id]
    with pytest.raises(sqlite3.ProgrammingError):
        bench.outbox.append([event()])  # it is closed


def test_whom_another_process_enrols_is_found_after_the_next_round(bench: Bench) -> None:
    vector = np.eye(8, dtype=np.float32)[0]
    other = bench.open_gallery()
    other.enroll(Person("", "4711", "Anna"), [Template(vector, 1.0, "a" * 64)])
    assert bench.gallery.snapshot().persons == 0
    bench.keeper.run_once(0)
    (found,) = bench.gallery.snapshot().nearest(vector[None])
    assert found[0].person.customer_person_id == "4711"
    other.delete("4711")
    other.close()
    bench.keeper.run_once(0)
    assert bench.gallery.snapshot().nearest(vector[None]) == ((),)


def test_whom_an_errand_deletes_is_named_by_no_event_that_is_stored_after_it(bench: Bench) -> None:
    vector = np.eye(8, dtype=np.float32)[0]
    anna = bench.gallery.enroll(Person("", "4711", "Anna"), [Template(vector, 1.0, "a" * 64)])
    known = replace(event(), outcome=Outcome.KNOWN, best=Candidate(anna, 0.9))
    bench.keeper.ask(lambda gallery: gallery.delete("4711"))
    bench.keeper.run_once(0)
    bench.keeper.keep((known,))
    bench.keeper.run_once(0)
    (record,) = bench.records()
    assert (record.id, record.best) == (known.id, None)


def test_look_alikes_are_known_a_moment_after_the_gallery_has_changed(bench: Bench) -> None:
    face = np.eye(8, dtype=np.float32)[0]
    twin = np.array([0.9, *np.sqrt([1 - 0.9**2]), *[0] * 6], np.float32)
    anna = bench.gallery.enroll(Person("", "4711"), [Template(face, 1.0, "a" * 64)])
    ben = bench.gallery.enroll(Person("", "4712"), [Template(twin, 1.0, "b" * 64)])
    _rounds_until(bench, lambda: bool(bench.gallery.snapshot().survey.look_alikes))
    assert bench.gallery.snapshot().survey.like(anna.id) == {ben.id: pytest.approx(0.9)}

    bench.gallery.delete("4712")
    bench.keeper.run_once(0)
    assert bench.gallery.snapshot().survey.like(anna.id), "a gallery that still changes is not looked at each time"
    CLOCK.advance(5)
    _rounds_until(bench, lambda: not bench.gallery.snapshot().survey.look_alikes)


def _rounds_until(bench: Bench, done: Callable[[], bool]) -> None:
    """The surveyor has a thread of its own, so that it takes as many rounds as it takes."""
    deadline = time.monotonic() + 20
    while not done():
        assert time.monotonic() < deadline
        bench.keeper.run_once(0.01)


def test_a_new_index_after_a_deletion_waits_for_further_ones_but_not_long(tmp_path: Path) -> None:
    clock = HandClock()
    bench = Bench(tmp_path, clock, GallerySettings(exact_below=5))
    vectors = np.eye(8, dtype=np.float32)
    for person, vector in enumerate(vectors):
        bench.gallery.enroll(Person("", str(person)), [Template(vector, 1.0, f"{person:064x}")])
    bench.gallery.adopt(build(bench.gallery.begin_build(), timer=lambda: 0.0))
    bench.gallery.delete("0")
    for _ in range(3):
        bench.keeper.run_once(0)
        clock.sleep(5.0)
    bench.gallery.delete("1")
    bench.keeper.run_once(0)
    assert bench.gallery.needs_rebuild
    assert "index-builder" not in {thread.name for thread in threading.enumerate()}

    clock.sleep(5.0)
    bench.keeper.run_once(0)
    builders = [thread for thread in threading.enumerate() if thread.name == "index-builder"]
    for thread in builders:
        thread.join(30)
    bench.keeper.run_once(0)

    assert bench.gallery.snapshot().roll.matrix.count == 6
    bench.gallery.close()
