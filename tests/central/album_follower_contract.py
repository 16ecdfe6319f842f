"""A booth and its hub, over HTTP, whatever the hub keeps its rows in.

A module of tests makes a class of `FollowerContract` and gives it a fixture `hub`: an empty one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from edged.api.access import Grant, Right
from edged.api.addresses import Addresses
from edged.api.albums import Albums
from edged.api.centre import Centre
from edged.api.directory import Directory
from edged.api.fleet import Fleet
from edged.api.native.app import make_native
from edged.central.album_follower import AlbumFollower, Told
from edged.central.album_hub import AlbumHub
from edged.central.line import Line
from edged.domain.errors import Refused, Unavailable
from edged.photos.album import EventPlan, PhotoEvent
from edged.photos.bookmarks import SqliteBookmarks
from edged.photos.database import PhotoDatabase
from edged.photos.feed import AlbumFeed
from edged.photos.kept import KeptPurge
from edged.photos.photo import PhotoKind, Standing
from edged.photos.photo_files import PhotoFolder
from edged.photos.search import Probe, Search
from edged.photos.sqlite_albums import SqliteAlbums
from edged.photos.sqlite_feed import SqliteAlbumFeed
from tests.api.painted import MODEL, PaintedEyes, vector
from tests.api.serving import serving
from tests.api.token_gate import TokenGate
from tests.hub.album_site import BY, Clock, digest, new_event, new_photo, picture
from tests.hub.sqlite_site import new_id

REQUEST = "0f8fad5b-d9cb-469f-a165-70867728950e"
BOOTH = replace(BY, id="sync:hub")
TOKENS = {
    "booth-token": Grant("tok-booth", "booth", frozenset({Right.READ, Right.ENROLL}), organisation="acme"),
    "zoo-token": Grant("tok-zoo", "zoo", frozenset({Right.READ, Right.ENROLL}), organisation="zoo"),
    "client-token": Grant("tok-client", "client", frozenset({Right.READ, Right.MATCH}), organisation="acme"),
}


@dataclass(frozen=True, slots=True)
class HubSide:
    """What a hub keeps.

    Attributes:
        put_back: as if a backup without events was restored.
    """

    albums: Albums
    feed: AlbumFeed
    directory: Directory
    fleet: Fleet
    clock: Clock
    photos: PhotoFolder
    put_back: Callable[[], None]


@dataclass
class Pair:
    """A booth and its hub.

    Attributes:
        here, there: their events; make: who goes between them; heard: what the hub said of purges.
    """

    here: Albums
    there: Albums
    clocks: tuple[Clock, Clock]
    hub: HubSide
    photos: tuple[PhotoFolder, PhotoFolder]
    make: Callable[[str], AlbumFollower]
    heard: list[KeptPurge]
    originals: bool = False
    left: list[int] = field(default_factory=list)

    def round(self) -> Told:
        return self.make("booth-token").round()

    def cut_off(self, after: int) -> Told:
        """A round that ends after so many looks at whether it should."""
        self.left[:] = [after]
        try:
            return self.round()
        finally:
            self.left.clear()

    def stop(self) -> bool:
        if not self.left:
            return False
        self.left[0] -= 1
        return self.left[0] < 0


def twin(albums: Albums, slug: str = "run") -> PhotoEvent:
    event = albums.event("acme", slug)
    assert event is not None
    return event


def filled(pair: Pair) -> PhotoEvent:
    """An event at the booth with two photographs, and a guest who was found in both and denies one."""
    event = new_event(pair.here)
    first = pair.here.add_photo(event, new_photo("a", (1, 0), (2, 0)), by=BY)
    second = pair.here.add_photo(event, new_photo("b", (1, 1)), by=BY)
    search = Search(REQUEST, 0.9, (first.id, second.id), Probe(vector(1), MODEL), 1)
    pair.here.finish_search(event, search, by=BY)
    pair.here.deny(event, REQUEST, second.id, by=BY)
    return event


class FollowerContract:
    """Tests of a booth and a hub."""

    @pytest.fixture
    def pair(self, hub: HubSide, tmp_path: Path) -> Iterator[Pair]:
        ours = Clock()
        with ExitStack() as opening:
            device = opening.enter_context(
                closing(
                    PhotoDatabase.open(
                        tmp_path / "photos.db", threading.Lock(), lambda *_: None, now=ours, new_id=new_id
                    )
                )
            )
            photos = PhotoFolder(tmp_path / "photos")
            here, there = SqliteAlbums(device, photos), hub.albums
            centre = Centre(
                eyes=PaintedEyes(),
                directory=hub.directory,
                gate=TokenGate(TOKENS),
                link_key=bytes(32),
                albums=there,
                feed=hub.feed,
                fleet=hub.fleet,
            )
            port = opening.enter_context(serving(Addresses([("/edged/v1", make_native(centre))])))
            url = f"http://127.0.0.1:{port}"
            pair: Pair
            heard: list[KeptPurge] = []

            def make(token: str) -> AlbumFollower:
                line = Line(url, token, "Bearer", now=lambda: 0.0, sleep=lambda _seconds: None)
                opening.callback(line.close)
                return AlbumFollower(
                    "acme",
                    AlbumHub(line, "acme"),
                    SqliteAlbumFeed(device, photos),
                    here,
                    SqliteBookmarks(device, url),
                    by=BOOTH,
                    originals=lambda: pair.originals,
                    heed=heard.append,
                    stop=pair.stop,
                )

            pair = Pair(here, there, (ours, hub.clock), hub, (photos, hub.photos), make, heard)
            for albums in (here, there):
                albums.create_organisation("acme", "Acme", by=BY)
            yield pair

    def test_what_a_booth_has_the_hub_answers_the_same(self, pair: Pair) -> None:
        event = filled(pair)

        told = pair.round()

        there = twin(pair.there)
        assert told == Told(pushed=4)
        assert (there.id, there.plan) == (event.id, event.plan)
        assert pair.there.photos(there, 0, 10) == pair.here.photos(event, 0, 10)
        assert pair.there.search(there, REQUEST) == pair.here.search(event, REQUEST)
        assert pair.there.like(there, MODEL, vector(1), 0.5) == pair.here.like(event, MODEL, vector(1), 0.5)
        assert pair.round() == Told()

    def test_originals_are_told_where_that_is_wanted(self, pair: Pair) -> None:
        event = filled(pair)
        (photo, *_others) = pair.here.photos(event, 0, 10).photos
        pair.round()
        preview, original = (
            pair.there.content(photo.id, PhotoKind.PREVIEW),
            pair.there.content(photo.id, PhotoKind.ORIGINAL),
        )
        assert preview is not None
        assert original is not None
        assert original.content == preview.content

        pair.originals = True
        pair.here.set_standing(event, photo.id, Standing.HIDDEN, by=BY)
        pair.round()

        kept, came = pair.there.content(photo.id, PhotoKind.ORIGINAL), pair.here.content(photo.id, PhotoKind.ORIGINAL)
        assert kept is not None
        assert came is not None
        assert kept.content == came.content

    def test_a_photograph_whose_original_is_too_large_for_a_booth_comes_without_it(
        self, pair: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        filled(pair)
        pair.originals = True
        pair.round()
        large = "from the photographer, who has a good camera"
        photo = replace(new_photo("small", (2, 1)), content=picture(large))
        added = pair.there.add_photo(twin(pair.there), photo, by=BY)
        monkeypatch.setattr("edged.central.album_hub.MOST_FILE", len(picture(large)) - 1)

        told = pair.round()

        assert (told.pulled, told.refused) == (1, ())
        assert pair.here.any_photo(twin(pair.here), added.id) is not None

    def test_what_is_added_at_the_hub_comes_to_the_booth(self, pair: Pair) -> None:
        event = filled(pair)
        pair.round()
        there = twin(pair.there)
        added = pair.there.add_photo(there, new_photo("from the photographer", (2, 1)), by=BY)
        evening = pair.there.create_event("acme", "evening", EventPlan("Evening"), by=BY)

        told = pair.round()

        assert told.pulled == 2
        assert [found.photo for found in pair.here.like(event, MODEL, vector(2), 0.5)][-1] == added.id
        assert twin(pair.here, "evening").id == evening.id
        assert pair.round() == Told()

    @pytest.mark.parametrize("at_the_booth", [True, False])
    def test_a_deletion_a_forgotten_guest_and_a_purge_reach_the_other_side_and_stay(
        self, pair: Pair, at_the_booth: bool
    ) -> None:
        event = filled(pair)
        pair.round()
        doing, other = (pair.here, pair.there) if at_the_booth else (pair.there, pair.here)
        for clock in pair.clocks:
            clock.now += 60
        first, second = pair.here.photos(event, 0, 10).photos
        doing.forget_guest(twin(doing), REQUEST, 0.5, by=BY)
        doing.delete_photo(second.id, by=BY)

        pair.round()

        assert other.search(twin(other), REQUEST) is None
        assert [photo.id for photo in other.photos(twin(other), 0, 10).photos] == [first.id]
        assert other.faces(twin(other)) == 1
        assert not pair.heard
        doing.purge_event("acme", "run", by=BY)
        pair.round()
        pair.round()
        assert other.event("acme", "run") is None
        assert [purge.event for purge in other.purges()] == [event.id]
        assert [list(folder.digests()) for folder in pair.photos] == [[], []]
        (there,) = pair.there.purges()
        assert pair.heard == [KeptPurge(event.id, there.at, there.tally)]
        assert there.tally.photos == 1

    def test_of_an_event_that_the_hub_never_had_it_says_nothing(self, pair: Pair) -> None:
        filled(pair)
        pair.here.purge_event("acme", "run", by=BY)

        told = pair.round()

        assert (told.refused, pair.heard) == ((), [])

    def test_what_is_hidden_at_the_hub_stays_so_whatever_happens_to_the_photograph_at_the_booth(
        self, pair: Pair
    ) -> None:
        event = filled(pair)
        pair.round()
        first, second = pair.here.photos(event, 0, 10).photos
        pair.there.set_standing(twin(pair.there), first.id, Standing.HIDDEN, by=BY)
        pair.there.forget_guest(twin(pair.there), REQUEST, 0.5, by=BY)
        pair.here.set_standing(event, second.id, Standing.HIDDEN, by=BY)
        pair.make("booth-token").begin_again()

        pair.round()
        pair.round()

        for albums in (pair.here, pair.there):
            assert albums.photos(twin(albums), 0, 10).photos == ()
            assert albums.faces(twin(albums)) == 2, "who was forgotten at the hub is in none of them at the booth"
            assert albums.search(twin(albums), REQUEST) is None
        assert pair.round() == Told()

    def test_what_is_hidden_while_an_original_is_on_its_way_is_hidden_at_the_booth(
        self, pair: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        event = new_event(pair.here)
        photo = pair.here.add_photo(event, new_photo("a", (1, 0)), by=BY)
        pair.originals = True
        put = AlbumHub.put_original

        def slowly(hub: AlbumHub, event: str, photo: str, content: bytes) -> None:
            pair.there.set_standing(twin(pair.there), photo, Standing.HIDDEN, by=BY)
            put(hub, event, photo, content)

        monkeypatch.setattr(AlbumHub, "put_original", slowly)
        pair.round()

        for albums in (pair.here, pair.there):
            there = albums.any_photo(twin(albums), photo.id)
            assert there is not None
            assert there.standing is Standing.HIDDEN

    def test_two_who_change_an_event_at_once_agree(self, pair: Pair) -> None:
        event = new_event(pair.here)
        pair.round()
        pair.here.change_event("acme", event.slug, EventPlan("here"), by=BY)
        pair.there.change_event("acme", event.slug, EventPlan("there"), by=BY)
        pair.round()
        pair.round()
        assert twin(pair.here).plan == twin(pair.there).plan
        pair.there.close_event("acme", event.slug, closed=True, by=BY)
        pair.make("booth-token").begin_again()
        pair.round()
        assert twin(pair.here).closed == twin(pair.there).closed is not None
        assert pair.round() == Told()

    def test_a_guest_who_was_forgotten_at_the_hub_is_not_brought_back_by_a_look_at_the_booth(self, pair: Pair) -> None:
        event = filled(pair)
        pair.round()
        pair.there.forget_guest(twin(pair.there), REQUEST, 0.5, by=BY)
        pair.clocks[0].now += 3600
        search = pair.here.search(event, REQUEST)
        assert search is not None
        pair.here.renew_search(event, search, by=BY)

        pair.round()

        for albums in (pair.here, pair.there):
            assert albums.search(twin(albums), REQUEST) is None

    def test_a_deleted_photograph_is_not_brought_back_by_a_booth_whose_clock_is_ahead(self, pair: Pair) -> None:
        event = new_event(pair.here)
        pair.clocks[0].now += 3600
        photo = pair.here.add_photo(event, new_photo("a", (1, 0)), by=BY)
        pair.round()
        pair.there.delete_photo(photo.id, by=BY)
        pair.here.set_standing(event, photo.id, Standing.WAITING, by=BY)

        pair.round()

        for albums in (pair.here, pair.there):
            assert albums.any_photo(twin(albums), photo.id) is None

    def test_a_photograph_that_was_deleted_comes_back_where_somebody_adds_it_again(self, pair: Pair) -> None:
        event = new_event(pair.here)
        photo = pair.here.add_photo(event, new_photo("a", (1, 0)), by=BY)
        pair.round()
        for standing in (Standing.HIDDEN, Standing.SHOWN, Standing.HIDDEN):
            pair.there.set_standing(twin(pair.there), photo.id, standing, by=BY)
        pair.there.delete_photo(photo.id, by=BY)
        pair.round()
        pair.here.add_photo(event, new_photo("a", (1, 0)), by=BY)

        assert pair.round() == Told(pushed=1)

        assert pair.there.any_photo(twin(pair.there), photo.id) is not None

    def test_a_round_that_is_cut_off_anywhere_is_made_good_by_the_next(self, pair: Pair) -> None:
        event = filled(pair)
        for after in range(1, 12):
            pair.cut_off(after)
        pair.round()

        there = twin(pair.there)
        assert pair.there.photos(there, 0, 10) == pair.here.photos(event, 0, 10)
        assert pair.there.search(there, REQUEST) == pair.here.search(event, REQUEST)
        assert pair.round() == Told()

    def test_a_hub_that_was_put_back_is_told_of_everything_again(self, pair: Pair) -> None:
        event = filled(pair)
        pair.round()
        pair.hub.put_back()

        assert pair.round().waiting
        pair.round()

        assert pair.there.photos(twin(pair.there), 0, 10) == pair.here.photos(event, 0, 10)

    @pytest.mark.parametrize("part", ["content", "preview", "thumbnail"])
    @pytest.mark.parametrize("behind", [b"PK\x05\x06" + bytes(18), b"something else"])
    def test_a_booth_that_somebody_took_over_brings_nothing_but_pictures_to_the_hub(
        self, pair: Pair, part: str, behind: bytes
    ) -> None:
        event = new_event(pair.here)
        good = new_photo("b", (1, 0))
        changed: dict[str, Any] = {part: picture("a") + behind}
        spoilt = replace(new_photo("a", (2, 0)), **changed)
        pair.originals = True
        for photo in (good, spoilt):
            pair.here.add_photo(event, photo, by=BY)

        told = pair.round()

        assert [(kind, reason) for kind, _id, reason in told.refused] == [("photo", "polyglot")]
        assert digest(picture("a") + behind) not in set(pair.photos[1].digests())
        assert digest(good.content) in set(pair.photos[1].digests())

    def test_an_event_of_the_same_name_at_the_hub_is_named_and_the_others_go_on(self, pair: Pair) -> None:
        stranger = new_event(pair.there)
        new_event(pair.here)
        evening = new_event(pair.here, "evening")

        told = pair.round()

        assert {(kind, reason) for kind, _id, reason in told.refused} == {("event", "taken")}
        assert twin(pair.there, "evening").id == evening.id
        assert twin(pair.there).id == stranger.id

    @pytest.mark.parametrize("token", ["zoo-token", "client-token"])
    def test_vectors_are_told_to_nobody_who_may_not_change_the_organisations_events(
        self, pair: Pair, token: str
    ) -> None:
        filled(pair)
        with pytest.raises(Refused) as refusal:
            pair.make(token).round()
        assert refusal.value.reason == "no_right"

    def test_a_hub_that_is_away_costs_nothing(self, pair: Pair, tmp_path: Path) -> None:
        event = filled(pair)
        follower = pair.make("booth-token")
        follower._hub._line.url = "http://127.0.0.1:9"
        with pytest.raises(Unavailable):
            follower.round()
        pair.round()
        assert pair.there.photos(twin(pair.there), 0, 10) == pair.here.photos(event, 0, 10)
