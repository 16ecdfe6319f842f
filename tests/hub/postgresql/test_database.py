from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest

from edged.domain.errors import Refused, Unavailable, Unsupported
from edged.hub.postgresql.database import Database, only
from edged.hub.postgresql.models import index_vectors
from edged.hub.postgresql.schema import prepare
from edged.hub.postgresql.steps import STEPS
from edged.measure.postgres_server import RealPostgres
from tests.api.painted import MODEL, new_face, vector
from tests.hub.postgresql.postgres_site import new_id, postgres_site
from tests.hub.site import BY

from edged.hub.postgresql.directory import PostgresDirectory  # isort: skip


@pytest.fixture
def another() -> Iterator[RealPostgres]:
    """A server that a test may stop."""
    server = RealPostgres()
    try:
        yield server
    finally:
        server.stop()


def test_hubs_that_start_at_once_make_the_tables_once(postgres: RealPostgres) -> None:
    address = postgres.database("at_once")

    def start(_hub: int) -> int:
        with closing(Database.open(address)) as database:
            prepare(database)
            return int(database.read(lambda session: only(session, "SELECT count(*) FROM steps")))

    with ThreadPoolExecutor(4) as hubs:
        assert list(hubs.map(start, range(4))) == [len(STEPS)] * 4


def test_tables_of_a_newer_edged_are_left_alone(postgres: RealPostgres) -> None:
    with closing(Database.open(postgres.database("newer"))) as database:
        prepare(database)
        database.change(lambda session: session.execute("INSERT INTO steps (number) VALUES (1000)"))
        with pytest.raises(Unsupported, match="newer"):
            prepare(database)


def test_a_user_who_may_not_add_pgvector_is_told(postgres: RealPostgres) -> None:
    address = postgres.database("guarded")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE ROLE plain LOGIN")
        connection.execute("GRANT CREATE ON SCHEMA public TO plain")
    with closing(Database.open(address.replace("edged@", "plain@"))) as database:
        with pytest.raises(Unsupported, match="CREATE EXTENSION vector"):
            prepare(database)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION vector")
        prepare(database)


def test_two_who_change_the_same_both_succeed(database: Database) -> None:
    """They lock two rows in opposite order: the server ends one of them, which is tried again."""
    database.change(
        lambda session: session.execute("INSERT INTO organisations (slug, name) VALUES ('a', ''), ('b', '')")
    )
    both = threading.Barrier(2)
    tries = []

    def change(first: str, second: str) -> None:
        met = False

        def work(session: psycopg.Connection[tuple[object, ...]]) -> None:
            nonlocal met
            tries.append(first)
            session.execute("UPDATE organisations SET name = name || 'x' WHERE slug = %s", (first,))
            if not met:
                met = True
                both.wait(10)
            session.execute("UPDATE organisations SET name = name || 'x' WHERE slug = %s", (second,))

        database.change(work)

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(change, "a", "b"), threads.submit(change, "b", "a")]:
            done.result()

    assert len(tries) >= 3
    with psycopg.connect(database_address(database)) as connection:
        assert connection.execute("SELECT name FROM organisations").fetchall() == [("xx",), ("xx",)]


def test_a_conflict_that_never_ends_is_unavailable(database: Database) -> None:
    tries = []

    def work(_session: object) -> None:
        tries.append(1)
        raise psycopg.errors.SerializationFailure

    with pytest.raises(Unavailable):
        database.change(work)
    assert len(tries) == 5


def test_what_raises_has_changed_nothing(database: Database) -> None:
    def work(session: psycopg.Connection[tuple[object, ...]]) -> None:
        session.execute("INSERT INTO organisations (slug, name) VALUES ('a', '')")
        raise Refused("no", "no")

    with pytest.raises(Refused):
        database.change(work)
    assert database.read(lambda session: only(session, "SELECT count(*) FROM organisations")) == 0


def test_a_server_that_goes_away_is_unavailable_and_back_when_it_is(another: RealPostgres) -> None:
    with closing(Database.open(another.database("hub"), wait_s=2)) as database:
        prepare(database)
        directory = PostgresDirectory(database, time.time, new_id)
        directory.enroll("4711", [new_face(1)], by=BY)
        another.halt()
        for _again in range(2):
            with pytest.raises(Unavailable):
                directory.enroll("4712", [new_face(2)], by=BY)
            with pytest.raises(Unavailable):
                directory.person("4711")
        another.start()

        until = time.monotonic() + 20
        while True:
            try:
                directory.enroll("4712", [new_face(2)], by=BY)
            except Unavailable:
                assert time.monotonic() < until
            else:
                break
        assert [meta.key for meta in directory.metas()] == ["4711", "4712"]


def test_a_restart_between_two_calls_is_not_noticed(another: RealPostgres) -> None:
    with closing(Database.open(another.database("hub"))) as database:
        prepare(database)
        directory = PostgresDirectory(database, time.time, new_id)
        directory.enroll("4711", [new_face(1)], by=BY)
        another.halt()
        another.start()

        assert directory.person("4711") is not None


def test_a_connection_that_is_cut_in_the_middle_is_unavailable(database: Database, postgres: RealPostgres) -> None:
    def work(session: psycopg.Connection[tuple[object, ...]]) -> None:
        session.execute("INSERT INTO organisations (slug, name) VALUES ('a', '')")
        with psycopg.connect(postgres.address, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (session.info.backend_pid,))
        session.execute("SELECT 1")

    with pytest.raises(Unavailable):
        database.change(work)
    assert database.read(lambda session: only(session, "SELECT count(*) FROM organisations")) == 0


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://hub:hunter2@127.0.0.1:1/edged",
        "postgresql://hub:hunter2@nowhere.invalid/edged",
        "host=/nowhere password=hunter2",
    ],
)
def test_a_server_that_is_not_there_is_unavailable_and_the_password_never_shown(address: str) -> None:
    with pytest.raises(Unavailable) as error:
        Database.open(address, wait_s=2)
    assert "hunter2" not in repr(error.value)
    assert error.value.__cause__ is None


def test_an_address_that_cannot_be_read_is_refused_and_not_repeated() -> None:
    with pytest.raises(Refused) as error:
        Database.open("postgresql://hub:hunter2@[host/edged")
    assert error.value.reason == "bad_address"
    assert "hunter2" not in str(error.value)


def test_no_such_database_is_told(postgres: RealPostgres) -> None:
    with pytest.raises(Unavailable, match="no such database"):
        Database.open(postgres.address.replace("/postgres?", "/nothing?"))


def test_with_an_index_the_same_faces_are_found(database: Database, address: str) -> None:
    directory = postgres_site(database, address).directory
    for who in range(1, 60):
        directory.enroll(f"{who}", [new_face(who)], by=BY, galleries=["odd"] if who % 2 else ())
    before = [directory.nearest(MODEL, vector(who, 7), 3) for who in range(1, 60, 6)]

    assert index_vectors(database, MODEL)
    directory.enroll("60", [new_face(60)], by=BY)

    after = [directory.nearest(MODEL, vector(who, 7), 3) for who in range(1, 60, 6)]
    assert [found[0] for found in after] == [found[0] for found in before]
    assert directory.nearest(MODEL, vector(60, 7), 1)[0].face.key == "60"


def database_address(database: Database) -> str:
    return database.read(lambda session: session.info.dsn)
