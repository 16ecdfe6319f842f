"""A booth follows a hub that keeps its rows on a server, over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from edged.hub.postgresql.albums import PostgresAlbums
from edged.hub.postgresql.database import Database, Session
from edged.hub.postgresql.directory import PostgresDirectory
from edged.hub.postgresql.feed_shelf import PostgresAlbumFeed
from edged.hub.postgresql.fleet import PostgresFleet
from edged.hub.postgresql.new_life import begin_new_life
from edged.photos.photo_files import PhotoFolder
from tests.central.album_follower_contract import FollowerContract, HubSide
from tests.hub.album_site import BY, Clock
from tests.hub.postgresql.postgres_site import new_id


@pytest.fixture
def hub(database: Database, tmp_path: Path) -> HubSide:
    clock, photos = Clock(), PhotoFolder(tmp_path / "hub-photos")

    def put_back() -> None:
        def lose(session: Session) -> None:
            session.execute("DELETE FROM events")
            session.execute("DELETE FROM album_changes")

        database.change(lose)
        begin_new_life(database, clock(), by=BY)

    return HubSide(
        PostgresAlbums(database, photos, clock, new_id),
        PostgresAlbumFeed(database, photos, clock, new_id),
        PostgresDirectory(database, clock, new_id),
        PostgresFleet(database, clock, new_id),
        clock,
        photos,
        put_back,
    )


class TestPostgres(FollowerContract):
    """The contract."""
