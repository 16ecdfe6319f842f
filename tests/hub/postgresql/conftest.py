"""One server for all tests of this folder, and an empty database for each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from psycopg import sql

from edged.hub.postgresql.database import Database
from edged.hub.postgresql.schema import prepare
from edged.measure.postgres_server import RealPostgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[RealPostgres]:
    server = RealPostgres()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def shared(postgres: RealPostgres) -> str:
    """The address of a database with all tables."""
    address = postgres.database("shared")
    with closing(Database.open(address)) as opened:
        prepare(opened)
    return address


@pytest.fixture
def address(shared: str) -> str:
    """Of a database with all tables, and nothing in them."""
    with psycopg.connect(shared) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        names = {name for (name,) in found} - {"steps"}
        vectors = {name for name in names if name.startswith("vectors_")}
        for name in vectors:
            connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))
        listed = sql.SQL(", ").join(sql.Identifier(name) for name in sorted(names - vectors))
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(listed))
        connection.execute("INSERT INTO revision VALUES (true, 0)")
        connection.execute("INSERT INTO epoch VALUES (true, gen_random_uuid()::text)")
    return shared


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    """With all tables, and nothing in them."""
    with closing(Database.open(address)) as opened:
        yield opened
