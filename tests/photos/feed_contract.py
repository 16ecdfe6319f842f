"""What every `AlbumFeed` does, sentence by sentence of `edged.photos.feed`: the same tests for every store.

A module of tests makes a class of `FeedContract` and gives it a fixture `stores`: two of them, each empty.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from edged.api.albums import Albums
from edged.domain.errors import Refused
from edged.domain.person import ModelRef
from edged.photos.album import PhotoEvent, PhotoFace, PhotoKind, Probe, Search, Standing
from edged.photos.feed import AlbumFeed
from edged.photos.kept import ChangeKind, KeptEvent, KeptPhoto, KeptSearch
from edged.photos.photo_files import PhotoFolder
from edged.photos.report import ReportReason
from tests.api.painted import MODEL, vector
from tests.hub.album_site import BY, Clock, new_event, new_photo

REQUEST = "0f8fad5b-d9cb-469f-a165-70867728950e"
THEM = replace(BY, id="the other one")


class InterruptedFolder(PhotoFolder):
    """Lets something else happen before the next file is put."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.first: list[Callable[[], object]] = []

    def put(self, digest: str, content: bytes) -> None:
        while self.first:
            self.first.pop()()
        super().put(digest, content)


@dataclass(frozen=True, slots=True)
class Store:
    """One of two."""

    albums: Albums
    feed: AlbumFeed
    clock: Clock
    files: InterruptedFolder


def kept(event: PhotoEvent) -> KeptEvent:
    return KeptEvent(event.id, event.slug, event.plan, event.closed, event.consent_version)


def files_of(store: Store, photo: str, *kinds: PhotoKind) -> list[tuple[str, bytes]]:
    found = [(kind, store.albums.content(photo, kind)) for kind in kinds or PhotoKind]
    return [(kind.value, file.content) for kind, file in found if file]


def photo_of(store: Store, event: PhotoEvent, photo: str) -> KeptPhoto:
    found = store.feed.photo(event, photo)
    assert found is not None
    return found


def told(store: Store, but: str = "") -> list[tuple[ChangeKind, str]]:
    _reached, changes = store.feed.changes("acme", 0, 1000, but=but)
    return [(change.kind, change.id) for change in changes]


class FeedContract:
    """Tests of two stores."""

    @pytest.fixture
    def here(self, stores: tuple[Store, Store]) -> Store:
        return stores[0]

    @pytest.fixture
    def there(self, stores: tuple[Store, Store]) -> Store:
        stores[1].albums.create_organisation("acme", "Acme", by=BY)
        return stores[1]

    @pytest.fixture
    def event(self, here: Store) -> PhotoEvent:
        return new_event(here.albums)

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
        for change, told in (
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
            assert heard() == told

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

        taken = there.feed.take_event("acme", kept(changed), by=THEM)

        assert replace(taken, created=changed.created) == changed
        assert there.feed.event_by_id(event.id) == taken
        before = told(there)
        assert there.feed.take_event("acme", kept(changed), by=THEM) == taken
        assert told(there) == before

    def test_another_event_of_the_same_name_stands_in_the_way(
        self, here: Store, there: Store, event: PhotoEvent
    ) -> None:
        new_event(there.albums)
        with pytest.raises(Refused) as refusal:
            there.feed.take_event("acme", kept(event), by=THEM)
        assert refusal.value.reason == "taken"

    def test_an_event_does_not_take_the_name_of_another_that_is_there(
        self, here: Store, there: Store, event: PhotoEvent
    ) -> None:
        there.feed.take_event("acme", kept(event), by=THEM)
        walk = new_event(there.albums, "walk")

        with pytest.raises(Refused) as refusal:
            there.feed.take_event("acme", replace(kept(event), slug="walk"), by=THEM)
        assert refusal.value.reason == "taken"
        assert there.feed.event_by_id(walk.id) == walk
        assert there.feed.take_event("acme", replace(kept(event), slug="jog"), by=THEM).slug == "jog"
        assert there.albums.event("acme", "run") is None

    def test_an_event_of_another_organisation_is_not_changed(
        self, here: Store, there: Store, event: PhotoEvent
    ) -> None:
        taken = there.feed.take_event("acme", kept(event), by=THEM)
        there.albums.create_organisation("zoo", "Zoo", by=BY)

        with pytest.raises(Refused) as refusal:
            there.feed.take_event("zoo", replace(kept(event), closed=1.0), by=THEM)

        assert refusal.value.reason == "taken"
        assert there.feed.event_by_id(event.id) == taken

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

    def test_what_is_not_whole_or_not_what_it_is_said_to_be_is_refused(
        self, here: Store, there: Store, event: PhotoEvent
    ) -> None:
        photo = here.albums.add_photo(event, new_photo("a"), by=BY)
        record = photo_of(here, event, photo.id)
        twin = there.feed.take_event("acme", kept(event), by=THEM)
        files = dict(files_of(here, photo.id))

        def reason(record: KeptPhoto, given: dict[str, bytes]) -> str:
            with pytest.raises(Refused) as refusal:
                there.feed.take_photo(twin, record, list(given.items()), by=THEM)
            return refusal.value.reason

        assert reason(record, {"preview": files["preview"]}) == "incomplete"
        assert reason(record, {**files, "original": b"\xff\xd8\xffanother"}) == "bad_digest"
        assert reason(replace(record, photo=replace(photo, id=REQUEST)), files) == "bad_id"
        assert reason(replace(record, photo=replace(photo, filename="a\0.jpg")), files) == "bad_text"
        assert there.albums.photos(twin, 0, 10, None).total == 0
        assert set(there.files.digests()) == set()

    @pytest.mark.parametrize("vector_of_theirs", [vector(1) * 1000, np.full(len(vector(1)), np.nan), vector(1)[:4]])
    def test_a_vector_that_would_be_like_everybody_or_like_none_is_refused(
        self, here: Store, there: Store, event: PhotoEvent, vector_of_theirs: np.ndarray
    ) -> None:
        photo = here.albums.add_photo(event, new_photo("a", (1, 0)), by=BY)
        twin = there.feed.take_event("acme", kept(event), by=THEM)
        record = photo_of(here, event, photo.id)
        strange = vector_of_theirs.astype(np.float32)

        spoilt = replace(record, faces=[PhotoFace(record.faces[0].box, strange)])
        with pytest.raises(Refused) as refusal:
            there.feed.take_photo(twin, spoilt, files_of(here, photo.id), by=THEM)
        assert refusal.value.reason == "bad_vector"
        with pytest.raises(Refused) as refusal:
            there.feed.take_search(
                twin, KeptSearch(Search(REQUEST, 0.9, (), Probe(strange, MODEL), None, 1.0)), by=THEM
            )
        assert refusal.value.reason == "bad_vector"

    def test_a_model_does_not_have_vectors_of_two_lengths(self, here: Store, there: Store, event: PhotoEvent) -> None:
        photo = here.albums.add_photo(event, new_photo("a", (1, 0)), by=BY)
        twin = there.feed.take_event("acme", kept(event), by=THEM)
        there.albums.add_photo(twin, new_photo("b", (1, 1)), by=BY)
        record = photo_of(here, event, photo.id)
        short = ModelRef(MODEL.name, MODEL.digest, 4)
        faces = [PhotoFace(record.faces[0].box, np.array([1, 0, 0, 0], np.float32))]

        spoilt = replace(record, faces=faces, model=short)
        with pytest.raises(Refused) as refusal:
            there.feed.take_photo(twin, spoilt, files_of(here, photo.id), by=THEM)

        assert refusal.value.reason == "bad_vector"
        assert len(there.albums.like(twin, MODEL, vector(1), 0.5)) == 1

    def test_a_photograph_whose_event_is_purged_while_it_comes_leaves_no_file(
        self, here: Store, there: Store, event: PhotoEvent
    ) -> None:
        photo = here.albums.add_photo(event, new_photo("a"), by=BY)
        twin = there.feed.take_event("acme", kept(event), by=THEM)
        there.files.first.append(lambda: there.albums.purge_event("acme", "run", by=BY))

        with pytest.raises(Refused) as refusal:
            there.feed.take_photo(twin, photo_of(here, event, photo.id), files_of(here, photo.id), by=THEM)

        assert refusal.value.reason == "no_event"
        assert set(there.files.digests()) == set()

    def test_a_file_of_a_kind_that_is_there_is_not_kept_beside_it(
        self, here: Store, there: Store, event: PhotoEvent
    ) -> None:
        photo = here.albums.add_photo(event, new_photo("a"), by=BY)
        twin = there.feed.take_event("acme", kept(event), by=THEM)
        there.feed.take_photo(twin, photo_of(here, event, photo.id), files_of(here, photo.id), by=THEM)
        before = set(there.files.digests())

        there.feed.take_photo(twin, photo_of(here, event, photo.id), [("preview", b"made once more")], by=THEM)

        assert set(there.files.digests()) == before
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

    def test_what_was_deleted_does_not_come_back_with_what_is_taken_later(
        self, here: Store, there: Store, event: PhotoEvent
    ) -> None:
        photo = here.albums.add_photo(event, new_photo("a", (1, 0)), by=BY)
        here.albums.finish_search(event, Search(REQUEST, 0.9, (photo.id,), Probe(vector(1), MODEL)), by=BY)
        record, files = photo_of(here, event, photo.id), files_of(here, photo.id)
        search = here.feed.kept_search(event, REQUEST)
        assert search is not None
        here.clock.now += 60
        here.albums.delete_photo(photo.id, by=BY)
        here.albums.forget_guest(event, REQUEST, 0.5, by=BY)

        with pytest.raises(Refused) as refusal:
            here.feed.take_photo(event, record, files, by=THEM)
        assert refusal.value.reason == "gone"
        with pytest.raises(Refused) as refusal:
            here.feed.take_search(event, search, by=THEM)
        assert refusal.value.reason == "gone"

        assert here.feed.photo(event, photo.id) is None
        assert here.feed.kept_search(event, REQUEST) is None
        assert set(here.files.digests()) == set()
        here.clock.now += 60
        again = here.albums.add_photo(event, new_photo("a", (1, 0)), by=BY)
        assert again.id == photo.id

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
