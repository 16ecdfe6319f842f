from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from edged.api.albums import Albums
from edged.hub.postgresql.albums import PostgresAlbums
from edged.hub.postgresql.audit import audit
from edged.hub.postgresql.database import Database
from edged.photos.photo_files import PhotoFolder
from tests.hub.album_site import BY, AlbumSite, Clock, digest, new_event, new_photo
from tests.hub.postgresql.postgres_site import new_id
from tests.photos.albums_contract import AlbumsContract
from tests.photos.event_contract import EventContract
from tests.photos.guest_contract import GuestContract
from tests.photos.likeness_contract import LikenessContract
from tests.photos.moderation_contract import ModerationContract
from tests.photos.report_contract import ReportContract


@pytest.fixture
def album_site(database: Database, address: str, tmp_path: Path) -> AlbumSite:
    clock = Clock()
    files = PhotoFolder(tmp_path / "photos")

    @contextmanager
    def again() -> Iterator[Albums]:
        with closing(Database.open(address)) as another:
            yield PostgresAlbums(another, files, clock, new_id)

    return AlbumSite(
        PostgresAlbums(database, files, clock, new_id),
        again,
        lambda: [entry.act for entry in audit(database, 1000)],
        lambda: set(files.digests()),
        clock,
    )


class TestPostgres(AlbumsContract, EventContract, ModerationContract, GuestContract, LikenessContract):
    """The contracts."""


class TestReports(ReportContract):
    """The contract of what guests report and take back."""


def test_tidying_deletes_what_no_photograph_has_and_nothing_else(database: Database, tmp_path: Path) -> None:
    files = PhotoFolder(tmp_path / "photos")
    albums = PostgresAlbums(database, files, Clock(), new_id)
    photo = albums.add_photo(new_event(albums), new_photo("a"), by=BY)
    kept = set(files.digests())
    files.put(digest(b"left behind"), b"left behind")

    assert albums.tidy() == 1
    assert set(files.digests()) == kept
    assert len(kept) == 3
    assert albums.delete_photo(photo.id, by=BY)
    assert set(files.digests()) == set()
