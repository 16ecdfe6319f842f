"""What every `Albums` does with photographs that are not for everybody: the same tests for every store."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from edged.api.albums import Albums
from edged.photos.album import Features, PhotoEvent, Terms
from edged.photos.photo import PhotoKind, Standing
from tests.api.painted import MODEL, vector
from tests.hub.album_site import BY, AlbumSite, new_event, new_photo
from tests.photos.with_albums import WithAlbums


class ModerationContract(WithAlbums):
    """Tests of a store."""

    def test_a_photograph_of_a_moderated_event_is_shown_once_somebody_has_let_it_through(self, albums: Albums) -> None:
        event = new_event(albums, is_moderated=True)
        photo = albums.add_photo(event, new_photo("a", (1, 0)), by=BY)
        assert photo.standing is Standing.WAITING
        assert seen(albums, event) == ([], [], [])
        assert counts(albums) == (0, 1)

        assert albums.set_standing(event, photo.id, Standing.SHOWN, by=BY)

        assert seen(albums, event) == ([photo.id], [photo.id], [photo.id])
        assert counts(albums) == (1, 0)

    def test_a_photograph_is_taken_away_from_guests_and_given_back(
        self, album_site: AlbumSite, albums: Albums, event: PhotoEvent
    ) -> None:
        photo = albums.add_photo(event, new_photo("a", (1, 0)), by=BY)
        for standing, there in ((Standing.HIDDEN, []), (Standing.WAITING, []), (Standing.SHOWN, [photo.id])):
            assert albums.set_standing(event, photo.id, standing, by=BY)
            assert seen(albums, event) == (there, there, there)
            found = albums.any_photo(event, photo.id)
            assert found == replace(photo, standing=standing)
            assert albums.content(photo.id, PhotoKind.PREVIEW) is not None
        assert list(album_site.acts())[:3] == ["set_standing"] * 3

    def test_guests_get_no_file_of_what_is_not_shown_or_over(self, album_site: AlbumSite, albums: Albums) -> None:
        event = new_event(albums, expires=album_site.clock.now + 10)
        photo = albums.add_photo(event, new_photo("a"), by=BY).id

        def for_guests() -> list[bool]:
            return [albums.content(photo, kind, for_guests=True) is not None for kind in PhotoKind]

        assert for_guests() == [True] * 3
        for standing in (Standing.HIDDEN, Standing.WAITING):
            albums.set_standing(event, photo, standing, by=BY)
            assert for_guests() == [False] * 3
        albums.set_standing(event, photo, Standing.SHOWN, by=BY)
        albums.change_event("acme", event.slug, replace(event.plan, features=Features(enabled=False)), by=BY)
        assert for_guests() == [False] * 3
        albums.change_event("acme", event.slug, event.plan, by=BY)
        album_site.clock.now += 9.9
        assert for_guests() == [True] * 3
        album_site.clock.now += 0.1
        assert for_guests() == [False] * 3
        assert albums.content(photo, PhotoKind.ORIGINAL) is not None

    def test_photographs_are_listed_by_their_standing(self, albums: Albums, event: PhotoEvent) -> None:
        ids = [albums.add_photo(event, new_photo(str(at), taken=at), by=BY).id for at in range(6)]
        for at, standing in ((1, Standing.HIDDEN), (2, Standing.WAITING), (4, Standing.HIDDEN)):
            albums.set_standing(event, ids[at], standing, by=BY)

        def listed(standing: Standing | None) -> tuple[int, list[str]]:
            page = albums.photos(event, 0, 2, standing)
            return page.total, [photo.id for photo in page.photos]

        assert listed(Standing.SHOWN) == (3, [ids[0], ids[3]])
        assert listed(Standing.WAITING) == (1, [ids[2]])
        assert listed(Standing.HIDDEN) == (2, [ids[1], ids[4]])
        assert listed(None) == (6, [ids[0], ids[1]])
        assert albums.photos(event, 0, 2) == albums.photos(event, 0, 2, Standing.SHOWN)

    def test_counts_are_right_after_every_change(self, albums: Albums, event: PhotoEvent) -> None:
        ids = [albums.add_photo(event, new_photo(str(at), (1, at)), by=BY).id for at in range(3)]
        for standing in (Standing.WAITING, Standing.WAITING, Standing.HIDDEN, Standing.WAITING):
            albums.set_standing(event, ids[0], standing, by=BY)
        assert counts(albums) == (2, 1)
        albums.set_standing(event, ids[1], Standing.HIDDEN, by=BY)
        assert counts(albums) == (1, 1)
        for photo in ids:
            albums.delete_photo(photo, by=BY)
        assert counts(albums) == (0, 0)
        assert albums.faces(event) == 0

    def test_counts_are_right_when_many_change_the_same_at_once(self, albums: Albums, event: PhotoEvent) -> None:
        photo = albums.add_photo(event, new_photo("a"), by=BY).id
        standings = [Standing.SHOWN, Standing.WAITING, Standing.HIDDEN] * 8
        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(lambda standing: albums.set_standing(event, photo, standing, by=BY), standings))
        albums.set_standing(event, photo, Standing.WAITING, by=BY)
        assert counts(albums) == (0, 1)

    def test_only_photographs_of_the_event_have_a_standing_in_it(self, albums: Albums, event: PhotoEvent) -> None:
        other = new_event(albums, "walk")
        photo = albums.add_photo(other, new_photo("a"), by=BY)

        for unknown in (photo.id, str(uuid.uuid4()), "no id", "a\0b"):
            assert not albums.set_standing(event, unknown, Standing.HIDDEN, by=BY)
            assert albums.any_photo(event, unknown) is None
        assert albums.any_photo(other, photo.id) == photo

    def test_a_moderation_that_begins_later_leaves_shown_what_is_shown(self, albums: Albums, event: PhotoEvent) -> None:
        old = albums.add_photo(event, new_photo("a"), by=BY)
        albums.change_event("acme", "run", replace(event.plan, terms=Terms(is_moderated=True)), by=BY)

        new = albums.add_photo(event, new_photo("b"), by=BY)

        assert (old.standing, new.standing) == (Standing.SHOWN, Standing.WAITING)
        assert [photo.id for photo in albums.photos(event, 0, 10).photos] == [old.id]


def seen(albums: Albums, event: PhotoEvent) -> tuple[list[str], list[str], list[str]]:
    """Ids of the photographs that guests come to see: in the list, by a search, by their ids."""
    everything = [photo.id for photo in albums.photos(event, 0, 100, None).photos]
    return (
        [photo.id for photo in albums.photos(event, 0, 100).photos],
        [found.photo for found in albums.like(event, MODEL, vector(1), 0.5)],
        [photo.id for photo in albums.photos_by_id(event, everything)],
    )


def counts(albums: Albums) -> tuple[int, int]:
    """Of the photographs of `acme/run` that are shown, and of those that wait."""
    event = albums.event("acme", "run")
    assert event is not None
    return event.photos, event.waiting
