"""The connections to the server: as many as are needed, mended when they break, their errors put into our words."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, LiteralString, Self, TypeAlias, TypeVar

import psycopg
from psycopg import Connection, errors
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from edged.domain.errors import EdgedError, Unavailable
from edged.hub.postgresql.address import checked

Session: TypeAlias = Connection[TupleRow]
"""One connection within one transaction."""

T = TypeVar("T")

MOST_CONNECTIONS: Final = 10
"""Of one hub process. The server needs as many for each, and a few for people."""
_TRIES: Final = 5
_PAUSE_S: Final = 0.02
_WAIT_S: Final = 10.0
"""For a connection, or for a lock that another process holds."""
_QUERY_S: Final = 30.0
_OURS: Final[dict[str, str | int]] = {"connect_timeout": 5, "application_name": "edged-hub"}
_AGAIN: Final = (errors.SerializationFailure, errors.DeadlockDetected, errors.UniqueViolation)
"""Two processes wrote at once. One of them begins anew and sees what the other has done."""
_FULL: Final = (errors.DiskFull, errors.OutOfMemory, errors.TooManyConnections)


class Database:
    """Where a hub keeps what it knows. Every method blocks; any thread may call it, several at once.

    All methods raise Unavailable where the server is away, full, overloaded, or does not let us in. Nothing has changed
    then, except where the connection broke in the very moment of the answer: then a change may have been made.
    """

    def __init__(self, address: str, *, most: int = MOST_CONNECTIONS, wait_s: float = _WAIT_S) -> None:
        """Connects to nothing yet.

        Args:
            address: `postgresql://…` or `name=value …`, as libpq has it; what it leaves out comes from the environment
                (`PGPASSWORD`, `PGPASSFILE`, `PGSERVICE`). It never appears in an error.
            most: so many connections at most; wait_s: so long a thread waits for one.

        Raises:
            Refused: `bad_address`.
        """
        self._pool = ConnectionPool(
            checked(address, **_OURS),
            min_size=1,
            max_size=most,
            timeout=wait_s,
            max_waiting=most * 20,
            max_idle=300,
            reconnect_timeout=wait_s,
            check=ConnectionPool.check_connection,
            configure=_configure,
            name="edged-hub",
            open=False,
        )
        self._wait_s = wait_s

    @classmethod
    def open(cls, address: str, *, most: int = MOST_CONNECTIONS, wait_s: float = _WAIT_S) -> Self:
        """Connects. Raises Refused and Unavailable."""
        database = cls(address, most=most, wait_s=wait_s)
        with _translated():
            _try_once(address)
            database._pool.open(wait=True, timeout=wait_s)
        return database

    def close(self) -> None:
        """Ends all connections; waits for those in use for some seconds."""
        self._pool.close(timeout=self._wait_s)

    def read(self, work: Callable[[Session], T]) -> T:
        """Has `work` ask, within one transaction; each of its statements sees what was committed before it began."""
        with _translated(), self._pool.connection() as session:
            return work(session)

    def glance(self, work: Callable[[Session], T]) -> T:
        """As `read`, but all statements see the same state of the tables, however often `work` asks."""
        with _translated(), self._pool.connection() as session:
            session.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            return work(session)

    def change(self, work: Callable[[Session], T]) -> T:
        """Has `work` change something, within one transaction: all of it is on the server's disk when this returns.

        Where another process changed the same at the same time, `work` is called again, five times at most: it must do
        nothing but through its session.

        Raises:
            Unavailable: also where others were in the way five times.
        """
        with _translated():
            for attempt in range(_TRIES - 1):
                try:
                    with self._pool.connection() as session:
                        return work(session)
                except _AGAIN:
                    # By chance: two who began anew at once would be in each other's way once more.
                    time.sleep(random.uniform(0, _PAUSE_S * 2**attempt))  # noqa: S311  no secret
            with self._pool.connection() as session:
                return work(session)


def rows(session: Session, statement: LiteralString, *values: Any) -> list[TupleRow]:
    """What a statement answers, all of it."""
    with session.cursor(binary=True) as cursor:
        return cursor.execute(statement, values).fetchall()


def row(session: Session, statement: LiteralString, *values: Any) -> TupleRow | None:
    """The first row of what a statement answers."""
    with session.cursor(binary=True) as cursor:
        return cursor.execute(statement, values).fetchone()


def only(session: Session, statement: LiteralString, *values: Any) -> Any:
    """The one value of a statement that always answers one."""
    answer = row(session, statement, *values)
    if answer is None:
        raise RuntimeError("the statement answered nothing")
    return answer[0]


def _try_once(address: str) -> None:
    """Says why the server lets nobody in; a pool would only say that it waited."""
    psycopg.connect(checked(address, **_OURS)).close()


def _configure(connection: Connection[Any]) -> None:
    connection.execute(f"SET lock_timeout = '{int(_WAIT_S)}s'")
    connection.execute(f"SET statement_timeout = '{int(_QUERY_S)}s'")
    connection.execute("SET jit = off")  # takes a tenth of a second for what is computed in a twentieth
    connection.execute("SET idle_in_transaction_session_timeout = '60s'")
    connection.commit()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except EdgedError:
        raise
    except (PoolTimeout, PoolClosed, TooManyRequests) as error:
        raise Unavailable(
            "no connection to the PostgreSQL server is free", "Check that it runs and how many connections it allows."
        ) from error
    except psycopg.Error as error:
        ours = _in_our_words(error)
        if ours is None:
            raise
        raise ours from None


_WORDS: Final[tuple[tuple[tuple[type[psycopg.Error], ...], str, str], ...]] = (
    (_FULL, "the PostgreSQL server is out of space or connections", "Give it more."),
    (_AGAIN, "others changed the same at the same time, again and again", "Try again."),
    ((errors.LockNotAvailable,), "another hub keeps what was to be changed locked", "Try again."),
    ((errors.QueryCanceled,), f"the PostgreSQL server did not answer within {_QUERY_S:.0f} s", "Try again."),
    ((errors.ReadOnlySqlTransaction,), "the PostgreSQL server is a replica, which only reads", "Name the primary."),
)


def _in_our_words(error: psycopg.Error) -> EdgedError | None:
    """None for an error that only a bug can cause. What the server says is left out: it may quote what was sent."""
    for kinds, what, remedy in _WORDS:
        if isinstance(error, kinds):
            return Unavailable(what, remedy)
    return _not_connected(str(error)) if isinstance(error, psycopg.OperationalError) else None


def _not_connected(said: str) -> Unavailable:
    """A connection that was refused has no code, only words, which a server may have in another language."""
    if "database" in said and "does not exist" in said:
        return Unavailable("the PostgreSQL server has no such database", "Create it: CREATE DATABASE edged.")
    if "does not support SSL" in said:
        return Unavailable(
            "the PostgreSQL server does not speak TLS",
            "Switch it on there (ssl = on); or, on a network that is yours alone, add ?sslmode=disable to the address.",
        )
    if "authentication" in said or "pg_hba.conf" in said or "password" in said or "role" in said:
        return Unavailable("the PostgreSQL server does not let us in", "Check the user, the password and pg_hba.conf.")
    return Unavailable("the PostgreSQL server does not answer", "Check that it runs and can be reached.")
