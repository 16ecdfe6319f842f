"""What no `AlbumFeed` takes, and that nothing of it is left behind: the same tests for every store.

A module of tests makes a class of `RefusalContract` and gives it a fixture `stores`: two of them, each empty.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edged.domain.errors import Refused
from edged.domain.person import ModelRef
from edged.photos.album import PhotoEvent
from edged.photos.kept import KeptPhoto, KeptSearch
from edged.photos.photo import PhotoFace
from edged.photos.search import Probe, Search
from tests.api.painted import MODEL, vector
from tests.hub.album_site import BY, new_event, new_photo
from tests.photos.with_stores import REQUEST, THEM, Store, WithStores, files_of, kept, photo_of


class RefusalContract(WithStores):
    """Tests of two stores."""

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
        assert there.feed.take_event("acme", replace(kept(event, 2), slug="jog"), by=THEM).slug == "jog"
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
