from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import LiteralString

import numpy as np
import psycopg
import pytest

from edged.api.access import Right
from edged.api.directory import FaceChange, FaceFilter, Fields, GalleryChange
from edged.api.fleet import Aim, Place, Push
from edged.domain.errors import Corrupt, Refused, Unavailable
from edged.hub.migration import Moved, migrate
from edged.hub.photo_bucket import BucketAddress, PhotoBucket
from edged.hub.postgresql.albums import PostgresAlbums
from edged.hub.postgresql.audit import audit
from edged.hub.postgresql.database import Database
from edged.hub.postgresql.directory import PostgresDirectory
from edged.hub.postgresql.feed_shelf import PostgresAlbumFeed
from edged.hub.postgresql.fleet import PostgresFleet
from edged.hub.postgresql.schema import prepare
from edged.hub.postgresql.tokens import PostgresTokens
from edged.hub.signature import Credentials
from edged.hub.sqlite.database import HubDatabase
from edged.hub.sqlite.directory import SqliteDirectory
from edged.hub.sqlite.fleet import SqliteFleet
from edged.hub.sqlite.tokens import SqliteTokens
from edged.photos.album import EventPlan, Features, Terms
from edged.photos.photo import PhotoKind, Standing
from edged.photos.photo_files import PhotoFiles, PhotoFolder
from edged.photos.report import ReportReason
from edged.photos.search import Search
from edged.photos.sqlite_albums import SqliteAlbums
from edged.photos.sqlite_feed import SqliteAlbumFeed
from tests.api.painted import MODEL, new_face, vector
from tests.hub.album_site import BY, new_event, new_photo, new_search
from tests.hub.postgresql.postgres_site import new_id
from tests.hub.storage_server import ACCESS, SECRET, storage

GUESTS = [f"0f8fad5b-d9cb-469f-a165-7086772895{at:02}" for at in range(3)]


class OldSite:
    """A site with people, photographs and a past."""

    def __init__(self, folder: Path) -> None:
        self.database = HubDatabase.open(folder / "hub.db", time.time, new_id)
        self.files = PhotoFolder(folder / "photos")
        self.directory = SqliteDirectory(self.database)
        self.albums = SqliteAlbums(self.database, self.files)

    def live(self) -> None:
        for who in range(1, 30):
            faces = [new_face(who, day) for day in range(who % 3 + 1)]
            fields = Fields("Ann", f"Nr. {who}", phone="+49 30 1")
            self.directory.enroll(f"key {who}", faces, by=BY, fields=fields, galleries=["vip"] if who % 2 else ())
        self.directory.enroll("", [new_face(30)], by=BY)
        self.directory.enroll("without a face", [], by=BY)
        self.directory.create_gallery("empty", by=BY)
        self.directory.delete_person("key 29", by=BY)
        event = new_event(self.albums)
        photos = [self.albums.add_photo(event, new_photo(f"p{at}", (at, 3), taken=at * 1.5), by=BY) for at in range(5)]
        self.albums.delete_photo(photos[4].id, by=BY)
        self.albums.finish_search(event, Search(new_id(), 0.9, tuple(photo.id for photo in photos[:2])), by=BY)
        self.albums.begin_search(event, new_id())
        self.live_at_a_booth()
        self.tokens = SqliteTokens(self.database)
        self.tokens.create("kiosk", {Right.MATCH}, by=BY, gallery="vip")
        fleet = SqliteFleet(self.database)
        fleet.assign("door", ["vip"], by=BY)
        fleet.keep_events("door", [("1", "{}"), ("2", '{"a": 1}')])
        aim = Aim("", new_id(), "pushed")
        fleet.push(Push(aim, "", None, None, None, (new_face(31),), (), MODEL), by=BY)
        gone = fleet.meant(aim)
        fleet.remove(gone, by=BY)
        fleet.keep_receipts("door", "aa", [(gone, '{"n": 1}')])

    def live_at_a_booth(self) -> None:
        """An event with everything that one may have, and one that is over."""
        gala = new_event(
            self.albums,
            "gala",
            "zoo",
            closes=2e9,
            expires=2.1e9,
            consent="May we?",
            keeps_selfies=True,
            is_moderated=True,
        )
        photos = [self.albums.add_photo(gala, new_photo(f"g{at}", (1, at), (2, at)), by=BY).id for at in range(4)]
        for photo in photos[:3]:
            self.albums.set_standing(gala, photo, Standing.SHOWN, by=BY)
        for request, who in zip(GUESTS, (1, 2, 3), strict=True):
            search = replace(new_search(request, (who, 0), *photos[:3]), consent=1)
            self.albums.finish_search(gala, search, by=BY, selfie=request.encode())
        self.albums.deny(gala, GUESTS[0], photos[0], by=BY)
        for request, photo in ((GUESTS[0], photos[1]), (GUESTS[1], photos[2])):
            self.albums.report(gala, request, photo, ReportReason.CHILD, by=BY)
        self.albums.set_standing(gala, photos[1], Standing.SHOWN, by=BY)
        self.albums.close_event("zoo", "gala", True, by=BY)
        over = new_event(self.albums, "over", "zoo")
        self.albums.add_photo(over, new_photo("o", (1, 0)), by=BY)
        purge = self.albums.purge_event("zoo", "over", by=BY)
        assert purge is not None
        self.albums.sign_purge(purge.event, '{"signed": true}')


@pytest.fixture
def old(tmp_path: Path) -> Iterator[OldSite]:
    site = OldSite(tmp_path / "old")
    site.live()
    with closing(site.database):
        yield site


@pytest.fixture
def files(tmp_path: Path) -> PhotoFiles:
    return PhotoFolder(tmp_path / "new-photos")


def move(old: OldSite, database: Database, files: PhotoFiles, *, finish: bool = True) -> Moved:
    return migrate(old.database, old.files, database, files, finish=finish)


def assert_same(old: OldSite, database: Database, files: PhotoFiles) -> None:
    directory = PostgresDirectory(database, time.time, new_id)
    albums = PostgresAlbums(database, files, time.time, new_id)
    faces = old.directory.faces(limit=1000)
    assert directory.faces(limit=1000) == faces
    for face in faces.faces:
        before, after = old.directory.person_by_id(face.person), directory.person_by_id(face.person)
        assert before is not None
        assert after is not None
        assert (after.key, after.fields, after.faces) == (before.key, before.fields, before.faces)
    fleet, old_fleet = PostgresFleet(database, time.time, new_id), SqliteFleet(old.database)
    assert fleet.epoch() == old_fleet.epoch()
    assert list(fleet.devices()) == list(old_fleet.devices())
    assert list(fleet.events(0, 100)) == list(old_fleet.events(0, 100))
    departures = old_fleet.departures(None, 100)
    assert list(fleet.departures(None, 100)) == list(departures)
    for departure in departures:
        assert fleet.receipts(departure.id) == old_fleet.receipts(departure.id)
    assert any(departure.receipts for departure in departures)
    feed, old_feed = fleet.changes(Place(), MODEL, 1000), old_fleet.changes(Place(), MODEL, 1000)
    assert (feed.epoch, feed.revision) == (old_feed.epoch, old_feed.revision)
    assert [(item.place, item.id, item.gone) for item in feed.items] == [
        (item.place, item.id, item.gone) for item in old_feed.items
    ]
    assert list(PostgresTokens(database, time.time).all()) == list(old.tokens.all())
    assert list(directory.galleries()) == list(old.directory.galleries())
    assert [(meta.key, meta.count) for meta in directory.metas("vip")] == [
        (meta.key, meta.count) for meta in old.directory.metas("vip")
    ]
    for who in range(1, 30, 7):
        near, likewise = (one.nearest(MODEL, vector(who, 9), 5) for one in (directory, old.directory))
        assert [match.face for match in near] == [match.face for match in likewise]
        assert np.allclose([one.similarity for one in near], [one.similarity for one in likewise], atol=1e-6)
    assert list(audit(database, 1000)) == list(old.database.audit(1000))
    assert_same_guests(old, database, albums)
    assert [one.slug for one in albums.organisations()] == [one.slug for one in old.albums.organisations()]
    for organisation in old.albums.organisations():
        events = old.albums.events(organisation.slug, 0, 100)
        assert albums.events(organisation.slug, 0, 100) == (events[0], list(events[1]))
        for event in events[1]:
            page = old.albums.photos(event, 0, 100, None)
            assert albums.photos(event, 0, 100, None) == page
            assert albums.tally(event) == old.albums.tally(event)
            assert albums.faces(event) == old.albums.faces(event)
            assert [one.photo for one in albums.like(event, MODEL, vector(2, 5), 0.3)] == [
                one.photo for one in old.albums.like(event, MODEL, vector(2, 5), 0.3)
            ]
            for photo in page.photos:
                for kind in PhotoKind:
                    ours, theirs = albums.content(photo.id, kind), old.albums.content(photo.id, kind)
                    assert ours is not None
                    assert theirs is not None
                    assert (ours.content, ours.media_type) == (theirs.content, theirs.media_type)


def assert_same_guests(old: OldSite, database: Database, albums: PostgresAlbums) -> None:
    assert list(albums.purges()) == list(old.albums.purges())
    old_feed = SqliteAlbumFeed(old.database, old.files)
    feed = PostgresAlbumFeed(database, old.files, time.time, new_id)
    for organisation in ("acme", "zoo"):
        changes = old_feed.changes(organisation, 0, 1000)
        assert changes[1]
        assert feed.changes(organisation, 0, 1000) == changes
    gala = albums.event("zoo", "gala")
    assert gala is not None
    assert albums.reports(gala) == old.albums.reports(gala)
    for at, request in enumerate(GUESTS, 1):
        assert albums.selfie(gala, request) == old.albums.selfie(gala, request)
        before, after = old.albums.search(gala, request), albums.search(gala, request)
        assert after == before
        if before is not None and after is not None:
            assert before.probe is not None
            assert after.probe is not None
            assert np.array_equal(before.probe.vector, after.probe.vector)
            assert after.done == before.done
            kept, old_kept = feed.kept_search(gala, request), old_feed.kept_search(gala, request)
            assert kept is not None
            assert old_kept is not None
            assert (kept.renewals, kept.denied) == (old_kept.renewals, old_kept.denied)
        assert [one.photo for one in albums.like(gala, MODEL, vector(at), 0.5)] == [
            one.photo for one in old.albums.like(gala, MODEL, vector(at), 0.5)
        ]


def test_a_site_is_moved_with_everything(old: OldSite, database: Database, files: PhotoFiles) -> None:
    moved = move(old, database, files)

    assert (moved.finished, moved.people, moved.photos) == (True, 30, 8)
    assert {table.table for table in moved.tables} >= {"people", "faces", "crops", "audit", "vectors of painted"}
    assert_same(old, database, files)


def test_a_site_without_events_is_moved(database: Database, files: PhotoFiles, tmp_path: Path) -> None:
    site = OldSite(tmp_path / "people")
    with closing(site.database):
        site.directory.enroll("somebody", [new_face(1)], by=BY)

        assert move(site, database, files).finished

    albums = PostgresAlbums(database, files, time.time, new_id)
    event = new_event(albums)
    feed = PostgresAlbumFeed(database, files, time.time, new_id)
    assert [change.id for change in feed.changes("acme", 0, 10)[1]] == [event.id]


def test_numbers_that_were_used_before_are_not_used_after(old: OldSite, database: Database, files: PhotoFiles) -> None:
    last = old.directory.enroll("the last", [new_face(40)], by=BY).faces[0]
    old.directory.delete_person("the last", by=BY)
    move(old, database, files)

    person = PostgresDirectory(database, time.time, new_id).enroll("next", [new_face(41)], by=BY)

    assert person.faces[0].number == last.number + 1
    assert person.id != last.person


def test_a_booth_goes_on_where_it_was(old: OldSite, database: Database, files: PhotoFiles) -> None:
    reached, _changes = SqliteAlbumFeed(old.database, old.files).changes("acme", 0, 1000)
    move(old, database, files)
    feed = PostgresAlbumFeed(database, files, time.time, new_id)
    assert feed.changes("acme", reached, 1000) == (reached, [])

    walk = new_event(PostgresAlbums(database, files, time.time, new_id), "walk")

    assert [change.id for change in feed.changes("acme", reached, 1000)[1]] == [walk.id]


def test_what_changes_meanwhile_comes_with_the_next_call(old: OldSite, database: Database, files: PhotoFiles) -> None:
    move(old, database, files, finish=False)
    directory, albums = old.directory, old.albums
    directory.delete_person("key 3", by=BY)
    directory.enroll("key 3", [new_face(33)], by=BY)
    face = directory.faces(FaceFilter(key="key 5")).faces[0]
    directory.change_face(face.number, FaceChange(key="key 6", galleries=GalleryChange(add=("new",))), by=BY)
    directory.delete_faces(FaceFilter(key="key 7"), by=BY)
    directory.delete_gallery("vip", purge=False, by=BY)
    directory.update("key 8", Fields("Bob"), by=BY)
    event = albums.event("acme", "run")
    assert event is not None
    again = albums.photos(event, 0, 1).photos[0]
    albums.delete_photo(again.id, by=BY)
    albums.add_photo(event, new_photo("p0", (1, 1)), by=BY)
    albums.change_event(
        "acme", "run", replace(event.plan, features=replace(event.plan.features, downloads=False)), by=BY
    )
    late = albums.create_event("acme", "late", EventPlan("Late", Features(), 0.5), by=BY)
    albums.add_photo(late, new_photo("late", (9, 1)), by=BY)

    move(old, database, files)

    assert_same(old, database, files)


def test_what_guests_and_organisers_do_meanwhile_comes_with_the_next_call(
    old: OldSite, database: Database, files: PhotoFiles
) -> None:
    move(old, database, files, finish=False)
    albums = old.albums
    gala = albums.event("zoo", "gala")
    assert gala is not None
    photos = [photo.id for photo in albums.photos(gala, 0, 10, None).photos]
    albums.set_standing(gala, photos[1], Standing.HIDDEN, by=BY)
    albums.set_standing(gala, photos[3], Standing.SHOWN, by=BY)
    albums.forget_guest(gala, GUESTS[0], 0.5, by=BY)
    albums.report(gala, GUESTS[2], photos[0], ReportReason.OTHER, by=BY)
    albums.deny(gala, GUESTS[1], photos[2], by=BY)
    albums.renew_search(gala, new_search(GUESTS[2], (3, 0), photos[3]), by=BY)
    albums.change_event("zoo", "gala", replace(gala.plan, terms=Terms("May we, please?")), by=BY)
    albums.purge_event("acme", "run", by=BY)

    move(old, database, files)

    assert_same(old, database, files)
    moved = PostgresAlbums(database, files, time.time, new_id)
    assert moved.event("acme", "run") is None
    assert moved.search(gala, GUESTS[0]) is None
    assert moved.reports(gala) == albums.reports(gala)
    assert len(moved.reports(gala)) == 3


def test_an_original_that_a_booth_tells_late_comes_with_the_next_call(
    old: OldSite, database: Database, files: PhotoFiles
) -> None:
    event = new_event(old.albums, "small", keeps_originals=False)
    photo = old.albums.add_photo(event, new_photo("late"), by=BY)
    move(old, database, files, finish=False)
    feed = SqliteAlbumFeed(old.database, old.files)
    kept = feed.photo(event, photo.id)
    assert kept is not None
    feed.take_photo(event, kept, [(PhotoKind.ORIGINAL.value, new_photo("late").content)], by=BY)

    move(old, database, files)

    assert_same(old, database, files)


def test_a_migration_that_was_cut_off_goes_on(old: OldSite, database: Database, tmp_path: Path) -> None:
    class Failing(PhotoFolder):
        left = 4

        def put(self, digest: str, content: bytes) -> None:
            if not self.left:
                raise Unavailable("the storage is away")
            self.left -= 1
            super().put(digest, content)

    failing = Failing(tmp_path / "new-photos")
    with pytest.raises(Unavailable):
        move(old, database, failing)
    with pytest.raises(Unavailable, match="being moved"):
        prepare(database)

    failing.left = 1000
    move(old, database, failing)

    prepare(database)
    assert_same(old, database, failing)


def test_photographs_may_move_to_a_bucket(old: OldSite, database: Database) -> None:
    with storage() as server:
        address = BucketAddress.read(server.address)
        with closing(PhotoBucket(address, Credentials(ACCESS, SECRET))) as bucket:
            move(old, database, bucket)
            assert_same(old, database, bucket)


def test_nothing_is_moved_onto_another_site(old: OldSite, database: Database, files: PhotoFiles) -> None:
    PostgresDirectory(database, time.time, new_id).enroll("somebody", [new_face(1)], by=BY)
    with pytest.raises(Refused) as error:
        move(old, database, files)
    assert error.value.reason == "not_empty"


def test_a_second_site_is_not_moved_onto_the_first(
    old: OldSite, database: Database, files: PhotoFiles, tmp_path: Path
) -> None:
    move(old, database, files)
    with pytest.raises(Refused) as error:
        move(old, database, files)
    assert error.value.reason == "finished"
    second = OldSite(tmp_path / "second")
    with closing(second.database):
        second.live()
        with pytest.raises(Refused) as error:
            move(second, database, files)
    assert error.value.reason == "not_empty"


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE vectors_1 SET vector = vector * vector WHERE face = 3",
        "UPDATE people SET phone = '' WHERE number = 4",
        "DELETE FROM crops WHERE face = 5",
        "DELETE FROM photo_faces WHERE number = 1",
        "UPDATE photos SET source = 'camera' WHERE number = 1",
        "UPDATE album_changes SET by = 'somebody' WHERE number = 2",
        "UPDATE purges SET tally = '{}'",
        "UPDATE photo_files SET media_type = 'image/png' WHERE photo = 1",
        "UPDATE audit SET about = 'nobody' WHERE number = 2",
    ],
)
def test_a_difference_is_found_before_anybody_uses_the_server(
    old: OldSite, database: Database, files: PhotoFiles, address: str, harm: LiteralString
) -> None:
    move(old, database, files, finish=False)
    with psycopg.connect(address) as connection:
        connection.execute(harm)
    with pytest.raises(Corrupt, match="differ"):
        move(old, database, files)
    with pytest.raises(Unavailable, match="being moved"):
        prepare(database)
