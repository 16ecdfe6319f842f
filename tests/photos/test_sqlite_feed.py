from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from edged.domain.identity import uuid7
from edged.hub.sqlite.database import HubDatabase
from edged.photos.sqlite_albums import SqliteAlbums
from edged.photos.sqlite_feed import SqliteAlbumFeed
from tests.hub.album_site import Clock
from tests.photos.feed_contract import FeedContract
from tests.photos.refusal_contract import RefusalContract
from tests.photos.with_stores import InterruptedFolder, Store


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    with ExitStack() as opening:

        def store(name: str) -> Store:
            clock = Clock()
            numbers = iter(range(10_000))

            def new_id() -> str:
                return uuid7(clock.now, bytes([len(name)]) + next(numbers).to_bytes(9, "big"))

            path = tmp_path / name
            database = opening.enter_context(closing(HubDatabase.open(path / "hub.db", clock, new_id)))
            files = InterruptedFolder(path / "photos")
            return Store(SqliteAlbums(database, files), SqliteAlbumFeed(database, files), clock, files)

        yield store("here"), store("elsewhere")


class TestSqlite(FeedContract, RefusalContract):
    """The contracts."""
