"""Events as they are kept, at a booth or at a hub on SQLite: rows, files, and what works on both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

from edged.photos.album import PhotoEvent
from edged.photos.album_database import AlbumDatabase
from edged.photos.photo_files import PhotoFolder
from edged.photos.sqlite_albums import SqliteAlbums
from edged.photos.sqlite_feed import SqliteAlbumFeed

_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class KeptEvents:
    """See `SqliteAlbums` and `SqliteAlbumFeed`. Any thread."""

    database: AlbumDatabase
    files: PhotoFolder
    albums: SqliteAlbums
    feed: SqliteAlbumFeed

    @classmethod
    def of(cls, database: AlbumDatabase, files: PhotoFolder) -> Self:
        return cls(database, files, SqliteAlbums(database, files), SqliteAlbumFeed(database, files))

    def events(self, organisation: str) -> tuple[PhotoEvent, ...]:
        """All of an organisation."""
        return tuple(self.albums.events(organisation, 0, _MOST)[1])

    def requests(self, event: str) -> list[str]:
        """The ids of the searches that were done in an event, sorted."""
        return self._column(
            "SELECT request_id FROM searches JOIN events ON events.number = event"
            " WHERE events.id = ? AND confidence IS NOT NULL ORDER BY request_id",
            event,
        )

    def vectors(self, event: str) -> set[bytes]:
        """Of all faces in the photographs of an event, as they are written."""
        query = "SELECT vector FROM photo_faces JOIN events ON events.number = event WHERE events.id = ?"
        return set(self._column(query, event))

    def named_files(self) -> set[str]:
        """The digests of the files that photographs and searches of all events have."""
        return {
            *self._column("SELECT digest FROM photo_files"),
            *self._column("SELECT selfie FROM searches WHERE selfie IS NOT NULL"),
        }

    def is_sound(self) -> bool:
        """Whether SQLite finds the database whole."""
        return self._column("PRAGMA integrity_check") == ["ok"]

    def _column(self, query: str, *values: str) -> list[Any]:
        with self.database.reading() as connection:
            return [row[0] for row in connection.execute(query, values)]
