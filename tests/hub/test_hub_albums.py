"""What a hub on SQLite does beside keeping events."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from edged.domain.errors import Unavailable
from edged.hub.sqlite.albums import HubAlbums
from edged.hub.sqlite.database import HubDatabase
from edged.photos.photo_files import PhotoFolder
from tests.hub.album_site import BY, Clock, new_event, new_photo
from tests.hub.sqlite_site import new_id


def filled(albums: HubAlbums) -> bytes:
    """An event with many photographs; what is kept of one of their names."""
    albums.create_organisation("acme", "Acme", by=BY)
    event = new_event(albums)
    for number in range(60):
        photo = new_photo(str(number), (number, 0), (number, 1), filename=f"{number} taken by Somebody Particular.jpg")
        albums.add_photo(event, replace(photo, preview=b"p", thumbnail=b"t"), by=BY)
    return b"Somebody Particular"


def test_nothing_of_a_purged_event_is_in_the_hubs_database(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    with closing(HubDatabase.open(path, Clock(), new_id)) as database:
        albums = HubAlbums(database, PhotoFolder(tmp_path / "photos"))
        trace = filled(albums)
        with database.reading() as connection:
            (before,) = connection.execute("SELECT page_count FROM pragma_page_count").fetchone()
        assert any(trace in file.read_bytes() for file in tmp_path.glob("hub.db*"))

        albums.purge_event("acme", "run", by=BY)

        with database.reading() as connection:
            (after,) = connection.execute("SELECT page_count FROM pragma_page_count").fetchone()
        assert after < before, "it was written anew: gaps between rows are gone, too"
        assert not any(trace in file.read_bytes() for file in tmp_path.glob("hub.db*"))


def test_a_purge_holds_where_the_database_cannot_be_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_database: HubDatabase) -> None:
        raise Unavailable("the disk is full")

    monkeypatch.setattr(HubDatabase, "rewrite", full)
    with closing(HubDatabase.open(tmp_path / "hub.db", Clock(), new_id)) as database:
        albums = HubAlbums(database, PhotoFolder(tmp_path / "photos"))
        filled(albums)
        with caplog.at_level(logging.WARNING):
            assert albums.purge_event("acme", "run", by=BY) is not None
        assert albums.event("acme", "run") is None
    assert "not written anew" in caplog.text
