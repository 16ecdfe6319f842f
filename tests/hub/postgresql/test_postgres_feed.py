from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edged.hub.postgresql.albums import PostgresAlbums
from edged.hub.postgresql.database import Database
from edged.hub.postgresql.feed_shelf import PostgresAlbumFeed
from edged.hub.sqlite.database import HubDatabase
from edged.photos.photo_files import PhotoFolder
from edged.photos.sqlite_albums import SqliteAlbums
from edged.photos.sqlite_feed import SqliteAlbumFeed
from tests.hub.album_site import Clock
from tests.hub.postgresql.postgres_site import new_id
from tests.photos.feed_contract import FeedContract, Store


@pytest.fixture
def server(database: Database, tmp_path: Path) -> Store:
    clock, files = Clock(), PhotoFolder(tmp_path / "server-photos")
    return Store(
        PostgresAlbums(database, files, clock, new_id),
        PostgresAlbumFeed(database, files, clock, new_id),
        clock,
        lambda: set(files.digests()),
    )


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Store]:
    clock, files = Clock(), PhotoFolder(tmp_path / "booth-photos")
    with closing(HubDatabase.open(tmp_path / "booth.db", clock, new_id)) as database:
        yield Store(
            SqliteAlbums(database, files), SqliteAlbumFeed(database, files), clock, lambda: set(files.digests())
        )


class TestFromServer(FeedContract):
    """The contract, of a store on a server that a SQLite file follows."""

    @pytest.fixture
    def stores(self, server: Store, booth: Store) -> tuple[Store, Store]:
        return server, booth


class TestToServer(FeedContract):
    """The contract, of a SQLite file that a store on a server follows."""

    @pytest.fixture
    def stores(self, server: Store, booth: Store) -> tuple[Store, Store]:
        return booth, server
