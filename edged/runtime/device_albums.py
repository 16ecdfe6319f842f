"""Events and photographs of a device, in the room that they have there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from edged.domain.errors import Refused
from edged.photos import oldest_rows
from edged.photos.album import Doer, PhotoEvent
from edged.photos.album_database import AlbumDatabase
from edged.photos.bookmarks import last_told
from edged.photos.kept import KeptPhoto
from edged.photos.photo import NewPhoto, Photo
from edged.photos.photo_bundle import digest_of, photo_id
from edged.photos.photo_files import PhotoFiles
from edged.photos.search import Search
from edged.photos.sqlite_albums import SqliteAlbums
from edged.photos.sqlite_feed import SqliteAlbumFeed
from edged.runtime.photo_space import PhotoSpace


class DeviceAlbums(SqliteAlbums):
    """`edged.api.albums.Albums` that keeps a photograph where there is room, whoever adds it.

    Args:
        database, files: see `SqliteAlbums`.
        space: asked before a photograph is kept, and told when one was deleted; of a purge the `Purger` tells it.
        by: who deletes what has to make room, for the audit log.
        has_hub: whether a hub is told of photographs, now: then none makes room that it was not told of.
    """

    def __init__(
        self,
        database: AlbumDatabase,
        files: PhotoFiles,
        space: PhotoSpace,
        by: Doer,
        has_hub: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__(database, files)
        self._space = space
        self._by = by
        self._has_hub = has_hub

    def add_photo(self, event: PhotoEvent, photo: NewPhoto, *, by: Doer) -> Photo:
        """See `Albums.add_photo`; one that is there already needs no room.

        Raises:
            Refused: `full`, too.
        """
        if self.any_photo(event, photo_id(event.id, digest_of(photo.content))) is not None:
            return super().add_photo(event, photo, by=by)
        original = len(photo.content) if event.plan.terms.keeps_originals else 0
        with self._space.taking(original + len(photo.preview) + len(photo.thumbnail), self.drop_oldest):
            return super().add_photo(event, photo, by=by)

    def finish_search(self, event: PhotoEvent, search: Search, *, by: Doer, selfie: bytes = b"") -> None:
        """See `Albums.finish_search`; where there is no room the selfie is not kept."""
        with ExitStack() as room:
            if selfie:
                try:
                    room.enter_context(self._space.taking(len(selfie), self.drop_oldest))
                except Refused:
                    selfie = b""
            super().finish_search(event, search, by=by, selfie=selfie)

    def delete_photo(self, photo: str, *, by: Doer) -> bool:
        deleted = super().delete_photo(photo, by=by)
        self._space.freed()
        return deleted

    def may_drop(self) -> bool:
        """Whether there is a photograph that may make room for others."""
        with self._database.reading() as connection:
            return self._oldest(connection) is not None

    def drop_oldest(self) -> bool:
        """Deletes the photograph that was added first to an event that is closed or over; False where there is none.

        It is deleted here alone: a hub that has it keeps it.
        """
        with self._database.writing() as connection:
            photo = self._oldest(connection)
            dropped = oldest_rows.drop(connection, photo) if photo else None
            if dropped is None:
                return False
            event, digests = dropped
            self._database.record(connection, self._by, "make_room", f"{photo} in {event}")
        self._sweep(digests)
        return True

    def _oldest(self, connection: sqlite3.Connection) -> str | None:
        told = last_told(connection) if self._has_hub() else None
        return oldest_rows.oldest(connection, self._database.now(), told)


class DeviceFeed(SqliteAlbumFeed):
    """`edged.photos.feed.AlbumFeed` that takes photographs of a hub where there is room.

    Args:
        drop_oldest: see `PhotoSpace.taking`.
    """

    def __init__(
        self, database: AlbumDatabase, files: PhotoFiles, space: PhotoSpace, drop_oldest: Callable[[], bool]
    ) -> None:
        super().__init__(database, files)
        self._space = space
        self._drop_oldest = drop_oldest

    def take_photo(self, event: PhotoEvent, photo: KeptPhoto, files: Sequence[tuple[str, bytes]], *, by: Doer) -> None:
        """See `AlbumFeed.take_photo`.

        Raises:
            Refused: `full`, too.
        """
        size = sum(len(content) for _kind, content in files)
        if not size:
            return super().take_photo(event, photo, files, by=by)
        with self._space.taking(size, self._drop_oldest):
            return super().take_photo(event, photo, files, by=by)
