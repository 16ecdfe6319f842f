"""The hub's own store, for the contract tests."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from edged.api.directory import Directory
from edged.domain.identity import uuid7
from edged.hub.sqlite.database import HubDatabase
from edged.hub.sqlite.directory import SqliteDirectory
from tests.hub.site import Site


def new_id() -> str:
    return uuid7(time.time(), os.urandom(10))


def open_database(path: Path, patience_s: float = 5.0) -> HubDatabase:
    return HubDatabase.open(path, time.time, new_id, patience_s=patience_s)


@contextmanager
def open_directory(address: str) -> Iterator[Directory]:
    """A `tests.hub.site.Opener`; the address is the path of the file."""
    with closing(open_database(Path(address), patience_s=30)) as database:
        yield SqliteDirectory(database)


@contextmanager
def sqlite_site(path: Path) -> Iterator[Site]:
    with closing(open_database(path, patience_s=30)) as database:
        yield Site(
            SqliteDirectory(database),
            f"{__name__}:{open_directory.__name__}",
            str(path),
            lambda: database.audit(limit=10**6),
        )
