"""What every `Albums` does with an event, from its making to its purge: the same tests for every store."""

from __future__ import annotations

import os
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from edged.api.albums import Albums
from edged.domain.errors import Refused
from edged.domain.identity import uuid7
from edged.hub.sqlite.database import HubDatabase
from edged.photos.album import EventPlan, EventState, PhotoEvent, Tally, Terms
from edged.photos.photo import PhotoKind, Source, Standing
from edged.photos.photo_files import PhotoFolder
from edged.photos.purge_mark import mark_of
from edged.photos.sqlite_albums import SqliteAlbums
from tests.api.painted import MODEL, vector
from tests.hub.album_site import BY, AlbumSite, digest, new_event, new_photo, new_search, picture
from tests.photos.with_albums import WithAlbums

EVENT_ID = "5f0c6a52-93e3-4a5c-8f57-4a53a1f0b7aa"


class EventContract(WithAlbums):
    """Tests of a store."""

    # what it is

    def test_an_event_has_an_id_of_its_own_or_the_one_it_was_given(self, albums: Albums) -> None:
        first, second = new_event(albums, "run"), new_event(albums, "walk")
        assert uuid.UUID(first.id) != uuid.UUID(second.id)

        given = new_event(albums, "swim", event_id=EVENT_ID)

        assert given.id == EVENT_ID
        with pytest.raises(Refused) as refusal:
            new_event(albums, "dive", event_id=EVENT_ID)
        assert refusal.value.reason == "taken"

    def test_the_terms_of_an_event_are_kept_and_changed(self, albums: Albums) -> None:
        terms = Terms("May we?", 1.5e9, 1.6e9, keeps_selfies=True, keeps_originals=False, is_moderated=True)
        albums.create_organisation("acme", "Acme", by=BY)
        event = albums.create_event("acme", "run", EventPlan("Run", terms=terms), by=BY)
        assert event.plan.terms == terms
        assert albums.event("acme", "run") == event

        changed = albums.change_event("acme", "run", EventPlan("Race", terms=Terms(forgets_faces=False)), by=BY)

        assert changed == albums.event("acme", "run")
        assert changed is not None
        assert changed.plan == EventPlan("Race", terms=Terms(forgets_faces=False))
        assert changed.id == event.id

    def test_another_text_of_consent_is_another_version_and_nothing_else_is(self, albums: Albums) -> None:
        event = new_event(albums, consent="May we?")
        assert event.consent_version == 1

        def version(**terms: object) -> int:
            changed = albums.change_event("acme", "run", replace(event.plan, terms=Terms(**terms)), by=BY)  # type: ignore[arg-type]
            assert changed is not None
            return changed.consent_version

        assert version(consent="May we?", is_moderated=True) == 1
        assert version(consent="May we, please?") == 2
        assert version(consent="May we, please?") == 2
        assert version() == 3

    @pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * 8001])
    def test_a_consent_that_cannot_be_kept_is_refused(self, albums: Albums, event: PhotoEvent, text: str) -> None:
        plan = EventPlan("Run", terms=Terms(text))
        with pytest.raises(Refused) as refusal:
            albums.create_event("acme", "walk", plan, by=BY)
        assert refusal.value.reason == "bad_text"
        with pytest.raises(Refused) as refusal:
            albums.change_event("acme", "run", plan, by=BY)
        assert refusal.value.reason == "bad_text"
        assert albums.event("acme", "run") == event
        assert albums.event("acme", "walk") is None

    @pytest.mark.parametrize("terms", [Terms(closes=-1.0), Terms(expires=1e12), Terms(expires=float("nan"))])
    def test_a_time_that_no_clock_shows_is_refused(self, albums: Albums, event: PhotoEvent, terms: Terms) -> None:
        with pytest.raises(Refused) as refusal:
            albums.change_event("acme", "run", EventPlan("Run", terms=terms), by=BY)
        assert refusal.value.reason == "bad_time"
        assert albums.event("acme", "run") == event

    @pytest.mark.parametrize("name", ["a\0b", "\ud800", "", "x" * 201])
    def test_a_name_that_cannot_be_kept_is_refused(self, albums: Albums, event: PhotoEvent, name: str) -> None:
        with pytest.raises(Refused) as refusal:
            albums.create_organisation("zoo", name, by=BY)
        assert refusal.value.reason == "bad_text"
        with pytest.raises(Refused) as refusal:
            albums.change_event("acme", "run", EventPlan(name), by=BY)
        assert refusal.value.reason == "bad_text"

    # open, closed, expired

    def test_an_event_is_closed_and_opened_again(
        self, album_site: AlbumSite, albums: Albums, event: PhotoEvent
    ) -> None:
        now = album_site.clock.now
        assert event.state(now) is EventState.OPEN

        closed = albums.close_event("acme", "run", True, by=BY)
        assert closed is not None
        assert (closed.closed, closed.state(now)) == (now, EventState.CLOSED)
        assert albums.event("acme", "run") == closed

        opened = albums.close_event("acme", "run", False, by=BY)
        assert opened == event
        assert albums.close_event("acme", "nothing", True, by=BY) is None
        assert list(album_site.acts())[:2] == ["open_event", "close_event"]

    def test_an_event_closes_and_expires_by_the_clock(self, album_site: AlbumSite, albums: Albums) -> None:
        begun = album_site.clock.now
        event = new_event(albums, closes=begun + 10, expires=begun + 20)

        states = [event.state(begun + after) for after in (0, 9.9, 10, 19.9, 20)]

        assert [str(state) for state in states] == ["open", "open", "closed", "closed", "expired"]

    def test_an_event_that_is_not_open_takes_no_photographs_whatever_the_caller_knows_of_it(
        self, album_site: AlbumSite, albums: Albums, event: PhotoEvent
    ) -> None:
        albums.close_event("acme", "run", True, by=BY)
        late = new_event(albums, "walk", closes=album_site.clock.now + 1)
        album_site.clock.now += 1

        for stale in (event, late):
            with pytest.raises(Refused) as refusal:
                albums.add_photo(stale, new_photo("a"), by=BY)
            assert refusal.value.reason == "event_closed"
        assert album_site.files() == set()

        albums.close_event("acme", "run", False, by=BY)
        albums.add_photo(event, new_photo("a"), by=BY)

    def test_what_another_store_has_taken_in_time_may_come_late(self, albums: Albums, event: PhotoEvent) -> None:
        albums.close_event("acme", "run", True, by=BY)

        photo = albums.add_photo(event, new_photo("a", source=Source.SYNC), by=BY)

        assert photo.source is Source.SYNC
        assert albums.photos(event, 0, 10).photos == (photo,)

    def test_of_an_event_that_keeps_no_originals_only_what_is_shown_is_kept(
        self, album_site: AlbumSite, albums: Albums
    ) -> None:
        event = new_event(albums, keeps_originals=False)
        new = replace(new_photo("a"), content=b"\x89PNG\r\n\x1a\n", filename="a.PNG")

        photo = albums.add_photo(event, new, by=BY)

        original, preview = (albums.content(photo.id, kind) for kind in (PhotoKind.ORIGINAL, PhotoKind.PREVIEW))
        assert original is not None
        assert preview is not None
        assert original.content == preview.content == new.preview
        assert (original.filename, original.media_type) == ("a.jpg", "image/jpeg")
        assert photo.filename == "a.PNG"
        assert album_site.files() == {digest(new.preview), digest(new.thumbnail)}
        assert albums.add_photo(event, new, by=BY) == photo

    def test_originals_are_not_kept_from_the_moment_they_shall_not_be(
        self, album_site: AlbumSite, albums: Albums, event: PhotoEvent
    ) -> None:
        albums.change_event("acme", "run", replace(event.plan, terms=Terms(keeps_originals=False)), by=BY)

        albums.add_photo(event, new_photo("a"), by=BY)

        assert digest(picture("a")) not in album_site.files()

    # the same everywhere

    def test_a_photograph_has_the_same_id_in_every_store(self, albums: Albums, tmp_path: Path) -> None:
        def new_id() -> str:
            return uuid7(time.time(), os.urandom(10))

        event = new_event(albums, event_id=EVENT_ID)
        here = albums.add_photo(event, new_photo("a"), by=BY)
        with closing(HubDatabase.open(tmp_path / "other.db", time.time, new_id)) as database:
            others = SqliteAlbums(database, PhotoFolder(tmp_path / "others"))
            there = others.add_photo(
                new_event(others, "gala", "zoo", event_id=EVENT_ID), new_photo("a", filename="b"), by=BY
            )
            another = others.add_photo(new_event(others, "walk", "zoo"), new_photo("a"), by=BY)

        assert uuid.UUID(here.id).version == 8
        assert there.id == here.id
        assert another.id != here.id
        assert albums.delete_photo(here.id, by=BY)
        assert albums.add_photo(event, new_photo("a"), by=BY).id == here.id

    # counts

    def test_an_event_is_tallied(self, albums: Albums) -> None:
        event = new_event(albums, keeps_selfies=True)
        assert albums.tally(event) == Tally()
        photos = [albums.add_photo(event, new_photo(str(at), (1, at), (2, at)), by=BY).id for at in range(4)]
        albums.set_standing(event, photos[0], Standing.HIDDEN, by=BY)
        albums.set_standing(event, photos[1], Standing.WAITING, by=BY)
        mine, theirs = str(uuid.uuid4()), str(uuid.uuid4())
        albums.finish_search(event, new_search(mine, (1, 0), *photos), by=BY, selfie=b"me")
        albums.finish_search(event, new_search(theirs, (2, 0), *photos), by=BY)
        albums.begin_search(event, str(uuid.uuid4()))
        albums.deny(event, theirs, photos[2], by=BY)

        size = sum(len(new_photo(str(at)).content) for at in range(4))
        assert albums.tally(event) == Tally(2, 1, 1, 8, 2, 1, 1, size, 0)
        assert albums.tally(event).photos == 4
        albums.forget_guest(event, theirs, 0.5, by=BY)
        assert albums.tally(event) == Tally(2, 1, 1, 5, 1, 0, 1, size, 1)

    # the purge

    def test_a_purged_event_leaves_nothing_but_that_it_was_there(self, album_site: AlbumSite, albums: Albums) -> None:
        event = new_event(albums, keeps_selfies=True, event_id=EVENT_ID)
        photos = [albums.add_photo(event, new_photo(name, (1, 0)), by=BY) for name in ("a", "b")]
        request = str(uuid.uuid4())
        albums.finish_search(event, new_search(request, (1, 0), photos[0].id), by=BY, selfie=b"selfie")
        tally = albums.tally(event)
        album_site.clock.now += 100

        purge = albums.purge_event("acme", "run", by=BY)

        assert purge is not None
        assert (purge.event, purge.organisation, purge.slug, purge.name) == (EVENT_ID, "acme", "run", "The run")
        assert (purge.at, purge.tally, purge.report) == (album_site.clock.now, tally, "")
        assert (purge.by, purge.files) == (BY.id, 7)
        assert purge.digests == tuple(sorted(mark_of(purge.salt, digest(picture(name))) for name in ("a", "b")))
        assert album_site.files() == set()
        assert albums.event("acme", "run") is None
        assert albums.content(photos[0].id, PhotoKind.ORIGINAL) is None
        assert albums.any_photo(event, photos[0].id) is None
        assert albums.photos(event, 0, 10, None).total == 0
        assert albums.like(event, MODEL, vector(1), -1.0) == []
        assert albums.search(event, request) is None
        assert list(albums.searches_by_id(request)) == []
        assert albums.tally(event) == Tally()
        assert albums.purge_event("acme", "run", by=BY) is None
        assert list(albums.purges()) == [purge]
        assert list(albums.purged_events()) == [purge.event]

    def test_files_that_another_event_has_as_well_stay(self, album_site: AlbumSite, albums: Albums) -> None:
        event, other = (new_event(albums, slug, keeps_selfies=True) for slug in ("run", "walk"))
        for one in (event, other):
            albums.add_photo(one, new_photo("a"), by=BY)
            albums.finish_search(one, new_search(str(uuid.uuid4())), by=BY, selfie=b"selfie")
        albums.add_photo(event, new_photo("b"), by=BY)
        before = album_site.files()

        albums.purge_event("acme", "run", by=BY)

        b = new_photo("b")
        assert before - album_site.files() == {digest(file) for file in (b.content, b.preview, b.thumbnail)}
        assert digest(b"selfie") in album_site.files()

    def test_more_photographs_than_are_swept_at_once_are_purged(
        self, album_site: AlbumSite, albums: Albums, event: PhotoEvent
    ) -> None:
        for at in range(60):
            albums.add_photo(event, new_photo(str(at)), by=BY)
        assert len(album_site.files()) == 180
        albums.purge_event("acme", "run", by=BY)
        assert album_site.files() == set()

    def test_a_purged_event_never_comes_back_but_another_may_have_its_name(self, albums: Albums) -> None:
        old = new_event(albums, event_id=EVENT_ID)
        photo = albums.add_photo(old, new_photo("a", (1, 0)), by=BY)
        albums.purge_event("acme", "run", by=BY)

        with pytest.raises(Refused) as refusal:
            new_event(albums, event_id=EVENT_ID)
        assert refusal.value.reason == "purged"
        assert albums.event("acme", "run") is None

        new = new_event(albums)
        assert new.id != EVENT_ID
        with pytest.raises(Refused) as refusal:
            albums.add_photo(old, new_photo("a", (1, 0)), by=BY)
        assert refusal.value.reason == "no_event"
        assert albums.photos(new, 0, 10, None).total == 0
        assert albums.photos_by_id(old, [photo.id]) == []
        again = albums.add_photo(new, new_photo("a", (1, 0)), by=BY)
        assert again.id != photo.id
        assert albums.photos(old, 0, 10, None).total == 0

    def test_purges_are_remembered_the_latest_first_and_signed(self, album_site: AlbumSite, albums: Albums) -> None:
        for slug, organisation in (("run", "acme"), ("walk", "acme"), ("run", "zoo")):
            new_event(albums, slug, organisation)
            album_site.clock.now += 1
            albums.purge_event(organisation, slug, by=BY)

        assert [(one.organisation, one.slug) for one in albums.purges()] == [
            ("zoo", "run"),
            ("acme", "walk"),
            ("acme", "run"),
        ]
        mine = albums.purges("acme")
        assert [one.slug for one in mine] == ["walk", "run"]
        assert list(albums.purges("nobody")) == []

        albums.sign_purge(mine[0].event, '{"signed": true}')

        assert list(albums.purges("acme")) == [replace(mine[0], report='{"signed": true}'), mine[1]]

    def test_of_photographs_that_come_while_their_event_is_purged_nothing_stays(
        self, album_site: AlbumSite, albums: Albums
    ) -> None:
        for turn in range(5):
            event = new_event(albums, f"run-{turn}")

            def add(at: int, event: PhotoEvent = event) -> bool:
                try:
                    albums.add_photo(event, new_photo(str(at), (1, at)), by=BY)
                except Refused:
                    return False
                return True

            with ThreadPoolExecutor(4) as pool:
                added = [pool.submit(add, at) for at in range(8)]
                added[turn].result()
                purge = albums.purge_event("acme", event.slug, by=BY)
                there = sum(one.result() for one in added)
            assert purge is not None
            assert purge.tally.photos == there
            assert album_site.files() == set()
