"""The store on a server, for the contract tests."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from edged.api.directory import Directory
from edged.domain.identity import uuid7
from edged.hub.postgresql.audit import audit
from edged.hub.postgresql.database import Database
from edged.hub.postgresql.directory import PostgresDirectory
from edged.hub.postgresql.schema import prepare
from tests.hub.site import Site


def new_id() -> str:
    return uuid7(time.time(), os.urandom(10))


@contextmanager
def open_directory(address: str) -> Iterator[Directory]:
    """A `tests.hub.site.Opener`; the address is the server's."""
    with closing(Database.open(address)) as database:
        prepare(database)
        yield PostgresDirectory(database, time.time, new_id)


def postgres_site(database: Database, address: str) -> Site:
    return Site(
        PostgresDirectory(database, time.time, new_id),
        f"{__name__}:{open_directory.__name__}",
        address,
        lambda: audit(database, limit=10**6),
    )
