"""What every `Albums` does for guests: their searches, what they say about them, and that they are forgotten."""

from __future__ import annotations

import uuid
from dataclasses import replace

import numpy as np

from edged.api.albums import Albums
from edged.domain.person import ModelRef
from edged.photos.album import PhotoEvent, Tally, Terms
from edged.photos.search import Probe, Removal, Search, Turn
from tests.api.painted import MODEL, vector
from tests.hub.album_site import BY, AlbumSite, digest, new_event, new_photo, new_search
from tests.photos.with_albums import WithAlbums

MINE = "0f8fad5b-d9cb-469f-a165-70867728950e"
AGAIN = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
THEIRS = "6fa459ea-ee8a-3ca4-894e-db77e160355e"
LEAST = 0.5
"""Between two days of one person the cosine is about 0.83, between two people about 0."""


class GuestContract(WithAlbums):
    """Tests of a store."""

    # searches

    def test_a_search_is_kept_with_what_was_searched_with(
        self, album_site: AlbumSite, albums: Albums, event: PhotoEvent
    ) -> None:
        search = replace(new_search(MINE, (1, 3)), consent=2)
        albums.finish_search(event, search, by=BY)

        kept = albums.search(event, MINE)

        assert kept is not None
        assert kept.probe is not None
        assert kept.probe.model == MODEL
        assert np.array_equal(kept.probe.vector, vector(1, 3))
        assert (kept.consent, kept.done) == (2, album_site.clock.now)

    def test_a_search_that_comes_from_elsewhere_says_when_it_was_done(self, albums: Albums, event: PhotoEvent) -> None:
        albums.finish_search(event, replace(new_search(MINE, None), done=1.5e9), by=BY)
        kept = albums.search(event, MINE)
        assert kept is not None
        assert (kept.probe, kept.done) == (None, 1.5e9)

    def test_a_selfie_is_kept_only_where_the_event_says_so(self, album_site: AlbumSite, albums: Albums) -> None:
        shy, keen = new_event(albums, "run"), new_event(albums, "walk", keeps_selfies=True)
        for event in (shy, keen):
            albums.finish_search(event, new_search(MINE), by=BY, selfie=b"my face")

        assert albums.selfie(shy, MINE) is None
        assert albums.selfie(keen, MINE) == b"my face"
        assert album_site.files() == {digest(b"my face")}
        assert albums.selfie(keen, THEIRS) is None

    def test_selfies_are_not_kept_from_the_moment_they_shall_not_be(
        self, album_site: AlbumSite, albums: Albums
    ) -> None:
        event = new_event(albums, keeps_selfies=True)
        albums.change_event("acme", "run", replace(event.plan, terms=Terms()), by=BY)

        albums.finish_search(event, new_search(MINE), by=BY, selfie=b"my face")

        assert album_site.files() == set()

    def test_of_a_search_that_somebody_else_did_before_no_selfie_is_kept(
        self, album_site: AlbumSite, albums: Albums
    ) -> None:
        event = new_event(albums, keeps_selfies=True)
        albums.finish_search(event, new_search(MINE), by=BY, selfie=b"the quicker one")
        albums.finish_search(event, new_search(MINE, (2, 0)), by=BY, selfie=b"the slower one")

        assert albums.selfie(event, MINE) == b"the quicker one"
        assert album_site.files() == {digest(b"the quicker one")}

    def test_a_search_of_an_event_that_is_gone_is_not_kept(self, album_site: AlbumSite, albums: Albums) -> None:
        event = new_event(albums, keeps_selfies=True)
        albums.purge_event("acme", "run", by=BY)

        albums.finish_search(event, new_search(MINE), by=BY, selfie=b"my face")

        assert album_site.files() == set()
        assert list(albums.searches_by_id(MINE)) == []

    def test_searches_are_found_by_their_id_alone(self, albums: Albums, event: PhotoEvent) -> None:
        other = new_event(albums, "walk", "zoo")
        albums.finish_search(event, new_search(MINE, (1, 0), confidence=0.5), by=BY)
        albums.finish_search(other, new_search(MINE, (1, 0), confidence=0.6), by=BY)
        albums.finish_search(event, new_search(THEIRS), by=BY)
        albums.begin_search(event, AGAIN)

        found = albums.searches_by_id(MINE)

        assert sorted((one.organisation, search.confidence) for one, search in found) == [("acme", 0.5), ("zoo", 0.6)]
        assert {one.id for one, _search in found} == {event.id, other.id}
        for unknown in (AGAIN, "no id", "a\0b"):
            assert list(albums.searches_by_id(unknown)) == []

    def test_a_search_is_renewed(self, album_site: AlbumSite, albums: Albums, event: PhotoEvent) -> None:
        photos = [albums.add_photo(event, new_photo(name), by=BY).id for name in "ab"]
        albums.finish_search(event, replace(new_search(MINE, (1, 0), photos[0]), consent=3), by=BY)
        album_site.clock.now += 60

        albums.renew_search(event, new_search(MINE, (1, 0), photos[1], photos[0], confidence=0.95), by=BY)

        kept = albums.search(event, MINE)
        assert kept is not None
        assert (kept.photos, kept.confidence) == ((photos[1], photos[0]), 0.95)
        assert (kept.consent, kept.done) == (3, album_site.clock.now)
        assert kept.probe is not None

    def test_only_a_search_that_is_done_is_renewed(
        self, album_site: AlbumSite, albums: Albums, event: PhotoEvent
    ) -> None:
        assert albums.begin_search(event, MINE) is Turn.MINE
        for request in (MINE, THEIRS):
            albums.renew_search(event, new_search(request), by=BY)
            assert albums.search(event, request) is None
        assert "renew_search" not in album_site.acts()

    # not this person

    def test_somebody_who_is_not_in_a_photograph_does_not_find_it_again(
        self, albums: Albums, event: PhotoEvent
    ) -> None:
        photos = [albums.add_photo(event, new_photo(name, (1, at)), by=BY).id for at, name in enumerate("ab")]
        albums.finish_search(event, new_search(MINE, (1, 0), *photos), by=BY)
        assert found(albums, event) == photos

        assert albums.deny(event, MINE, photos[0], by=BY)

        kept = albums.search(event, MINE)
        assert kept is not None
        assert kept.photos == (photos[1],)
        assert found(albums, event) == found(albums, event, (1, 7)) == [photos[1]]
        assert [photo.id for photo in albums.photos(event, 0, 10).photos] == photos

    def test_what_somebody_denies_others_still_find(self, albums: Albums, event: PhotoEvent) -> None:
        photo = albums.add_photo(event, new_photo("both", (1, 0), (2, 0)), by=BY).id
        albums.finish_search(event, new_search(MINE, (1, 0), photo), by=BY)
        albums.deny(event, MINE, photo, by=BY)

        assert found(albums, event, (1, 0)) == []
        assert found(albums, event, (2, 0)) == [photo]

    def test_a_denial_by_another_models_probe_says_nothing_about_this_ones(
        self, albums: Albums, event: PhotoEvent
    ) -> None:
        photo = albums.add_photo(event, new_photo("a", (1, 0)), by=BY).id
        newer = Probe(vector(1), ModelRef("newer", "8" * 64, MODEL.dimension))
        albums.finish_search(event, Search(MINE, 0.9, (photo,), newer), by=BY)

        assert albums.deny(event, MINE, photo, by=BY)

        assert found(albums, event) == [photo]

    def test_only_what_a_search_has_found_can_be_denied(
        self, album_site: AlbumSite, albums: Albums, event: PhotoEvent
    ) -> None:
        photo, other = (albums.add_photo(event, new_photo(name, (1, 0)), by=BY).id for name in "ab")
        albums.finish_search(event, new_search(MINE, (1, 0), photo), by=BY)

        for request, what in ((MINE, other), (MINE, str(uuid.uuid4())), (MINE, "a\0b"), (THEIRS, photo), ("\0", photo)):
            assert not albums.deny(event, request, what, by=BY)
        assert "not_this_person" not in album_site.acts()
        assert len(found(albums, event)) == 2

    def test_what_was_denied_does_not_come_back_with_a_search_that_had_begun_before(
        self, albums: Albums, event: PhotoEvent
    ) -> None:
        photos = [albums.add_photo(event, new_photo(name, (1, 0)), by=BY).id for name in "abc"]
        albums.finish_search(event, new_search(MINE, (1, 0), *photos), by=BY)
        albums.deny(event, MINE, photos[1], by=BY)

        albums.renew_search(event, new_search(MINE, (1, 0), photos[2], photos[1], photos[0]), by=BY)

        kept = albums.search(event, MINE)
        assert kept is not None
        assert kept.photos == (photos[2], photos[0])

    def test_a_photograph_that_was_denied_can_be_deleted(self, albums: Albums, event: PhotoEvent) -> None:
        photo = albums.add_photo(event, new_photo("a", (1, 0)), by=BY).id
        albums.finish_search(event, new_search(MINE, (1, 0), photo), by=BY)
        albums.deny(event, MINE, photo, by=BY)

        assert albums.delete_photo(photo, by=BY)
        assert albums.tally(event).denials == 0

    # forget me

    def test_a_guest_is_forgotten_with_everything_that_was_done_with_their_face(
        self, album_site: AlbumSite, albums: Albums
    ) -> None:
        event = new_event(albums, keeps_selfies=True)
        photo = albums.add_photo(event, new_photo("a", (1, 0), (2, 0)), by=BY).id
        for request, who in ((MINE, (1, 0)), (AGAIN, (1, 5)), (THEIRS, (2, 0))):
            albums.finish_search(event, new_search(request, who, photo), by=BY, selfie=request.encode())
        albums.deny(event, AGAIN, photo, by=BY)
        assert found(albums, event) == []

        removal = albums.forget_guest(event, MINE, LEAST, by=BY)

        assert removal == Removal(searches=2, selfies=2, denials=1, faces=1)
        assert [albums.search(event, request) is not None for request in (MINE, AGAIN, THEIRS)] == [False, False, True]
        assert digest(MINE.encode()) not in album_site.files()
        assert digest(AGAIN.encode()) not in album_site.files()
        assert albums.selfie(event, THEIRS) == THEIRS.encode()
        assert albums.forget_guest(event, MINE, LEAST, by=BY) is None
        assert albums.forget_guest(event, "a\0b", LEAST, by=BY) is None
        assert album_site.acts()[0] == "forget_guest"

    def test_the_faces_of_a_guest_are_taken_out_of_what_they_had_found_and_out_of_nothing_else(
        self, album_site: AlbumSite, albums: Albums, event: PhotoEvent
    ) -> None:
        both = albums.add_photo(event, new_photo("both", (1, 0), (1, 1), (2, 0)), by=BY).id
        alone = albums.add_photo(event, new_photo("alone", (1, 2)), by=BY).id
        denied = albums.add_photo(event, new_photo("twin", (1, 3)), by=BY).id
        albums.finish_search(event, new_search(MINE, (1, 0), both, alone, denied), by=BY)
        albums.deny(event, MINE, denied, by=BY)
        assert found(albums, event) == [both, alone]

        with album_site.again() as theirs:
            assert found(theirs, event) == [both, alone]
            removal = albums.forget_guest(event, MINE, LEAST, by=BY)
            assert removal == Removal(searches=1, denials=1, faces=3)
            for one in (albums, theirs):
                assert found(one, event) == [denied]
                assert found(one, event, (2, 0)) == [both]

        assert albums.faces(event) == 2
        assert albums.photos(event, 0, 10).total == 3
        assert albums.delete_photo(both, by=BY)
        assert albums.faces(event) == 1

    def test_faces_stay_where_the_event_does_not_let_them_go(self, albums: Albums, event: PhotoEvent) -> None:
        photo = albums.add_photo(event, new_photo("a", (1, 0)), by=BY).id
        albums.finish_search(event, new_search(MINE, (1, 0), photo), by=BY)
        albums.change_event("acme", "run", replace(event.plan, terms=Terms(forgets_faces=False)), by=BY)

        assert albums.forget_guest(event, MINE, LEAST, by=BY) == Removal(searches=1)

        assert found(albums, event) == [photo]
        assert albums.tally(event) == Tally(
            shown=1, faces=1, size=len(new_photo("a").content), guests_forgotten=1, searches=0
        )

    def test_of_a_search_without_a_face_only_itself_is_forgotten(self, albums: Albums, event: PhotoEvent) -> None:
        photo = albums.add_photo(event, new_photo("a", (1, 0)), by=BY).id
        albums.finish_search(event, new_search(MINE, None, photo), by=BY)
        albums.finish_search(event, new_search(THEIRS, None, photo), by=BY)

        assert albums.forget_guest(event, MINE, LEAST, by=BY) == Removal(searches=1)

        assert albums.search(event, THEIRS) is not None
        assert found(albums, event) == [photo]

    def test_in_another_event_a_guest_is_not_forgotten(self, albums: Albums, event: PhotoEvent) -> None:
        other = new_event(albums, "walk")
        for one in (event, other):
            photo = albums.add_photo(one, new_photo("a", (1, 0)), by=BY).id
            albums.finish_search(one, new_search(MINE, (1, 0), photo), by=BY)

        albums.forget_guest(event, MINE, LEAST, by=BY)

        assert albums.search(other, MINE) is not None
        assert len(found(albums, other)) == 1


def found(albums: Albums, event: PhotoEvent, who: tuple[int, int] = (1, 0)) -> list[str]:
    """Ids of the photographs that show somebody."""
    return [one.photo for one in albums.like(event, MODEL, vector(*who), LEAST)]
