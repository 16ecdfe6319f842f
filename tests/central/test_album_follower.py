from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edged.hub.sqlite.database import HubDatabase
from edged.hub.sqlite.directory import SqliteDirectory
from edged.hub.sqlite.fleet import SqliteFleet, renew_epoch
from edged.photos.photo_files import PhotoFolder
from edged.photos.sqlite_albums import SqliteAlbums
from edged.photos.sqlite_feed import SqliteAlbumFeed
from tests.central.album_follower_contract import FollowerContract, HubSide
from tests.hub.album_site import Clock
from tests.hub.sqlite_site import new_id


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubSide]:
    clock, photos = Clock(), PhotoFolder(tmp_path / "hub-photos")
    with closing(HubDatabase.open(tmp_path / "hub.db", clock, new_id)) as database:

        def put_back() -> None:
            with database.writing() as connection:
                renew_epoch(connection)
                connection.execute("DELETE FROM events")
                connection.execute("DELETE FROM album_changes")

        yield HubSide(
            SqliteAlbums(database, photos),
            SqliteAlbumFeed(database, photos),
            SqliteDirectory(database),
            SqliteFleet(database),
            clock,
            photos,
            put_back,
        )


class TestSqlite(FollowerContract):
    """The contract."""
