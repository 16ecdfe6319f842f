"""How far a device has told its hub, and been told, of events and photographs."""

from __future__ import annotations

import sqlite3
from typing import Final

from edged.photos.album_database import AlbumDatabase

BOOKMARK_TABLE: Final = """
CREATE TABLE bookmarks (
    name TEXT PRIMARY KEY,
    place TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""


def last_told(connection: sqlite3.Connection) -> int:
    """The number of the last change that a hub was told of; 0: none was told of any."""
    row = connection.execute("SELECT max(CAST(place AS INTEGER)) FROM bookmarks WHERE name LIKE 'pushed %'").fetchone()
    return int(row[0] or 0)


class SqliteBookmarks:
    """`edged.central.album_follower.Bookmarks` in a device's database of photographs. Any thread; blocks for the disk.

    Args:
        hub: whose they are: another one's begin at the beginning.
    """

    def __init__(self, database: AlbumDatabase, hub: str) -> None:
        self._database = database
        self._hub = hub

    def place(self, name: str) -> str:
        with self._database.reading() as connection:
            row = connection.execute("SELECT place FROM bookmarks WHERE name = ?", (self._name(name),)).fetchone()
        return str(row[0]) if row else ""

    def mark(self, name: str, place: str) -> None:
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO bookmarks (name, place) VALUES (?, ?)", (self._name(name), place)
            )

    def _name(self, name: str) -> str:
        return f"{name} {self._hub}"
