from __future__ import annotations

import pytest

from edged.hub.postgresql.database import Database
from tests.hub.directory_contract import DirectoryContract
from tests.hub.postgresql.postgres_site import postgres_site
from tests.hub.site import Site


@pytest.fixture
def site(database: Database, address: str) -> Site:
    return postgres_site(database, address)


class TestPostgres(DirectoryContract):
    """The contract."""
