from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from edged.api.directory import FaceFilter, Fields
from edged.domain.errors import Corrupt, Refused, Unsupported
from edged.hub.sqlite.backup import copy_database, make_fit
from edged.hub.sqlite.database import HubDatabase, advance, revision
from edged.hub.sqlite.directory import SqliteDirectory
from edged.hub.sqlite.fleet import SqliteFleet
from edged.photos.photo import Standing
from edged.photos.photo_files import PhotoFolder
from edged.photos.sqlite_albums import SqliteAlbums
from edged.photos.sqlite_feed import SqliteAlbumFeed
from tests.api.painted import MODEL, new_face, vector
from tests.hub.album_site import new_event, new_photo, new_search
from tests.hub.site import BY
from tests.hub.sqlite_site import open_database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "hub.db"


@pytest.fixture
def copy(tmp_path: Path, path: Path) -> Path:
    """A copy of a directory in which anna, ben and carl have two faces each."""
    copy = tmp_path / "copies" / "hub-1.db"
    copy.parent.mkdir()
    with closing(open_database(path)) as database:
        directory = SqliteDirectory(database)
        for who, key in enumerate(("anna", "ben", "carl"), 1):
            directory.enroll(key, [new_face(who), new_face(who, 1)], by=BY, fields=Fields(key), galleries=["x"])
        copy_database(path, copy)
    return copy


def keys(directory: SqliteDirectory) -> dict[str, int]:
    return {meta.key: meta.count for meta in directory.metas()}


def state(database: HubDatabase) -> tuple[str, int]:
    with database.reading() as connection:
        return SqliteFleet(database).epoch(), revision(connection)


def restore(copy: Path, path: Path) -> None:
    """Puts a copy in the place of the database."""
    make_fit(copy, path)
    for log in ("-wal", "-shm"):
        path.with_name(path.name + log).unlink(missing_ok=True)
        assert not copy.with_name(copy.name + log).exists()
    copy.replace(path)


def test_a_copy_is_for_its_owner_only_and_nothing_else_is_left(copy: Path) -> None:
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in copy.parent.iterdir()] == ["hub-1.db"]


def test_a_copy_holds_nothing_of_whoever_was_deleted(tmp_path: Path, path: Path) -> None:
    with closing(open_database(path)) as database:
        directory = SqliteDirectory(database)
        directory.enroll("4711", [new_face(1)], by=BY, fields=Fields("Rumpelstilzchen"))
        directory.delete_person("4711", by=BY)
        copy_database(path, tmp_path / "copy.db")
    assert b"Rumpelstilzchen" not in (tmp_path / "copy.db").read_bytes()


def test_a_copy_is_made_while_somebody_writes(tmp_path: Path, path: Path) -> None:
    with closing(open_database(path, patience_s=0.1)) as database:
        SqliteDirectory(database).enroll("before", [new_face(1)], by=BY)
        with database.writing() as connection:
            advance(connection)
            copy_database(path, tmp_path / "copy.db")
    restore(tmp_path / "copy.db", path)
    with closing(open_database(path)) as database:
        assert keys(SqliteDirectory(database)) == {"before": 1}


def test_what_was_there_comes_back_and_what_was_not_does_not(path: Path, copy: Path) -> None:
    with closing(open_database(path)) as database:
        SqliteDirectory(database).enroll("dora", [new_face(4)], by=BY)
        before = state(database)
    restore(copy, path)

    with closing(open_database(path)) as database:
        directory = SqliteDirectory(database)
        assert keys(directory) == {"anna": 2, "ben": 2, "carl": 2}
        assert directory.nearest(MODEL, vector(2), 1)[0].face.key == "ben"
        anna = directory.person("anna")
        assert anna is not None
        assert (anna.fields, anna.faces[0].galleries) == (Fields("anna"), ("default", "x"))
        after = state(database)
        assert after[0] != before[0], "whoever followed the changes begins anew"
        assert after[1] > before[1]
        assert [entry.about.split(",")[0] for entry in database.audit()] == ["dora", "carl", "ben", "anna"]


def test_whoever_was_deleted_since_does_not_come_back(path: Path, copy: Path) -> None:
    with closing(open_database(path)) as database:
        directory = SqliteDirectory(database)
        directory.delete_person("anna", by=BY)
        directory.delete_face(directory.faces(FaceFilter(key="ben")).faces[0].number, by=BY)
    restore(copy, path)

    with closing(open_database(path)) as database:
        directory = SqliteDirectory(database)
        assert keys(directory) == {"ben": 1, "carl": 2}
        assert {match.face.key for match in directory.nearest(MODEL, vector(1), 9)} == {"ben", "carl"}
        directory.delete_person("carl", by=BY)
        assert keys(directory) == {"ben": 1}


def test_an_event_that_was_purged_since_does_not_come_back(tmp_path: Path, path: Path) -> None:
    copy = tmp_path / "copy.db"
    with closing(open_database(path)) as database:
        albums = SqliteAlbums(database, PhotoFolder(tmp_path / "photos"))
        event, other = new_event(albums), new_event(albums, "walk")
        for one in (event, other):
            albums.add_photo(one, new_photo("a", (1, 0)), by=BY)
        copy_database(path, copy)
        purge = albums.purge_event("acme", "run", by=BY)

    restore(copy, path)

    with closing(open_database(path)) as database:
        albums = SqliteAlbums(database, PhotoFolder(tmp_path / "photos"))
        assert albums.event("acme", "run") is None
        assert list(albums.purges()) == [purge]
        with pytest.raises(Refused, match="purged"):
            new_event(albums, event_id=event.id)
        (photo,) = albums.photos(other, 0, 10).photos
        assert [found.photo for found in albums.like(other, MODEL, vector(1), 0.5)] == [photo.id]
        feed = SqliteAlbumFeed(database, PhotoFolder(tmp_path / "photos"))
        assert event.id in [change.id for change in feed.changes("acme", 0, 10)[1]], "a booth is told once more"
        assert albums.tidy() == 0


def test_what_guests_and_organisers_took_away_since_does_not_come_back(tmp_path: Path, path: Path) -> None:
    copy, mine, theirs = tmp_path / "copy.db", str(uuid.uuid4()), str(uuid.uuid4())
    with closing(open_database(path)) as database:
        albums = SqliteAlbums(database, PhotoFolder(tmp_path / "photos"))
        event = new_event(albums)
        photos = [albums.add_photo(event, new_photo(name, (1, 0), (2, 0)), by=BY) for name in "abc"]
        for request, who in ((mine, (1, 0)), (theirs, (2, 0))):
            albums.finish_search(event, new_search(request, who, photos[0].id), by=BY)
        copy_database(path, copy)
        albums.forget_guest(event, mine, 0.5, by=BY)
        albums.delete_photo(photos[1].id, by=BY)
        albums.set_standing(event, photos[2].id, Standing.HIDDEN, by=BY)
        tally = albums.tally(event)

    restore(copy, path)

    with closing(open_database(path)) as database:
        albums = SqliteAlbums(database, PhotoFolder(tmp_path / "photos"))
        assert albums.search(event, mine) is None
        assert albums.search(event, theirs) is not None
        assert [photo.id for photo in albums.photos(event, 0, 10, None).photos] == [photos[0].id, photos[2].id]
        assert albums.like(event, MODEL, vector(1), 0.5) == []
        assert [found.photo for found in albums.like(event, MODEL, vector(2), 0.5)] == [photos[0].id]
        assert replace(albums.tally(event), guests_forgotten=1) == tally
        again = albums.event("acme", "run")
        assert again is not None
        assert (again.photos, again.waiting) == (1, 0)


def test_what_was_added_since_may_come_again_from_whoever_still_has_it(tmp_path: Path, path: Path) -> None:
    copy = tmp_path / "copy.db"
    with closing(open_database(path)) as database:
        albums = SqliteAlbums(database, PhotoFolder(tmp_path / "photos"))
        event = new_event(albums)
        copy_database(path, copy)
        photo = albums.add_photo(event, new_photo("a", (1, 0)), by=BY)
        kept = SqliteAlbumFeed(database, PhotoFolder(tmp_path / "photos")).photo(event, photo.id)
        assert kept is not None

    restore(copy, path)

    with closing(open_database(path)) as database:
        albums = SqliteAlbums(database, PhotoFolder(tmp_path / "photos"))
        assert albums.photos(event, 0, 10).total == 0
        files = [("preview", new_photo("a").preview), ("thumbnail", new_photo("a").thumbnail)]
        SqliteAlbumFeed(database, PhotoFolder(tmp_path / "photos")).take_photo(event, kept, files, by=BY)
        assert albums.photos(event, 0, 10).total == 1


def test_a_token_that_was_revoked_since_does_not_become_valid_again(tmp_path: Path, path: Path) -> None:
    table = "CREATE TABLE IF NOT EXISTS tokens (id, name, rights, created, revoked, digest)"
    with closing(open_database(path)) as database:
        with database.writing() as connection:
            connection.execute(table)
            connection.execute(
                "INSERT INTO tokens (id, name, rights, created, digest) VALUES ('t1', 'desk', 'read', 1.0, x'00')"
            )
        copy_database(path, tmp_path / "copy.db")
        with database.writing() as connection:
            connection.execute("UPDATE tokens SET revoked = 2.0")
    restore(tmp_path / "copy.db", path)

    with closing(open_database(path)) as database, database.reading() as connection:
        assert connection.execute("SELECT id, revoked FROM tokens").fetchall() == [("t1", 2.0)]


def test_what_a_device_has_proved_since_stays(path: Path, copy: Path) -> None:
    with closing(open_database(path)) as database:
        anna = SqliteDirectory(database).delete_person("anna", by=BY)
        assert anna is not None
        SqliteFleet(database).keep_receipts("door", "aa", [(anna.id, "{}")])
    restore(copy, path)

    with closing(open_database(path)) as database:
        fleet = SqliteFleet(database)
        assert [kept.device for kept in fleet.receipts(anna.id)] == ["door"]
        with pytest.raises(Refused):
            fleet.keep_receipts("door", "bb", [])


@pytest.mark.parametrize("is_damaged", [False, True])
def test_no_number_of_a_face_is_used_twice(path: Path, copy: Path, is_damaged: bool) -> None:
    with closing(open_database(path)) as database:
        newest = SqliteDirectory(database).enroll("dora", [new_face(4)] * 5, by=BY).faces[0].number
    if is_damaged:
        path.write_bytes(b"no database" * 1000)
    restore(copy, path)

    with closing(open_database(path)) as database:
        assert SqliteDirectory(database).enroll("emil", [new_face(5)], by=BY).faces[0].number > newest


@pytest.mark.parametrize("spoil", [lambda path: path.unlink(), lambda path: path.write_bytes(b"spoilt" * 5000)])
def test_a_copy_takes_the_place_of_a_database_that_is_gone_or_damaged(
    path: Path, copy: Path, spoil: Callable[[Path], object]
) -> None:
    spoil(path)
    restore(copy, path)
    with closing(open_database(path)) as database:
        assert keys(SqliteDirectory(database)) == {"anna": 2, "ben": 2, "carl": 2}
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: b"no database" * 1000,
        lambda content: content[: len(content) // 2],
        lambda content: content[:16384] + bytes(8192) + content[24576:],
    ],
    ids=["empty", "foreign", "cut off", "a page zeroed"],
)
def test_a_damaged_copy_is_refused(path: Path, copy: Path, damage: Callable[[bytes], bytes]) -> None:
    copy.write_bytes(damage(copy.read_bytes()))
    with pytest.raises(Corrupt) as error:
        make_fit(copy, path)
    assert str(copy) in error.value.what


def test_a_copy_of_a_newer_edged_is_refused(path: Path, copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(Unsupported, match="newer"):
        make_fit(copy, path)


def test_a_failed_copy_leaves_the_last_one(path: Path, copy: Path) -> None:
    before = copy.read_bytes()
    path.write_bytes(b"spoilt" * 5000)
    with pytest.raises(Corrupt):
        copy_database(path, copy)
    assert copy.read_bytes() == before
    assert [file.name for file in copy.parent.iterdir()] == ["hub-1.db"]
