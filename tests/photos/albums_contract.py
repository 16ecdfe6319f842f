"""What every `Albums` does, sentence by sentence of `edged.api.albums`: the same tests for every store.

A module of tests makes a class of `AlbumsContract` and gives it a fixture `album_site`.
"""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from edged.api.albums import Albums
from edged.domain.errors import Refused
from edged.domain.person import ModelRef
from edged.photos.album import EventPlan, Features, Organisation, PhotoEvent
from edged.photos.photo import PhotoKind
from edged.photos.search import Search, Turn
from tests.api.painted import MODEL, vector
from tests.hub.album_site import BY, AlbumSite, digest, new_event, new_photo, picture
from tests.photos.with_albums import WithAlbums

REQUEST = "0f8fad5b-d9cb-469f-a165-70867728950e"


class AlbumsContract(WithAlbums):
    """Tests of a store."""

    # organisations and events

    def test_an_organisation_is_made_once(self, albums: Albums) -> None:
        assert albums.create_organisation("acme", "Acme & Sons", by=BY)
        assert not albums.create_organisation("acme", "Another", by=BY)
        assert albums.create_organisation("zoo", "Zoo", by=BY)

        assert albums.organisation("acme") == Organisation("acme", "Acme & Sons")
        assert albums.organisation("nobody") is None
        assert [organisation.slug for organisation in albums.organisations()] == ["acme", "zoo"]

    @pytest.mark.parametrize("slug", ["", "A", "a b", "a/b", "ä", "a_b", "../a", "a" * 65, "a\n"])
    def test_what_cannot_stand_in_an_address_is_no_slug(self, albums: Albums, slug: str) -> None:
        with pytest.raises(Refused, match="cannot stand in an address") as refusal:
            albums.create_organisation(slug, "x", by=BY)
        assert refusal.value.reason == "bad_slug"
        albums.create_organisation("acme", "Acme", by=BY)
        with pytest.raises(Refused) as refusal:
            albums.create_event("acme", slug, EventPlan("x"), by=BY)
        assert refusal.value.reason == "bad_slug"

    def test_an_event_is_one_organisations_alone(self, albums: Albums) -> None:
        ours, theirs = new_event(albums, "run", "acme"), new_event(albums, "run", "zoo")

        assert albums.event("acme", "run") == ours
        assert albums.event("zoo", "run") == theirs
        assert albums.event("acme", "walk") is None
        assert albums.event("nobody", "run") is None

    def test_an_event_needs_an_organisation_and_a_name_of_its_own(self, albums: Albums, event: PhotoEvent) -> None:
        with pytest.raises(Refused) as refusal:
            albums.create_event("nobody", "run", EventPlan("Run", Features(), 0.5), by=BY)
        assert refusal.value.reason == "no_organisation"
        with pytest.raises(Refused) as refusal:
            albums.create_event("acme", "run", EventPlan("Run", Features(), 0.5), by=BY)
        assert refusal.value.reason == "taken"

    def test_events_are_listed_the_newest_first(self, albums: Albums) -> None:
        for number in range(5):
            new_event(albums, f"run-{number}")
        new_event(albums, "walk", "zoo")

        total, events = albums.events("acme", 1, 2)

        assert total == 5
        assert [event.slug for event in events] == ["run-3", "run-2"]
        assert albums.events("acme", 5, 2) == (5, [])
        assert albums.events("nobody", 0, 2) == (0, [])

    def test_features_are_kept_and_changed(self, albums: Albums) -> None:
        features = Features(enabled=False, selfie_search=True, name_search=True, downloads=False)
        event = new_event(albums, features=features)
        assert event.plan.features == features

        changed = albums.change_event("acme", "run", replace(event.plan, features=Features(selfie_search=False)), by=BY)

        assert changed == albums.event("acme", "run")
        assert changed is not None
        assert changed.plan.features == Features(selfie_search=False)
        assert albums.change_event("acme", "walk", event.plan, by=BY) is None

    # photographs

    def test_a_photograph_is_told_of_as_it_came(self, album_site: AlbumSite, albums: Albums, event: PhotoEvent) -> None:
        new = new_photo("a", (1, 0), taken=1_700_000_000.25, filename="C:\\fotos\\läufer.jpg")
        photo = albums.add_photo(event, new, by=BY)

        assert uuid.UUID(photo.id)
        assert (photo.filename, photo.width, photo.height) == ("läufer.jpg", 3000, 2000)
        assert (photo.taken, photo.added) == (1_700_000_000.25, album_site.clock.now)
        assert (photo.size, photo.media_type) == (len(new.content), "image/jpeg")
        assert albums.photos_by_id(event, [photo.id]) == [photo]
        current = albums.event("acme", "run")
        assert current is not None
        assert current.photos == 1

    def test_each_file_of_a_photograph_comes_back_whole(self, albums: Albums, event: PhotoEvent) -> None:
        new = new_photo("a", filename="a.jpg")
        photo = albums.add_photo(event, new, by=BY)

        for kind, content in (
            (PhotoKind.ORIGINAL, new.content),
            (PhotoKind.PREVIEW, new.preview),
            (PhotoKind.THUMBNAIL, new.thumbnail),
        ):
            file = albums.content(photo.id, kind)
            assert file is not None
            assert (file.content, file.media_type, file.filename) == (content, "image/jpeg", "a.jpg")
        assert albums.content(str(uuid.uuid4()), PhotoKind.ORIGINAL) is None
        assert albums.content("../../etc/passwd", PhotoKind.ORIGINAL) is None

    def test_the_same_bytes_in_one_event_are_the_same_photograph(self, albums: Albums, event: PhotoEvent) -> None:
        first = albums.add_photo(event, new_photo("a", (1, 0), filename="a.jpg"), by=BY)
        second = albums.add_photo(event, new_photo("a", (1, 0), filename="b.jpg"), by=BY)

        assert second == first
        assert albums.photos(event, 0, 10).total == 1
        assert albums.faces(event) == 1

    def test_the_same_bytes_in_two_events_are_two_photographs(
        self, album_site: AlbumSite, albums: Albums, event: PhotoEvent
    ) -> None:
        other = new_event(albums, "walk")
        first = albums.add_photo(event, new_photo("a"), by=BY)
        second = albums.add_photo(other, new_photo("a"), by=BY)

        assert albums.delete_photo(first.id, by=BY)

        file = albums.content(second.id, PhotoKind.ORIGINAL)
        assert file is not None
        assert file.content == picture("a")
        assert len(album_site.files()) == 3
        assert albums.delete_photo(second.id, by=BY)
        assert album_site.files() == set()

    def test_ten_at_once_with_the_same_bytes_make_one_photograph(self, albums: Albums, event: PhotoEvent) -> None:
        with ThreadPoolExecutor(10) as pool:
            added = [pool.submit(albums.add_photo, event, new_photo("a", (1, 0)), by=BY) for _ in range(10)]
            assert len({one.result().id for one in added}) == 1
        assert albums.photos(event, 0, 10).total == 1

    def test_adding_and_deleting_the_same_bytes_at_once_never_loses_a_file(
        self, album_site: AlbumSite, albums: Albums, event: PhotoEvent
    ) -> None:
        other = new_event(albums, "walk")
        stop = threading.Event()

        def come_and_go() -> None:
            while not stop.is_set():
                photo = albums.add_photo(other, new_photo("a"), by=BY)
                albums.delete_photo(photo.id, by=BY)

        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(come_and_go)
            try:
                for _ in range(15):
                    photo = albums.add_photo(event, new_photo("a"), by=BY)
                    assert albums.content(photo.id, PhotoKind.ORIGINAL) is not None
                    assert albums.content(photo.id, PhotoKind.THUMBNAIL) is not None
                    albums.delete_photo(photo.id, by=BY)
            finally:
                stop.set()
            running.result()
        assert album_site.files() == set()

    def test_photographs_come_by_the_time_they_were_taken_untimed_last(
        self, album_site: AlbumSite, albums: Albums, event: PhotoEvent
    ) -> None:
        added = {}
        for name, taken in (("third", 300.0), ("untimed", None), ("first", -5.0), ("second", 200.5), ("later", None)):
            album_site.clock.now += 1
            added[name] = albums.add_photo(event, new_photo(name, taken=taken), by=BY).id

        page = albums.photos(event, 0, 10)
        assert page.total == 5
        assert [photo.id for photo in page.photos] == [
            added[name] for name in ("first", "second", "third", "untimed", "later")
        ]
        middle = albums.photos(event, 1, 2)
        assert (middle.total, [photo.id for photo in middle.photos]) == (5, [added["second"], added["third"]])
        past = albums.photos(event, 10, 2)
        assert (past.total, past.photos) == (5, ())

    def test_photographs_by_id_are_this_events_in_the_order_asked(self, albums: Albums, event: PhotoEvent) -> None:
        mine = [albums.add_photo(event, new_photo(str(number)), by=BY).id for number in range(3)]
        other = albums.add_photo(new_event(albums, "walk"), new_photo("x"), by=BY).id

        found = albums.photos_by_id(event, [mine[2], "no-id", other, mine[0], str(uuid.uuid4())])

        assert [photo.id for photo in found] == [mine[2], mine[0]]
        assert albums.photos_by_id(event, []) == []

    def test_a_photograph_is_deleted_with_its_files_and_faces(
        self, album_site: AlbumSite, albums: Albums, event: PhotoEvent
    ) -> None:
        gone = albums.add_photo(event, new_photo("a", (1, 0), (2, 0)), by=BY)
        stays = albums.add_photo(event, new_photo("b", (1, 1)), by=BY)

        assert albums.delete_photo(gone.id, by=BY)
        assert not albums.delete_photo(gone.id, by=BY)

        assert albums.content(gone.id, PhotoKind.PREVIEW) is None
        assert digest(picture("a")) not in album_site.files()
        assert len(album_site.files()) == 3
        assert albums.faces(event) == 1
        assert [found.photo for found in albums.like(event, MODEL, vector(1), 0.5)] == [stays.id]

    def test_what_is_no_photograph_is_refused(self, album_site: AlbumSite, albums: Albums, event: PhotoEvent) -> None:
        photo = new_photo("a")
        object.__setattr__(photo, "content", b"<html>")
        with pytest.raises(Refused) as refusal:
            albums.add_photo(event, photo, by=BY)
        assert refusal.value.reason == "not_an_image"
        assert album_site.files() == set()

    def test_nothing_can_be_added_to_an_event_that_is_gone(
        self, album_site: AlbumSite, albums: Albums, event: PhotoEvent
    ) -> None:
        albums.purge_event("acme", "run", by=BY)
        with pytest.raises(Refused) as refusal:
            albums.add_photo(event, new_photo("a"), by=BY)
        assert refusal.value.reason == "no_event"
        assert album_site.files() == set()

    # who is in them

    def test_the_likest_photographs_come_first_each_once(self, albums: Albums, event: PhotoEvent) -> None:
        both = albums.add_photo(event, new_photo("both", (1, 1), (1, 2), (2, 0)), by=BY)
        same = albums.add_photo(event, new_photo("same", (1, 0)), by=BY)
        albums.add_photo(event, new_photo("other", (3, 0)), by=BY)

        found = albums.like(event, MODEL, vector(1, 0), 0.5)

        assert [one.photo for one in found] == [same.id, both.id]
        assert found[0].similarity == pytest.approx(1.0, abs=1e-5)
        best = max(float(vector(1, 0) @ vector(1, day)) for day in (1, 2))
        assert found[1].similarity == pytest.approx(best, abs=1e-5)

    def test_the_least_similarity_itself_is_enough(self, albums: Albums, event: PhotoEvent) -> None:
        photo = albums.add_photo(event, new_photo("a", (1, 1)), by=BY)
        (found,) = albums.like(event, MODEL, vector(1, 0), 0.0)

        assert [one.photo for one in albums.like(event, MODEL, vector(1, 0), found.similarity)] == [photo.id]
        assert albums.like(event, MODEL, vector(1, 0), float(np.nextafter(np.float32(found.similarity), 2))) == []

    def test_another_models_vectors_are_never_compared(self, albums: Albums, event: PhotoEvent) -> None:
        albums.add_photo(event, new_photo("a", (1, 0)), by=BY)

        assert albums.like(event, ModelRef("newer", "8" * 64, MODEL.dimension), vector(1), -1.0) == []

    def test_another_events_photographs_are_never_found(self, albums: Albums, event: PhotoEvent) -> None:
        albums.add_photo(new_event(albums, "walk"), new_photo("a", (1, 0)), by=BY)

        assert albums.like(event, MODEL, vector(1), -1.0) == []

    def test_a_search_sees_what_was_added_and_deleted_since_the_last_one(
        self, albums: Albums, event: PhotoEvent
    ) -> None:
        first = albums.add_photo(event, new_photo("a", (1, 0)), by=BY)
        assert found(albums, event) == [first.id]
        second = albums.add_photo(event, new_photo("b", (1, 1)), by=BY)
        assert found(albums, event) == [first.id, second.id]
        albums.delete_photo(first.id, by=BY)
        assert found(albums, event) == [second.id]
        third = albums.add_photo(event, new_photo("a", (1, 0)), by=BY)
        assert found(albums, event) == [third.id, second.id]

    def test_a_search_sees_what_another_process_added_and_deleted(
        self, album_site: AlbumSite, albums: Albums, event: PhotoEvent
    ) -> None:
        first = albums.add_photo(event, new_photo("a", (1, 0)), by=BY)
        with album_site.again() as theirs:
            assert found(theirs, event) == [first.id]
            second = theirs.add_photo(event, new_photo("b", (1, 1)), by=BY)
            assert found(albums, event) == [first.id, second.id]
            albums.delete_photo(first.id, by=BY)
            assert found(theirs, event) == [second.id]

    def test_the_faces_of_an_event_are_counted(self, albums: Albums, event: PhotoEvent) -> None:
        assert albums.faces(event) == 0
        albums.add_photo(event, new_photo("a", (1, 0), (2, 0)), by=BY)
        albums.add_photo(event, new_photo("b"), by=BY)
        assert albums.faces(event) == 2

    # searches

    def test_a_search_is_kept(self, album_site: AlbumSite, albums: Albums, event: PhotoEvent) -> None:
        search = Search(REQUEST, 0.875, (str(uuid.uuid4()), str(uuid.uuid4())))
        assert albums.search(event, REQUEST) is None
        assert albums.begin_search(event, REQUEST) is Turn.MINE
        assert albums.search(event, REQUEST) is None

        albums.finish_search(event, search, by=BY)

        assert albums.search(event, REQUEST) == search
        assert albums.begin_search(event, REQUEST) == search
        with album_site.again() as theirs:
            assert theirs.search(event, REQUEST) == search

    def test_a_search_that_found_nothing_is_done_as_well(self, albums: Albums, event: PhotoEvent) -> None:
        albums.finish_search(event, Search(REQUEST, 0.0, ()), by=BY)
        assert albums.begin_search(event, REQUEST) == Search(REQUEST, 0.0, ())

    def test_a_search_is_one_events(self, albums: Albums, event: PhotoEvent) -> None:
        other, theirs = new_event(albums, "walk"), new_event(albums, "run", "zoo")
        albums.finish_search(event, Search(REQUEST, 0.5, ()), by=BY)

        for somewhere_else in (other, theirs):
            assert albums.search(somewhere_else, REQUEST) is None
            assert albums.begin_search(somewhere_else, REQUEST) is Turn.MINE

    def test_one_of_many_at_once_has_the_turn(self, album_site: AlbumSite, albums: Albums, event: PhotoEvent) -> None:
        with album_site.again() as theirs, ThreadPoolExecutor(16) as pool:
            turns = list(pool.map(lambda at: (albums, theirs)[at % 2].begin_search(event, REQUEST), range(16)))
        assert turns.count(Turn.MINE) == 1
        assert turns.count(Turn.OTHERS) == 15

    def test_a_search_that_failed_is_the_next_ones_turn(self, albums: Albums, event: PhotoEvent) -> None:
        assert albums.begin_search(event, REQUEST) is Turn.MINE
        albums.drop_search(event, REQUEST)
        assert albums.begin_search(event, REQUEST) is Turn.MINE

    def test_a_turn_that_is_not_ended_within_a_minute_is_given_away(
        self, album_site: AlbumSite, albums: Albums, event: PhotoEvent
    ) -> None:
        assert albums.begin_search(event, REQUEST) is Turn.MINE
        album_site.clock.now += 59
        assert albums.begin_search(event, REQUEST) is Turn.OTHERS
        album_site.clock.now += 2
        assert albums.begin_search(event, REQUEST) is Turn.MINE
        assert albums.begin_search(event, REQUEST) is Turn.OTHERS

    def test_what_the_quicker_one_found_stays(self, albums: Albums, event: PhotoEvent) -> None:
        albums.finish_search(event, Search(REQUEST, 0.5, ()), by=BY)
        albums.finish_search(event, Search(REQUEST, 0.9, ()), by=BY)
        albums.drop_search(event, REQUEST)
        assert albums.search(event, REQUEST) == Search(REQUEST, 0.5, ())

    # the audit log

    def test_every_change_leaves_one_entry_in_the_audit_log(self, album_site: AlbumSite, albums: Albums) -> None:
        event = new_event(albums)
        albums.create_organisation("acme", "Again", by=BY)
        albums.change_event("acme", "run", event.plan, by=BY)
        photo = albums.add_photo(event, new_photo("a"), by=BY)
        albums.add_photo(event, new_photo("a"), by=BY)
        albums.finish_search(event, Search(REQUEST, 0.5, ()), by=BY)
        albums.delete_photo(photo.id, by=BY)
        albums.delete_photo(photo.id, by=BY)
        albums.purge_event("acme", "run", by=BY)

        assert list(reversed(album_site.acts())) == [
            "create_organisation",
            "create_event",
            "change_event",
            "add_photo",
            "selfie_search",
            "delete_photo",
            "purge_event",
        ]


def found(albums: Albums, event: PhotoEvent) -> list[str]:
    """Ids of the photographs that show the first person, the likest to their first day first."""
    return [one.photo for one in albums.like(event, MODEL, vector(1, 0), 0.5)]
