from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edged.api.albums import Albums
from edged.domain.errors import Unavailable
from edged.domain.identity import uuid7
from edged.domain.person import ModelRef
from edged.domain.rect import Rect
from edged.hub.sqlite.database import HubDatabase
from edged.photos.photo import PhotoFace, PhotoKind
from edged.photos.photo_files import PhotoFolder
from edged.photos.sqlite_albums import SqliteAlbums
from tests.api.painted import MODEL, vector
from tests.hub.album_site import BY, JPEG, AlbumSite, Clock, digest, new_event, new_photo, new_search
from tests.photos.albums_contract import REQUEST, AlbumsContract
from tests.photos.event_contract import EventContract
from tests.photos.guest_contract import GuestContract
from tests.photos.likeness_contract import LikenessContract
from tests.photos.moderation_contract import ModerationContract
from tests.photos.report_contract import ReportContract


@contextmanager
def opened(folder: Path, clock: Clock) -> Iterator[tuple[HubDatabase, SqliteAlbums]]:
    def new_id() -> str:
        return uuid7(time.time(), os.urandom(10))

    with closing(HubDatabase.open(folder / "hub.db", clock, new_id, patience_s=30)) as database:
        yield database, SqliteAlbums(database, PhotoFolder(folder / "photos"))


@pytest.fixture
def album_site(tmp_path: Path) -> Iterator[AlbumSite]:
    clock = Clock()

    @contextmanager
    def again() -> Iterator[Albums]:
        with opened(tmp_path, clock) as (_database, albums):
            yield albums

    with opened(tmp_path, clock) as (database, albums):
        yield AlbumSite(
            albums,
            again,
            lambda: [entry.act for entry in database.audit(1000)],
            lambda: set(PhotoFolder(tmp_path / "photos").digests()),
            clock,
        )


class TestSqlite(AlbumsContract, EventContract, ModerationContract, GuestContract, LikenessContract):
    """The contracts."""


class TestReports(ReportContract):
    """The contract of what guests report and take back."""


def test_a_photograph_is_opened_as_it_came_or_as_it_is_shown(tmp_path: Path) -> None:
    with opened(tmp_path, Clock()) as (_database, albums):
        event = new_event(albums)
        new = new_photo("a")
        photo = albums.add_photo(event, new, by=BY)
        there = albums.opened(photo.id, PhotoKind.ORIGINAL)
        assert there is not None
        with there.file:
            assert (there.size, there.media_type, there.filename) == (len(new.content), "image/jpeg", "IMG_1.JPG")
            assert there.file.read() == new.content
        assert albums.opened("no-id", PhotoKind.ORIGINAL) is None


def test_a_file_that_is_opened_is_called_as_one_that_is_read(tmp_path: Path) -> None:
    with opened(tmp_path, Clock()) as (database, albums):
        event = new_event(albums)
        photo = albums.add_photo(event, replace(new_photo("a"), content=b"\x89PNG\r\n\x1a\n", filename="a.PNG"), by=BY)
        with database.writing() as connection:
            # As another store may have sent it.
            connection.execute("UPDATE photos SET filename = '../b\r\n.PNG'")
        for kind, name in ((PhotoKind.ORIGINAL, "b.PNG"), (PhotoKind.PREVIEW, "b.jpg"), (PhotoKind.THUMBNAIL, "b.jpg")):
            there, read = albums.opened(photo.id, kind), albums.content(photo.id, kind)
            assert there is not None
            assert read is not None
            with there.file:
                assert (there.filename, there.media_type) == (read.filename, read.media_type)
            assert there.filename == name


def test_files_are_their_owners_alone_and_named_by_their_content(tmp_path: Path) -> None:
    with opened(tmp_path, Clock()) as (_database, albums):
        albums.add_photo(new_event(albums), new_photo("a", filename="../../../a.jpg"), by=BY)

    files = [path for path in (tmp_path / "photos").rglob("*") if path.is_file()]
    assert {path.name for path in files} == {digest(path.read_bytes()) for path in files}
    assert len(files) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert {stat.S_IMODE(path.parent.stat().st_mode) for path in files} == {0o700}


def test_tidying_deletes_what_no_photograph_has_and_nothing_else(tmp_path: Path) -> None:
    with opened(tmp_path, Clock()) as (_database, albums):
        photo = albums.add_photo(new_event(albums), new_photo("a"), by=BY)
        folder = PhotoFolder(tmp_path / "photos")
        folder.put(digest(b"left behind"), b"left behind")
        old, new = tmp_path / "photos" / "aa" / ".old", tmp_path / "photos" / "aa" / ".new"
        old.parent.mkdir(exist_ok=True)
        for draft in (old, new):
            draft.write_bytes(b"half")
        os.utime(old, (1, 1))

        assert albums.tidy() == 1

        assert folder.get(digest(b"left behind")) is None
        assert not old.exists()
        assert new.exists()
        for kind in PhotoKind:
            assert albums.content(photo.id, kind) is not None
        assert albums.tidy() == 0


def test_a_disk_that_takes_no_photograph_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "photos").write_bytes(b"in the way")
    with opened(tmp_path, Clock()) as (_database, albums):
        event = new_event(albums)
        with pytest.raises(Unavailable, match="photos"):
            albums.add_photo(event, new_photo("a", (1, 0)), by=BY)
        assert albums.photos(event, 0, 10).total == 0
        assert albums.faces(event) == 0


def test_twenty_thousand_faces_are_searched_exactly_and_at_once(tmp_path: Path) -> None:
    model = ModelRef("wide", "7" * 64, 512)
    vectors = np.random.default_rng(4).standard_normal((20_000, 512)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with opened(tmp_path, Clock()) as (_database, albums):
        event = new_event(albums)
        ids = []
        for number in range(4):
            photo = new_photo(str(number))
            faces = [PhotoFace(Rect(0, 0, 1, 1), row) for row in vectors[5000 * number : 5000 * number + 5000]]
            object.__setattr__(photo, "faces", faces)
            object.__setattr__(photo, "model", model)
            ids.append(albums.add_photo(event, photo, by=BY).id)
        probe = vectors[12_345]
        albums.like(event, model, probe, 0.1)

        begun = time.perf_counter()
        found = albums.like(event, model, probe, 0.1)
        took_s = time.perf_counter() - begun

    best = sorted(((vectors[5000 * at : 5000 * at + 5000] @ probe).max(), ids[at]) for at in range(4))[::-1]
    assert [(one.photo, pytest.approx(one.similarity, abs=1e-5)) for one in found] == [
        (photo, similarity) for similarity, photo in best if similarity >= 0.1
    ]
    assert took_s < 0.25, "far from the few milliseconds it takes"


def test_of_guests_who_are_forgotten_and_of_events_that_are_purged_nothing_stays_in_memory(tmp_path: Path) -> None:
    with opened(tmp_path, Clock()) as (_database, albums):
        event, other = new_event(albums), new_event(albums, "walk")
        for one in (event, other):
            photo = albums.add_photo(one, new_photo("a", (1, 0)), by=BY).id
            albums.finish_search(one, new_search(REQUEST, (1, 0), photo), by=BY)
            albums.like(one, MODEL, vector(1), 0.5)
        assert len(albums._faces._kept) == 2

        albums.forget_guest(event, REQUEST, 0.5, by=BY)
        assert len(albums._faces._kept) == 1
        albums.purge_event("acme", "walk", by=BY)
        assert not albums._faces._kept


@pytest.mark.parametrize("name", ["", "..", "../hub.db", "a" * 63, "A" * 64, "a" * 63 + "\n", "/etc/passwd"])
def test_what_is_no_digest_names_no_file(tmp_path: Path, name: str) -> None:
    folder = PhotoFolder(tmp_path)
    with pytest.raises(ValueError, match=r".*"):
        folder.get(name)
    with pytest.raises(ValueError, match=r".*"):
        folder.put(name, JPEG)
