"""A hub's events and photographs: nothing of one that was purged stays in the database's file."""

from __future__ import annotations

import logging

from edged.domain.errors import Unavailable
from edged.hub.sqlite.database import HubDatabase
from edged.photos.album import Doer, Purge
from edged.photos.photo_files import PhotoFiles
from edged.photos.sqlite_albums import SqliteAlbums

log = logging.getLogger(__name__)


class HubAlbums(SqliteAlbums):
    """`edged.api.albums.Albums` of a hub.

    Args:
        database: that its file is written anew after a purge.
    """

    def __init__(self, database: HubDatabase, files: PhotoFiles) -> None:
        super().__init__(database, files)
        self._file = database

    def purge_event(self, organisation: str, slug: str, *, by: Doer) -> Purge | None:
        """See `Albums.purge_event`. Blocks while the file is written anew, for some seconds where it is large: others
        who write wait.
        """
        purge = super().purge_event(organisation, slug, by=by)
        if purge is not None:
            try:
                self._file.rewrite()
            except Unavailable as error:
                # The event is purged all the same: pieces of its rows may stay in gaps of the file until the next one.
                log.warning("the database was not written anew after a purge: %s", error)
        return purge
