"""A hub's file of an older edged comes up as ours."""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

import pytest

from edged.hub.sqlite.schema import APPLICATION, STEPS
from edged.photos.album import EventPlan, Features, Tally
from edged.photos.photo import PhotoKind, Source, Standing
from edged.photos.photo_files import PhotoFolder
from edged.photos.search import Search, Turn
from edged.photos.sqlite_albums import SqliteAlbums
from tests.api.painted import MODEL, vector
from tests.hub.album_site import BY, digest, new_photo, picture
from tests.hub.sqlite_site import open_database

_BEFORE_THE_BOOTH = 6
_REQUEST = "0f8fad5b-d9cb-469f-a165-70867728950e"
_BEGUN = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
_PHOTO = "01990000-0000-7000-8000-000000000001"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The directory of a hub before events had terms: two events, a photograph, a search that is done and one begun."""
    with closing(sqlite3.connect(tmp_path / "hub.db")) as connection:
        for step in STEPS[:_BEFORE_THE_BOOTH]:
            connection.executescript(step)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {_BEFORE_THE_BOOTH}")
        connection.execute("INSERT INTO models VALUES (1, ?, ?, ?)", (MODEL.name, MODEL.digest, MODEL.dimension))
        connection.execute("INSERT INTO organisations VALUES (1, 'acme', 'Acme')")
        for number, slug in ((1, "run"), (2, "walk")):
            connection.execute(
                "INSERT INTO events VALUES (?, 1, ?, 'An event', 1.5e9, 1, 1, 0, 0, 0.6, ?, ?, 0)",
                (number, slug, number % 2, number % 2),
            )
        connection.execute(
            "INSERT INTO photos VALUES (1, ?, 1, ?, 'a.jpg', 30, 20, NULL, 1.6e9, 5, 'image/jpeg', 1)",
            (_PHOTO, digest(picture("a"))),
        )
        for kind in PhotoKind:
            connection.execute(
                "INSERT INTO photo_files VALUES (1, ?, ?, 'image/jpeg')", (kind.value, digest(picture("a")))
            )
        connection.execute(
            "INSERT INTO photo_faces VALUES (1, 1, 1, 1, 0, 0, 9, 9, ?)", (vector(1).astype("<f4").tobytes(),)
        )
        connection.execute("INSERT INTO searches VALUES (1, ?, 1.7e9, 0.75, ?)", (_REQUEST, _PHOTO))
        connection.execute("INSERT INTO searches VALUES (1, ?, 1.7e9, NULL, '')", (_BEGUN,))
        connection.commit()
    PhotoFolder(tmp_path / "photos").put(digest(picture("a")), picture("a"))
    return tmp_path


def test_events_of_an_older_hub_get_ids_and_terms_that_change_nothing(old: Path) -> None:
    with closing(open_database(old / "hub.db")) as database:
        albums = SqliteAlbums(database, PhotoFolder(old / "photos"))
        run, walk = albums.event("acme", "run"), albums.event("acme", "walk")
        assert run is not None
        assert walk is not None

        ids = [uuid.UUID(event.id) for event in (run, walk)]
        assert {str(one) for one in ids} == {run.id, walk.id}
        assert [(one.version, one.variant) for one in ids] == [(4, uuid.RFC_4122)] * 2
        assert run.plan == EventPlan("An event", Features(downloads=False), 0.6)
        assert (run.closed, run.consent_version, run.photos, run.waiting) == (None, 1, 1, 0)
        assert albums.tally(run) == Tally(shown=1, faces=1, searches=1, size=5)
        assert list(albums.purges()) == []

    with closing(open_database(old / "hub.db")) as database:
        again = SqliteAlbums(database, PhotoFolder(old / "photos")).event("acme", "run")
    assert again == run, "the ids are kept"


def test_photographs_and_searches_of_an_older_hub_are_what_they_were(old: Path) -> None:
    with closing(open_database(old / "hub.db")) as database:
        albums = SqliteAlbums(database, PhotoFolder(old / "photos"))
        run = albums.event("acme", "run")
        assert run is not None

        (photo,) = albums.photos(run, 0, 10).photos
        assert (photo.id, photo.standing, photo.source) == (_PHOTO, Standing.SHOWN, Source.UPLOAD)
        assert [found.photo for found in albums.like(run, MODEL, vector(1), 0.5)] == [_PHOTO]
        assert albums.add_photo(run, new_photo("a", (1, 0)), by=BY) == photo

        search = albums.search(run, _REQUEST)
        assert search == Search(_REQUEST, 0.75, (_PHOTO,))
        assert search is not None
        assert (search.probe, search.done) == (None, 1.7e9)
        assert albums.deny(run, _REQUEST, _PHOTO, by=BY)
        assert albums.begin_search(run, _BEGUN) is Turn.MINE
        assert albums.purge_event("acme", "run", by=BY)
        assert set(PhotoFolder(old / "photos").digests()) == set()
