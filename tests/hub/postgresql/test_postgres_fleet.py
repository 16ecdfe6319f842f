from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from edged.api.fleet import Fleet
from edged.hub.postgresql.database import Database
from edged.hub.postgresql.fleet import PostgresFleet
from tests.hub.fleet_contract import FleetContract
from tests.hub.postgresql.postgres_site import new_id, postgres_site
from tests.hub.push_contract import PushContract
from tests.hub.site import Site
from tests.hub.taking_contract import TakingContract


class TestPostgresFleet(FleetContract, PushContract):
    feed = "edged.hub.postgresql.feed"

    @pytest.fixture
    def site(self, database: Database, address: str) -> Site:
        return postgres_site(database, address)

    @pytest.fixture
    def fleet(self, site: Site) -> Iterator[Fleet]:
        with closing(Database.open(site.address)) as database:
            yield PostgresFleet(database, time.time, new_id)


class TestTakingOnPostgres(TakingContract):
    @pytest.fixture
    def fleet(self, address: str) -> Iterator[Fleet]:
        with closing(Database.open(address)) as database:
            yield PostgresFleet(database, time.time, new_id)
