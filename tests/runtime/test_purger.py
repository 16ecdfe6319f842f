"""Events end by the clock, by hand and after a cut; what is in memory of them goes as well."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edged.photos.album import PhotoEvent, Terms
from edged.photos.sqlite_albums import SqliteAlbums
from edged.runtime.booth import DEVICE, Hand
from edged.runtime.conditions import Conditions
from edged.runtime.event_purge import EventPurge
from edged.runtime.purger import GRACE_S, SETTLE_S, Purger, Step
from edged.runtime.state_dir import StateDir
from tests.runtime.booth_evening import HOUSE, MODEL, Evening, document_in, files_with, opened
from tests.runtime.hand_clock import HandClock

ANNA = Hand("account:anna", "Anna")


class Bench:
    def __init__(self, folder: Path) -> None:
        document = document_in(folder)
        self.state = StateDir.of(document)
        self.database = opened(self.state)
        self.clock = HandClock()
        self.database.now = lambda: self.clock.now().utc
        self.albums = SqliteAlbums(self.database, self.state.photo_files)
        self.secrets: list[bytes] = []
        self.evenings = 0
        self.work = EventPurge(self.state, document, self.database)
        self.purger = self.purger_again()

    def purger_again(self) -> Purger:
        return Purger(
            self.work,
            self.albums,
            self.state,
            forget=self.albums.forget_purged,
            clock=self.clock,
            conditions=Conditions(self.clock),
        )

    def event(self, slug: str, lasts_s: float | None = None) -> PhotoEvent:
        expires = None if lasts_s is None else self.clock.now().utc + lasts_s
        self.evenings += 1
        evening = Evening(self.albums, self.evenings)
        event = evening.event(slug, Terms(expires=expires))
        evening.whole(event, 4, 3)
        self.secrets += evening.secrets
        return self.current(slug)

    def current(self, slug: str) -> PhotoEvent:
        event = self.albums.event(HOUSE, slug)
        assert event is not None
        return event

    def rounds(self, seconds: float) -> None:
        end = self.clock.now().mono + seconds
        while self.clock.now().mono < end:
            self.purger.run_once()
            self.clock.advance(5.0)
        self.purger.run_once()

    def reports(self) -> list[str]:
        return [purge.event for purge in self.albums.purges() if purge.report]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    with closing(bench.database):
        yield bench


def test_an_event_that_has_expired_is_purged_once_it_was_seen_so_for_a_while(bench: Bench) -> None:
    short, long = bench.event("short", lasts_s=3600), bench.event("long", lasts_s=7200)
    bench.rounds(3500)
    assert bench.purger.purges_at(short) is None
    bench.rounds(200)
    assert bench.albums.event(HOUSE, "short") == short, "guests find nothing, and nothing is lost yet"
    assert bench.purger.purges_at(short) == pytest.approx(bench.clock.now().utc + GRACE_S - 100, abs=25)

    bench.rounds(GRACE_S)

    assert bench.albums.event(HOUSE, "short") is None
    assert bench.albums.event(HOUSE, "long") == long
    assert bench.reports() == [short.id]
    (purge,) = bench.albums.purges()
    assert purge.by == DEVICE.id


def test_a_clock_that_was_wrong_and_is_set_right_costs_no_event(bench: Bench) -> None:
    event = bench.event("gala", lasts_s=3600)
    now = bench.clock.now().utc
    bench.clock.set(now + 10 * 365 * 86_400)
    bench.rounds(GRACE_S - 60)
    bench.clock.set(now + 600)
    bench.rounds(GRACE_S * 2)

    assert bench.albums.event(HOUSE, "gala") == event


def test_an_expiry_that_was_put_off_in_time_is_heeded(bench: Bench) -> None:
    event = bench.event("gala", lasts_s=10)
    bench.rounds(100)
    later = replace(event.plan, terms=Terms(expires=bench.clock.now().utc + 86_400))
    bench.albums.change_event(HOUSE, "gala", later, by=ANNA)
    bench.rounds(2 * GRACE_S)

    assert bench.albums.event(HOUSE, "gala") is not None
    assert bench.albums.purges() == []


def test_a_purge_by_hand_has_its_report_within_seconds_and_says_how_far_it_is(bench: Bench) -> None:
    event = bench.event("gala")

    assert bench.purger.purge(HOUSE, "gala", by=ANNA)
    assert bench.purger.progress(event.id).step is Step.FILES
    bench.purger.run_once()
    assert bench.purger.progress(event.id).step is Step.LEFTOVERS
    assert bench.reports() == [], "somebody may be adding a photograph still"
    bench.rounds(SETTLE_S)

    assert bench.reports() == [event.id]
    assert files_with(bench.state.root, bench.secrets) == {}
    assert bench.purger.purge(HOUSE, "gala", by=ANNA) is None


def test_what_was_purged_by_another_process_and_cut_off_is_completed(bench: Bench) -> None:
    event = bench.event("gala")
    bench.work.begin(HOUSE, "gala", by=ANNA)
    bench.purger = bench.purger_again()

    bench.rounds(SETTLE_S + 5)

    assert bench.reports() == [event.id]
    assert files_with(bench.state.root, bench.secrets) == {}


def test_nothing_of_an_event_stays_in_memory_whoever_purged_it(bench: Bench) -> None:
    event = bench.event("gala")
    bench.albums.like(event, MODEL, np.ones(MODEL.dimension, np.float32), -2.0)

    def kept() -> int:
        gc.collect()
        return sum(len(faces.vectors) for faces in bench.albums._faces._kept.values())

    assert kept()
    bench.work.begin(HOUSE, "gala", by=ANNA)  # its albums are others, as another process's are
    assert kept()

    bench.purger.run_once()

    assert kept() == 0


def test_the_photographs_of_other_events_and_purges_stay_when_one_more_is_purged(bench: Bench) -> None:
    first = bench.event("first")
    bench.purger.purge(HOUSE, "first", by=ANNA)
    bench.rounds(SETTLE_S)
    second, other = bench.event("second"), bench.event("third")
    bench.purger.purge(HOUSE, "second", by=ANNA)
    bench.rounds(SETTLE_S)

    assert set(bench.reports()) == {first.id, second.id}
    assert bench.albums.event(HOUSE, "third") == other
    assert bench.albums.tally(other).photos == 4
