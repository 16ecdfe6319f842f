"""Whether the tables on the server are there, and up to date."""

from __future__ import annotations

from typing import Final

from psycopg import errors

from edged.domain.errors import Unavailable, Unsupported
from edged.hub.postgresql.database import Database, Session, only
from edged.hub.postgresql.steps import STEPS

LOCK: Final = 0x6564676564  # "edged"
"""Held by whoever makes tables."""


def prepare(database: Database, *, moving: bool = False) -> None:
    """Brings the tables up to date; makes them where there are none. One process at a time, the others wait.

    Args:
        database: whose tables.
        moving: also where a site is being moved here that is not all here yet.

    Raises:
        Unsupported: a newer edged made them, or the server has no pgvector.
        Unavailable: the server is away or does not let us; or a site is being moved here.
    """
    database.change(_prepare)
    if not moving and database.read(_is_being_moved):
        raise Unavailable("a site is being moved to this database", "Finish it: edged hub migrate --finish")


def _is_being_moved(session: Session) -> bool:
    return bool(only(session, "SELECT EXISTS (SELECT FROM migration WHERE NOT finished)"))


def _prepare(session: Session) -> None:
    session.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
    session.execute(
        "CREATE TABLE IF NOT EXISTS steps (number integer PRIMARY KEY, made timestamptz NOT NULL DEFAULT now())"
    )
    done = int(only(session, "SELECT count(*) FROM steps"))
    if done > len(STEPS):
        raise Unsupported(
            "a newer edged has changed this database", "Update this hub, or restore the database as it was."
        )
    if not done:
        _add_pgvector(session)
    for number, step in enumerate(STEPS[done:], done):
        session.execute(step)
        session.execute("INSERT INTO steps (number) VALUES (%s)", (number,))


def _add_pgvector(session: Session) -> None:
    try:
        with session.transaction():
            session.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except (errors.UndefinedFile, errors.FeatureNotSupported, errors.InsufficientPrivilege) as error:
        lacking = "may not be added by this user" if isinstance(error, errors.InsufficientPrivilege) else "is missing"
        raise Unsupported(
            f"the extension pgvector {lacking}",
            "Install it on the server (Debian: postgresql-NN-pgvector), and have an administrator run "
            "CREATE EXTENSION vector in this database.",
        ) from None
