"""A server's tables of an older edged come up as ours."""

from __future__ import annotations

import time
import uuid
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from edged.hub.postgresql.albums import PostgresAlbums
from edged.hub.postgresql.database import Database
from edged.hub.postgresql.feed_shelf import PostgresAlbumFeed
from edged.hub.postgresql.schema import prepare
from edged.hub.postgresql.steps import STEPS
from edged.measure.postgres_server import RealPostgres
from edged.photos.album import EventPlan, Features, Tally
from edged.photos.photo_files import PhotoFolder
from edged.photos.search import Search
from tests.hub.album_site import BY
from tests.hub.postgresql.postgres_site import new_id

_BEFORE_THE_BOOTH = 4
_REQUEST = "0f8fad5b-d9cb-469f-a165-70867728950e"
_PHOTO = "01990000-0000-7000-8000-000000000001"


@pytest.fixture
def old(postgres: RealPostgres) -> str:
    """The address of a database before events had terms: two events, a photograph and a search."""
    address = postgres.database("older")
    with psycopg.connect(address) as connection:
        connection.execute("CREATE EXTENSION vector")
        connection.execute("CREATE TABLE steps (number integer PRIMARY KEY, made timestamptz NOT NULL DEFAULT now())")
        for number, step in enumerate(STEPS[:_BEFORE_THE_BOOTH]):
            connection.execute(step)
            connection.execute("INSERT INTO steps (number) VALUES (%s)", (number,))
        connection.execute("INSERT INTO organisations VALUES (1, 'acme', 'Acme')")
        for slug, photos in (("run", 1), ("walk", 0)):
            connection.execute(
                "INSERT INTO events (organisation, slug, name, created, enabled, selfie_search, name_search, downloads,"
                " threshold, photos) VALUES (1, %s, 'An event', 1.5e9, true, true, false, false, 0.6, %s)",
                (slug, photos),
            )
        connection.execute(
            "INSERT INTO photos VALUES (1, %s, 1, %s, 'a.jpg', 30, 20, NULL, 1.6e9, 5, 'image/jpeg', 0)",
            (_PHOTO, "a" * 64),
        )
        connection.execute("INSERT INTO searches VALUES (1, %s, 1.7e9, 0.75, %s)", (_REQUEST, [_PHOTO]))
    return address


def test_what_an_older_hub_kept_comes_up_with_ids_and_terms_that_change_nothing(old: str, tmp_path: Path) -> None:
    with closing(Database.open(old)) as database:
        prepare(database)
        prepare(database)
        albums = PostgresAlbums(database, PhotoFolder(tmp_path), time.time, new_id)
        run, walk = albums.event("acme", "run"), albums.event("acme", "walk")
        assert run is not None
        assert walk is not None

        ids = [uuid.UUID(event.id) for event in (run, walk)]
        assert {str(one) for one in ids} == {run.id, walk.id}
        assert len(set(ids)) == 2
        assert run.plan == EventPlan("An event", Features(downloads=False), 0.6)
        assert (run.closed, run.consent_version, run.photos, run.waiting) == (None, 1, 1, 0)
        assert albums.tally(run) == Tally(shown=1, searches=1, size=5)

        _reached, told = PostgresAlbumFeed(database, PhotoFolder(tmp_path), time.time, new_id).changes("acme", 0, 10)
        assert [(one.kind.value, one.event, one.id) for one in told] == [
            ("event", run.id, run.id),
            ("event", walk.id, walk.id),
            ("photo", run.id, _PHOTO),
            ("search", run.id, _REQUEST),
        ]

        search = albums.search(run, _REQUEST)
        assert search == Search(_REQUEST, 0.75, (_PHOTO,))
        assert search is not None
        assert (search.probe, search.done) == (None, 1.7e9)
        assert albums.deny(run, _REQUEST, _PHOTO, by=BY)
        assert albums.create_event("acme", "new", run.plan, by=BY).id
