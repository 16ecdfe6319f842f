"""What every `AlbumFeed` tells and takes, sentence by sentence of `edged.photos.feed`: the same tests for every store.

A module of tests makes a class of `FeedContract` and gives it a fixture `stores`: two of them, each empty.
"""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from edged.domain.errors import Refused
from edged.photos.album import PhotoEvent
from edged.photos.kept import ChangeKind
from edged.photos.photo import PhotoKind, Standing
from edged.photos.report import ReportReason
from edged.photos.search import Probe, Search
from tests.api.painted import MODEL, vector
from tests.hub.album_site import BY, new_event, new_photo
from tests.photos.with_stores import REQUEST, THEM, Store, WithStores, files_of, kept, photo_of, told


class FeedContract(WithStores):
    """Tests of two stores."""

    def test_each_thing_is_told_once_by_its_latest_change(self, here: Store, event: PhotoEvent) -> None:
        first = here.albums.add_photo(event, new_photo("a", (1, 0)), by=BY)
        second = here.albums.add_photo(event, new_photo("b"), by=BY)
        here.albums.set_standing(event, first.id, Standing.HIDDEN, by=BY)

        reached, changes = here.feed.changes("acme", 0, 1000)

        assert [(change.kind, change.id) for change in changes] == [
            (ChangeKind.EVENT, event.id),
            (ChangeKind.PHOTO, second.id),
            (ChangeKind.PHOTO, first.id),
        ]
        assert {change.event for change in changes} == {event.id}
        assert here.feed.changes("acme", reached, 1000) == (reached, [])
        assert here.feed.changes("nobody", 0, 1000)[1] == []

    def test_whatever_changes_is_told(self, here: Store, event: PhotoEvent) -> None:
        albums, reached = here.albums, here.feed.changes("acme", 0, 1000)[0]

        def heard() -> list[tuple[ChangeKind, str]]:
            nonlocal reached
            reached, changes = here.feed.changes("acme", reached, 1000)
            return [(change.kind, change.id) for change in changes]

        first = albums.add_photo(event, new_photo("a", (1, 0)), by=BY).id
        second = albums.add_photo(event, new_photo("b", (1, 1)), by=BY).id
        assert heard() == [(ChangeKind.PHOTO, first), (ChangeKind.PHOTO, second)]
        albums.begin_search(event, REQUEST)
        assert heard() == []
        found = Search(REQUEST, 0.9, (first, second), Probe(vector(1), MODEL))
        searched, shown = [(ChangeKind.SEARCH, REQUEST)], [(ChangeKind.PHOTO, first)]
        for change, expected in (
            (lambda: albums.finish_search(event, found, by=BY), searched),
            (lambda: albums.renew_search(event, found, by=BY), searched),
            (lambda: albums.deny(event, REQUEST, first, by=BY), searched),
            (lambda: albums.withdraw_denial(event, REQUEST, first, by=BY), searched),
            (lambda: albums.withdraw_denial(event, REQUEST, first, by=BY), []),
            (lambda: albums.report(event, REQUEST, first, ReportReason.OTHER, by=BY), shown),
            (lambda: albums.set_standing(event, first, Standing.SHOWN, by=BY), shown),
            (lambda: albums.report(event, REQUEST, first, ReportReason.OTHER, by=BY), []),
            (lambda: albums.close_event("acme", "run", closed=True, by=BY), [(ChangeKind.EVENT, event.id)]),
            (lambda: albums.change_event("acme", "run", event.plan, by=BY), [(ChangeKind.EVENT, event.id)]),
            (lambda: albums.delete_photo(second, by=BY), [(ChangeKind.PHOTO, second)]),
            (lambda: albums.forget_guest(event, REQUEST, 0.5, by=BY), shown + searched),
            (lambda: albums.forget_guest(event, REQUEST, 0.5, by=BY), []),
            (lambda: albums.purge_event("acme", "run", by=BY), [(ChangeKind.EVENT, event.id)]),
        ):
            change()
            assert heard() == expected

    def test_a_guest_who_was_forgotten_elsewhere_is_not_known_by_their_reports(
        self, here: Store, event: PhotoEvent
    ) -> None:
        photo = here.albums.add_photo(event, new_photo("a", (1, 0)), by=BY).id
        here.albums.finish_search(event, Search(REQUEST, 0.9, (photo,), Probe(vector(1), MODEL)), by=BY)
        here.albums.report(event, REQUEST, photo, ReportReason.CHILD, by=BY)

        here.feed.remove_search(event, REQUEST, by=THEM)

        assert [report.request_id for report in here.albums.reports(event)] == [None]

    def test_a_reader_goes_on_where_it_was_and_is_not_told_its_own(self, here: Store, event: PhotoEvent) -> None:
        for name in "abc":
            here.albums.add_photo(event, new_photo(name), by=THEM)

        reached, changes = here.feed.changes("acme", 0, 2, but=THEM.id)
        assert [change.kind for change in changes] == [ChangeKind.EVENT]
        reached, changes = here.feed.changes("acme", reached, 2, but=THEM.id)
        assert changes == []
        here.albums.add_photo(event, new_photo("d"), by=BY)
        assert len(here.feed.changes("acme", reached, 1000, but=THEM.id)[1]) == 1

    def test_what_was_done_by_nobody_who_is_known_is_told_to_everybody(self, here: Store, event: PhotoEvent) -> None:
        photo = here.albums.add_photo(event, new_photo("a"), by=replace(BY, id=""))
        assert told(here) == told(here, but=THEM.id) == [(ChangeKind.EVENT, event.id), (ChangeKind.PHOTO, photo.id)]

    def test_whoever_reads_while_many_write_misses_nothing(self, here: Store, event: PhotoEvent) -> None:
        events = [event, new_event(here.albums, "walk")]
        added: list[str] = []

        def write(who: int) -> None:
            for at in range(12):
                photo = here.albums.add_photo(events[at % 2], new_photo(f"{who} {at}", (who, at)), by=BY)
                added.append(photo.id)
                if at % 3 == 0:
                    here.albums.set_standing(events[at % 2], photo.id, Standing.HIDDEN, by=BY)

        writers = [threading.Thread(target=write, args=(who,)) for who in range(1, 5)]
        for writer in writers:
            writer.start()
        reached, read = 0, set[str]()
        while any(writer.is_alive() for writer in writers):
            reached, changes = here.feed.changes("acme", reached, 3)
            read.update(change.id for change in changes)
        read.update(change.id for change in here.feed.changes("acme", reached, 1000)[1])

        assert len(added) == 48
        assert read == {*added, *(one.id for one in events)}

    def test_an_event_is_the_same_in_both(self, here: Store, there: Store, event: PhotoEvent) -> None:
        here.albums.close_event("acme", "run", closed=True, by=BY)
        plan = replace(event.plan, terms=replace(event.plan.terms, consent="Yes?", expires=1_900_000_000.0))
        changed = here.albums.change_event("acme", "run", plan, by=BY)
        assert changed is not None

        taken = there.feed.take_event("acme", kept(changed, 2), by=THEM)

        assert replace(taken, created=changed.created) == changed
        assert there.feed.event_by_id(event.id) == taken
        before = told(there)
        assert there.feed.take_event("acme", kept(changed, 2), by=THEM) == taken
        assert told(there) == before

    def test_a_purged_event_is_not_taken_again(self, here: Store, there: Store, event: PhotoEvent) -> None:
        there.feed.take_event("acme", kept(event), by=THEM)
        there.albums.purge_event("acme", "run", by=BY)

        assert there.feed.is_purged(event.id)
        assert not here.feed.is_purged(event.id)
        assert told(there) == [(ChangeKind.EVENT, event.id)]
        with pytest.raises(Refused) as refusal:
            there.feed.take_event("acme", kept(event), by=THEM)
        assert refusal.value.reason == "purged"

    def test_a_photograph_is_found_and_shown_in_both(self, here: Store, there: Store, event: PhotoEvent) -> None:
        photo = here.albums.add_photo(event, new_photo("a", (1, 0), (2, 0), taken=5.0), by=BY)
        twin = there.feed.take_event("acme", kept(event), by=THEM)
        assert there.feed.missing_files(twin, photo.id, original=True) == ["original", "preview", "thumbnail"]

        there.feed.take_photo(twin, photo_of(here, event, photo.id), files_of(here, photo.id), by=THEM)

        assert there.albums.photos(twin, 0, 10).photos == (photo,)
        assert [found.photo for found in there.albums.like(twin, MODEL, vector(2), 0.5)] == [photo.id]
        assert files_of(there, photo.id) == files_of(here, photo.id)
        assert there.feed.missing_files(twin, photo.id, original=True) == []
        assert there.albums.add_photo(twin, new_photo("a", (1, 0)), by=BY) == photo
        assert (ChangeKind.PHOTO, photo.id) not in told(there, but=THEM.id)

    def test_an_original_may_come_later_or_never(self, here: Store, there: Store, event: PhotoEvent) -> None:
        photo = here.albums.add_photo(event, new_photo("a"), by=BY)
        twin = there.feed.take_event("acme", kept(event), by=THEM)
        record = photo_of(here, event, photo.id)
        small = files_of(here, photo.id, PhotoKind.PREVIEW, PhotoKind.THUMBNAIL)

        there.feed.take_photo(twin, record, small, by=THEM)

        assert there.feed.missing_files(twin, photo.id, original=True) == ["original"]
        assert there.feed.missing_files(twin, photo.id, original=False) == []
        shown = there.albums.content(photo.id, PhotoKind.ORIGINAL)
        assert shown is not None
        assert shown.content == dict(small)["preview"]
        there.feed.take_photo(twin, record, files_of(here, photo.id, PhotoKind.ORIGINAL), by=THEM)
        assert files_of(there, photo.id) == files_of(here, photo.id)

    def test_how_a_photograph_stands_and_which_faces_are_gone_is_taken_over(
        self, here: Store, there: Store, event: PhotoEvent
    ) -> None:
        photo = here.albums.add_photo(event, new_photo("a", (1, 0)), by=BY)
        twin = there.feed.take_event("acme", kept(event), by=THEM)
        there.feed.take_photo(twin, photo_of(here, event, photo.id), files_of(here, photo.id), by=THEM)
        with_face = photo_of(here, event, photo.id)
        here.albums.finish_search(event, Search(REQUEST, 0.9, (photo.id,), Probe(vector(1), MODEL)), by=BY)
        here.albums.forget_guest(event, REQUEST, 0.5, by=BY)
        here.albums.set_standing(event, photo.id, Standing.WAITING, by=BY)

        there.feed.take_photo(twin, photo_of(here, event, photo.id), (), by=THEM)

        assert there.albums.photos(twin, 0, 10).total == 0
        assert there.albums.photos(twin, 0, 10, Standing.WAITING).total == 1
        assert there.albums.faces(twin) == 0
        here.feed.take_photo(event, with_face, (), by=THEM)
        assert here.albums.faces(event) == 0  # a face that was taken out does not come back

    def test_a_search_answers_the_same_in_both(self, here: Store, there: Store, event: PhotoEvent) -> None:
        photo = here.albums.add_photo(event, new_photo("a", (1, 0)), by=BY)
        other = here.albums.add_photo(event, new_photo("b", (1, 1)), by=BY)
        search = Search(REQUEST, 0.9, (photo.id, other.id), Probe(vector(1), MODEL), consent=2)
        here.albums.finish_search(event, search, by=BY)
        here.albums.deny(event, REQUEST, other.id, by=BY)
        twin = there.feed.take_event("acme", kept(event), by=THEM)
        for one in (photo, other):
            there.feed.take_photo(twin, photo_of(here, event, one.id), files_of(here, one.id), by=THEM)
        record = here.feed.kept_search(event, REQUEST)
        assert record is not None

        there.feed.take_search(twin, record, by=THEM)

        assert there.albums.search(twin, REQUEST) == here.albums.search(event, REQUEST)
        assert [found.photo for found in there.albums.like(twin, MODEL, vector(1), 0.5)] == [photo.id]
        assert there.feed.kept_search(twin, REQUEST) is not None
        assert there.feed.remove_search(twin, REQUEST, by=THEM)
        assert not there.feed.remove_search(twin, REQUEST, by=THEM)
        assert there.albums.search(twin, REQUEST) is None

    def test_what_a_guest_says_of_a_photograph_later_is_known_in_both(
        self, here: Store, there: Store, event: PhotoEvent
    ) -> None:
        photo = here.albums.add_photo(event, new_photo("a", (1, 0)), by=BY)
        twin = there.feed.take_event("acme", kept(event), by=THEM)
        there.feed.take_photo(twin, photo_of(here, event, photo.id), files_of(here, photo.id), by=THEM)
        here.albums.finish_search(event, Search(REQUEST, 0.9, (photo.id,), Probe(vector(1), MODEL)), by=BY)

        def told_there() -> tuple[str, ...]:
            record = here.feed.kept_search(event, REQUEST)
            assert record is not None
            there.feed.take_search(twin, record, by=THEM)
            search = there.albums.search(twin, REQUEST)
            assert search is not None
            return search.photos

        assert told_there() == (photo.id,)
        here.albums.deny(event, REQUEST, photo.id, by=BY)
        assert told_there() == ()
        assert there.albums.like(twin, MODEL, vector(1), 0.5) == []
        here.albums.withdraw_denial(event, REQUEST, photo.id, by=BY)
        assert told_there() == (photo.id,)
        assert [found.photo for found in there.albums.like(twin, MODEL, vector(1), 0.5)] == [photo.id]

    def test_what_a_guest_denied_stays_where_the_other_store_has_the_photograph_no_more(
        self, here: Store, there: Store, event: PhotoEvent
    ) -> None:
        photo, other = (here.albums.add_photo(event, new_photo(name, (1, 0)), by=BY) for name in "ab")
        twin = there.feed.take_event("acme", kept(event), by=THEM)
        for one in (photo, other):
            there.feed.take_photo(twin, photo_of(here, event, one.id), files_of(here, one.id), by=THEM)
        here.albums.finish_search(event, Search(REQUEST, 0.9, (photo.id, other.id), Probe(vector(1), MODEL)), by=BY)
        here.albums.deny(event, REQUEST, photo.id, by=BY)
        record = here.feed.kept_search(event, REQUEST)
        assert record is not None
        there.feed.take_search(twin, record, by=THEM)

        there.feed.take_search(twin, replace(record, denied=(), renewals=record.renewals + 1), by=THEM)

        assert [found.photo for found in there.albums.like(twin, MODEL, vector(1), 0.5)] == [other.id]

    def test_of_two_searches_of_one_id_the_first_holds_and_one_done_again_above_it(
        self, here: Store, there: Store, event: PhotoEvent
    ) -> None:
        twin = there.feed.take_event("acme", kept(event), by=THEM)
        here.albums.finish_search(event, Search(REQUEST, 0.9, (), Probe(vector(1), MODEL)), by=BY)
        there.clock.now += 5
        there.albums.finish_search(twin, Search(REQUEST, 0.8, (), Probe(vector(2), MODEL)), by=BY)

        def exchange() -> tuple[float, float]:
            ours, theirs = here.feed.kept_search(event, REQUEST), there.feed.kept_search(twin, REQUEST)
            assert ours is not None
            assert theirs is not None
            here.feed.take_search(event, theirs, by=THEM)
            there.feed.take_search(twin, ours, by=THEM)
            now_here, now_there = here.albums.search(event, REQUEST), there.albums.search(twin, REQUEST)
            assert now_here is not None
            assert now_there is not None
            return now_here.confidence, now_there.confidence

        assert exchange() == (0.9, 0.9)
        there.albums.renew_search(twin, Search(REQUEST, 0.7, ()), by=BY)
        assert exchange() == (0.7, 0.7)
