"""Events and photographs on a PostgreSQL server; see `edged.api.albums.Albums`."""

from __future__ import annotations

from edged.hub.postgresql.event_shelf import EventShelf
from edged.hub.postgresql.photo_shelf import PhotoShelf
from edged.hub.postgresql.report_shelf import ReportShelf
from edged.hub.postgresql.search_shelf import SearchShelf


class PostgresAlbums(EventShelf, PhotoShelf, SearchShelf, ReportShelf):
    """Rows on the server, the photographs themselves in files that all hub processes share.

    A file is written before its row is seen, and deleted after it, by whoever holds the lock of its digest: so no row
    is ever without its file, and a file that is left without a row by a process that was killed is found by `tidy`.

    Whoever changes something holds the locks of its files first, then its event, then what is below it; whoever purges
    the event waits for them.
    """

    def tidy(self) -> int:
        """Deletes the files that nobody has; how many. Once at the start; others may be at work meanwhile."""
        return self._sweep(self._files.digests())
