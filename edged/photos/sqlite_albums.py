"""Events and photographs in a storage of one's own: rows in SQLite, the photographs themselves in files."""

from __future__ import annotations

from edged.photos.sqlite_event_shelf import SqliteEventShelf
from edged.photos.sqlite_photo_shelf import SqlitePhotoShelf
from edged.photos.sqlite_report_shelf import SqliteReportShelf
from edged.photos.sqlite_search_shelf import SqliteSearchShelf


class SqliteAlbums(SqliteEventShelf, SqlitePhotoShelf, SqliteSearchShelf, SqliteReportShelf):
    """`edged.api.albums.Albums`.

    A file is written before its row is, and deleted after it, by whoever holds the turn to write: so no row is ever
    without its file, and a file that is left without a row by a process that was killed is found by `tidy`.

    Args:
        database: has the rows; files: has the photographs.
    """

    def tidy(self) -> int:
        """Deletes the files that no photograph has; how many. Once at the start; others may be at work meanwhile."""
        return self._sweep(self._files.digests())
