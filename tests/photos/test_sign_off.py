"""The figures of an evening, over a real store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from edged.photos.album import PhotoEvent, Terms
from edged.photos.photo import Source, Standing
from edged.photos.report import ReportReason
from edged.photos.sign_off import sign_off
from edged.photos.sqlite_albums import SqliteAlbums
from edged.runtime.booth import DEVICE
from edged.runtime.state_dir import StateDir
from tests.hub.album_site import Clock
from tests.runtime.booth_evening import HOUSE, Evening, document_in, opened

ZONE = timezone(timedelta(hours=5, minutes=30))


class Bench:
    def __init__(self, albums: SqliteAlbums, clock: Clock) -> None:
        self.albums, self.clock = albums, clock
        self.evening = Evening(albums, 1)
        self.event = self.evening.event("gala", Terms(consent="One", closes=clock.now + 7200, expires=clock.now + 9e4))

    def current(self) -> PhotoEvent:
        event = self.albums.event(HOUSE, "gala")
        assert event is not None
        return event


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    state, clock = StateDir.of(document_in(tmp_path)), Clock()
    with closing(opened(state)) as database:
        database.now = clock
        yield Bench(SqliteAlbums(database, state.photo_files), clock)


def test_photographs_are_told_by_source_standing_and_hour_of_the_place(bench: Bench) -> None:
    """1,800,000,000 is 08:00 UTC on 15 January 2027: 13:30 there."""
    first = bench.evening.photograph(bench.event, 2)
    bench.evening.photograph(bench.event, 0, Source.UPLOAD)
    bench.clock.now += 1801
    bench.evening.photograph(bench.event, 4, Source.UPLOAD)
    request = bench.evening.search(bench.event, 3)
    bench.albums.report(bench.event, request, bench.evening.photos[1], ReportReason.CHILD, by=DEVICE)
    bench.albums.set_standing(bench.event, bench.evening.photos[1], Standing.SHOWN, by=DEVICE)
    bench.albums.set_standing(bench.event, first, Standing.HIDDEN, by=DEVICE)

    report = sign_off(bench.albums, bench.current(), bench.clock.now, device="booth-1", zone=ZONE)

    assert report["photographs"] == {
        "came_in": 3,
        "by_source": {"camera": 1, "upload": 2},
        "by_hour": [
            {"hour": "2027-01-15T13:00:00+05:30", "photographs": 2},
            {"hour": "2027-01-15T14:00:00+05:30", "photographs": 1},
        ],
        "shown": 2,
        "waiting": 0,
        "hidden": 1,
        "reported": 1,
        "bytes": 3 * 6004,
    }
    assert report["faces"] == 6
    assert report["state"] == "open"
    assert report["times"]["closes"] == "2027-01-15T10:00:00Z"


def test_guests_are_counted_and_each_version_of_the_consent_with_its_searches(bench: Bench) -> None:
    for _ in range(4):
        bench.evening.photograph(bench.event)
    for found in (1, 2, 4):
        bench.evening.search(bench.event, found, consent=1)
    plan = bench.current().plan
    bench.albums.change_event(HOUSE, "gala", replace(plan, terms=replace(plan.terms, consent="Two")), by=DEVICE)
    bench.evening.search(bench.event, 4, consent=2)
    bench.evening.search(bench.event, 4, consent=None)
    bench.albums.deny(bench.event, bench.evening.requests[2], bench.evening.photos[-1], by=DEVICE)

    report = sign_off(bench.albums, bench.current(), bench.clock.now, device="booth-1", zone=ZONE, refused={"cut": 2})

    assert report["guests"] == {
        "searches": 5,
        "with_a_face": 5,
        "found_something": 5,
        "photographs_median": 3.0,
        "not_me": 1,
        "forgotten": 0,
        "selfies_kept": 0,
    }
    assert report["consent"] == {
        "text": "Two",
        "version": 2,
        "searches": [
            {"version": None, "searches": 1},
            {"version": 1, "searches": 3},
            {"version": 2, "searches": 1},
        ],
    }
    assert report["refused"] == {"cut": 2}


def test_an_event_in_which_nothing_happened_has_a_report_as_well(bench: Bench) -> None:
    report = sign_off(bench.albums, bench.event, bench.clock.now + 8000, device="booth-1", zone=ZONE)

    assert report["photographs"]["by_hour"] == []
    assert report["guests"]["photographs_median"] is None
    assert report["state"] == "closed"
