"""One server for all tests of this folder, and a new database for each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

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


@pytest.fixture
def address(postgres: RealPostgres) -> str:
    """Of an empty database of its own."""
    return postgres.database(f"test_{next(_COUNT)}")


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    """Of its own, with all tables."""
    opened = Database.open(address)
    try:
        prepare(opened)
        yield opened
    finally:
        opened.close()
