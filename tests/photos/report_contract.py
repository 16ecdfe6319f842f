"""What every `Albums` does with what guests report and take back: the same tests for every store.

A module of tests makes a class of `ReportContract` and gives it a fixture `album_site`.
"""

from __future__ import annotations

import uuid

import pytest

from edged.api.albums import Albums
from edged.photos.album import PhotoEvent
from edged.photos.photo import Standing
from edged.photos.report import MOST_HIDING, MOST_REPORTS, Report, ReportReason
from edged.photos.search import Probe, Search
from tests.api.painted import MODEL, vector
from tests.hub.album_site import BY, AlbumSite, new_event, new_photo

MINE = "0f8fad5b-d9cb-469f-a165-70867728950e"
THEIRS = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


def add(albums: Albums, event: PhotoEvent, *names: str) -> tuple[str, ...]:
    """Photographs of the first person; their ids."""
    return tuple(albums.add_photo(event, new_photo(name, (1, 0)), by=BY).id for name in names)


def search(albums: Albums, event: PhotoEvent, request_id: str, photos: tuple[str, ...], who: int = 1) -> None:
    albums.finish_search(event, Search(request_id, 0.9, photos, Probe(vector(who), MODEL)), by=BY)


def photos_of(albums: Albums, event: PhotoEvent, request_id: str) -> tuple[str, ...]:
    found = albums.search(event, request_id)
    assert found is not None
    return found.photos


def standing(albums: Albums, event: PhotoEvent, photo: str) -> Standing:
    found = albums.any_photo(event, photo)
    assert found is not None
    return found.standing


class ReportContract:
    """Tests of a store."""

    @pytest.fixture
    def albums(self, album_site: AlbumSite) -> Albums:
        return album_site.albums

    @pytest.fixture
    def event(self, albums: Albums) -> PhotoEvent:
        return new_event(albums)

    # denials that are taken back

    def test_a_denial_that_is_taken_back_never_was(self, albums: Albums, event: PhotoEvent) -> None:
        photos = add(albums, event, "a", "b")
        search(albums, event, MINE, photos)
        assert albums.deny(event, MINE, photos[0], by=BY)
        assert photos_of(albums, event, MINE) == photos[1:]

        assert albums.withdraw_denial(event, MINE, photos[0], by=BY)

        assert photos_of(albums, event, MINE) == (photos[1], photos[0])
        assert {found.photo for found in albums.like(event, MODEL, vector(1), 0.5)} == set(photos)
        assert albums.tally(event).denials == 0

    def test_only_ones_own_denials_are_taken_back_and_once(self, albums: Albums, event: PhotoEvent) -> None:
        (photo,) = add(albums, event, "a")
        search(albums, event, MINE, (photo,))
        search(albums, event, THEIRS, (photo,), who=2)
        albums.deny(event, MINE, photo, by=BY)

        assert not albums.withdraw_denial(event, THEIRS, photo, by=BY)
        assert not albums.withdraw_denial(new_event(albums, "walk"), MINE, photo, by=BY)
        assert not albums.withdraw_denial(event, str(uuid.uuid4()), photo, by=BY)
        assert albums.withdraw_denial(event, MINE, photo, by=BY)
        assert not albums.withdraw_denial(event, MINE, photo, by=BY)
        assert photos_of(albums, event, MINE) == (photo,)

    # reports

    def test_what_is_reported_is_not_shown_until_somebody_has_looked(
        self, album_site: AlbumSite, albums: Albums, event: PhotoEvent
    ) -> None:
        photo, other = add(albums, event, "a", "b")
        search(albums, event, MINE, (photo, other))

        report = albums.report(event, MINE, photo, ReportReason.CHILD, by=BY)

        assert report == Report(photo, ReportReason.CHILD, album_site.clock.now, hides=True, request_id=MINE)
        assert albums.reports(event) == [report]
        assert standing(albums, event, photo) is Standing.WAITING
        assert [found.photo for found in albums.like(event, MODEL, vector(1), 0.5)] == [other]
        assert albums.photos(event, 0, 10).total == 1
        assert albums.photos(event, 0, 10, Standing.WAITING).total == 1
        assert album_site.acts()[0] == "report_photo"

    def test_one_report_of_a_photograph_and_a_search_is_kept(
        self, album_site: AlbumSite, albums: Albums, event: PhotoEvent
    ) -> None:
        (photo,) = add(albums, event, "a")
        search(albums, event, MINE, (photo,))
        first = albums.report(event, MINE, photo, ReportReason.CHILD, by=BY)
        album_site.clock.now += 1

        assert albums.report(event, MINE, photo, ReportReason.OTHER, by=BY) == first

        assert albums.reports(event) == [first]
        assert album_site.acts().count("report_photo") == 1

    def test_what_was_let_through_is_not_taken_away_again(self, albums: Albums, event: PhotoEvent) -> None:
        (photo,) = add(albums, event, "a")
        search(albums, event, MINE, (photo,))
        search(albums, event, THEIRS, (photo,))
        albums.report(event, MINE, photo, ReportReason.OTHER, by=BY)
        albums.set_standing(event, photo, Standing.SHOWN, by=BY)

        report = albums.report(event, THEIRS, photo, ReportReason.OFFENSIVE, by=BY)

        assert report is not None
        assert not report.hides
        assert standing(albums, event, photo) is Standing.SHOWN
        assert [one.request_id for one in albums.reports(event)] == [THEIRS, MINE]

    def test_whoever_reports_everything_takes_some_away_and_is_heard_no_more_in_the_end(
        self, albums: Albums, event: PhotoEvent
    ) -> None:
        photos = add(albums, event, *map(str, range(MOST_REPORTS + 2)))
        search(albums, event, MINE, photos)
        search(albums, event, THEIRS, photos)

        reports = [albums.report(event, MINE, photo, ReportReason.OTHER, by=BY) for photo in photos]

        assert [report is not None and report.hides for report in reports[:MOST_REPORTS]] == (
            [True] * MOST_HIDING + [False] * (MOST_REPORTS - MOST_HIDING)
        )
        assert reports[MOST_REPORTS:] == [None, None]
        assert albums.photos(event, 0, 10, Standing.WAITING).total == MOST_HIDING
        # Somebody else's word still counts: the photograph was not taken away by the first.
        theirs = albums.report(event, THEIRS, photos[MOST_HIDING], ReportReason.CHILD, by=BY)
        assert theirs is not None
        assert theirs.hides

    def test_only_photographs_of_ones_own_search_can_be_reported(self, albums: Albums, event: PhotoEvent) -> None:
        photo, other = add(albums, event, "a", "b")
        search(albums, event, MINE, (photo,))
        elsewhere = add(albums, new_event(albums, "walk"), "a")[0]

        for target in (other, elsewhere, str(uuid.uuid4()), "../a"):
            assert albums.report(event, MINE, target, ReportReason.OTHER, by=BY) is None
        assert albums.report(event, THEIRS, photo, ReportReason.OTHER, by=BY) is None
        assert albums.reports(event) == []
        assert standing(albums, event, other) is Standing.SHOWN

    def test_a_report_stays_when_its_guest_is_forgotten_and_nobody_knows_whose_it_was(
        self, albums: Albums, event: PhotoEvent
    ) -> None:
        (photo,) = add(albums, event, "a")
        search(albums, event, MINE, (photo,))
        albums.report(event, MINE, photo, ReportReason.PRIVATE, by=BY)

        albums.forget_guest(event, MINE, 0.5, by=BY)

        (report,) = albums.reports(event)
        assert (report.photo, report.reason, report.request_id) == (photo, ReportReason.PRIVATE, None)
        assert standing(albums, event, photo) is Standing.WAITING

    def test_reports_go_with_their_photograph_and_with_their_event(self, albums: Albums, event: PhotoEvent) -> None:
        photo, other = add(albums, event, "a", "b")
        search(albums, event, MINE, (photo, other))
        for one in (photo, other):
            albums.report(event, MINE, one, ReportReason.OTHER, by=BY)

        albums.delete_photo(photo, by=BY)
        assert [report.photo for report in albums.reports(event)] == [other]
        albums.purge_event("acme", "run", by=BY)
        assert albums.reports(event) == []
        assert albums.reports(new_event(albums)) == []
