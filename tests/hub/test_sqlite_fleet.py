from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edged.api.fleet import Fleet
from edged.hub.sqlite.fleet import SqliteFleet, renew_epoch
from tests.hub.fleet_contract import FleetContract
from tests.hub.push_contract import PushContract
from tests.hub.site import Site
from tests.hub.sqlite_site import open_database, sqlite_site


class TestSqliteFleet(FleetContract, PushContract):
    feed = "edged.hub.sqlite.feed"

    @pytest.fixture
    def site(self, tmp_path: Path) -> Iterator[Site]:
        with sqlite_site(tmp_path / "hub.db") as site:
            yield site

    @pytest.fixture
    def fleet(self, site: Site) -> Iterator[Fleet]:
        with closing(open_database(Path(site.address))) as database:
            yield SqliteFleet(database)


def test_a_database_that_was_put_back_lives_another_life(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "hub.db")) as database:
        fleet = SqliteFleet(database)
        before = fleet.epoch()
        with database.writing() as connection:
            renew_epoch(connection)
        assert fleet.epoch() not in ("", before)
    with closing(open_database(tmp_path / "other.db")) as database:
        assert SqliteFleet(database).epoch() != before
