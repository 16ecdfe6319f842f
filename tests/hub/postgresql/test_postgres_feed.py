from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edged.hub.postgresql import album_changes
from edged.hub.postgresql.albums import PostgresAlbums
from edged.hub.postgresql.database import Database, Session
from edged.hub.postgresql.feed_shelf import PostgresAlbumFeed
from edged.hub.sqlite.database import HubDatabase
from edged.photos.kept import ChangeKind
from edged.photos.sqlite_albums import SqliteAlbums
from edged.photos.sqlite_feed import SqliteAlbumFeed
from tests.hub.album_site import BY, Clock, new_event, new_photo
from tests.hub.postgresql.postgres_site import new_id
from tests.photos.feed_contract import FeedContract
from tests.photos.refusal_contract import RefusalContract
from tests.photos.with_stores import InterruptedFolder, Store


@pytest.fixture
def server(database: Database, tmp_path: Path) -> Store:
    clock, files = Clock(), InterruptedFolder(tmp_path / "server-photos")
    return Store(
        PostgresAlbums(database, files, clock, new_id),
        PostgresAlbumFeed(database, files, clock, new_id),
        clock,
        files,
    )


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Store]:
    clock, files = Clock(), InterruptedFolder(tmp_path / "booth-photos")
    with closing(HubDatabase.open(tmp_path / "booth.db", clock, new_id)) as database:
        yield Store(SqliteAlbums(database, files), SqliteAlbumFeed(database, files), clock, files)


class TestFromServer(FeedContract, RefusalContract):
    """The contracts, of a store on a server that a SQLite file follows."""

    @pytest.fixture
    def stores(self, server: Store, booth: Store) -> tuple[Store, Store]:
        return server, booth


class TestToServer(FeedContract, RefusalContract):
    """The contracts, of a SQLite file that a store on a server follows."""

    @pytest.fixture
    def stores(self, server: Store, booth: Store) -> tuple[Store, Store]:
        return booth, server


def test_a_change_is_not_seen_before_one_with_a_lower_number(server: Store, database: Database) -> None:
    event = new_event(server.albums)
    first = server.albums.add_photo(event, new_photo("a"), by=BY)
    noted, may_end = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        album_changes.note(session, event.id, ChangeKind.PHOTO, [first.id], BY.id, 0.0)
        noted.set()
        may_end.wait(60)

    writer = threading.Thread(target=database.change, args=(slow,))
    writer.start()
    assert noted.wait(60)
    quicker = threading.Thread(target=new_event, args=(server.albums, "walk"))
    quicker.start()
    quicker.join(0.5)

    reached, _changes = server.feed.changes("acme", 0, 1000)
    may_end.set()
    writer.join()
    quicker.join()

    later = [change.id for change in server.feed.changes("acme", reached, 1000)[1]]
    walk = server.albums.event("acme", "walk")
    assert walk is not None
    assert later == [first.id, walk.id]
