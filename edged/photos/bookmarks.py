"""How far a device has told its hub, and been told, of events and photographs."""

from __future__ import annotations

from typing import Final

from edged.photos.album_database import AlbumDatabase

BOOKMARK_TABLE: Final = """
CREATE TABLE bookmarks (
    name TEXT PRIMARY KEY,
    place TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""


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
