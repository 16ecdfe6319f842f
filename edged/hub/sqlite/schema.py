"""The tables of the hub's database, as the steps that made them. Each part keeps its own in a module of its own."""

from __future__ import annotations

from typing import Final

from edged.hub.sqlite.account_tables import ACCOUNT_TABLES
from edged.hub.sqlite.directory_tables import DIRECTORY_TABLES
from edged.hub.sqlite.fleet_tables import FLEET_TABLES, SYNC_TABLES
from edged.photos.tables import ALBUM_TABLES, BOOTH_TABLES, REVISION_COLUMN

APPLICATION: Final = 0x65644862
"""Marks a file as the hub's (`application_id`): "edHb"."""

_LEDGER_TABLES: Final = """
CREATE TABLE revision (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    number INTEGER NOT NULL
) STRICT;
INSERT INTO revision VALUES (1, 0);

CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    by TEXT NOT NULL,
    name TEXT NOT NULL,
    act TEXT NOT NULL,
    about TEXT NOT NULL
) STRICT;
"""
"""`revision` counts every change; rows carry the one that made them, so that a reader fetches only what is newer."""

STEPS: Final[tuple[str, ...]] = (
    _LEDGER_TABLES,
    DIRECTORY_TABLES,
    ALBUM_TABLES,
    ACCOUNT_TABLES,
    FLEET_TABLES,
    SYNC_TABLES,
    BOOTH_TABLES,
    REVISION_COLUMN,
)
"""Step n takes a database from `user_version` n to n + 1. Once released, steps are only ever added at the end.
"""
