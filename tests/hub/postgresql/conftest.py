"""One server for all tests of this folder, and a new database for each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing

import pytest

from edged.hub.postgresql.database import Database
from edged.hub.postgresql.schema import prepare
from tests.hub.postgresql.server import RealPostgres

_COUNT = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[RealPostgres]:
    server = RealPostgres()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def pattern(postgres: RealPostgres) -> str:
    """The name of a database with all tables and nothing in them, to make others from."""
    with closing(Database.open(postgres.database("pattern"))) as opened:
        prepare(opened)
    return "pattern"


@pytest.fixture
def address(postgres: RealPostgres, pattern: str) -> Iterator[str]:
    """Of a database of its own, with all tables."""
    name = f"test_{next(_COUNT)}"
    yield postgres.database(name, pattern)
    postgres.drop(name)


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    """Of its own, with all tables."""
    with closing(Database.open(address)) as opened:
        yield opened
