"""Photographs, their rows in SQLite; see `edged.api.albums.Albums`."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edged.domain.errors import Refused
from edged.domain.person import ModelRef
from edged.photos import change_rows, photo_rows
from edged.photos.admission import admit_photo
from edged.photos.album import Doer, PhotoEvent
from edged.photos.event_rows import event_number
from edged.photos.kept import AGAIN, ChangeKind
from edged.photos.likeness import NEVER
from edged.photos.photo import NewPhoto, OpenPhoto, Photo, PhotoFile, PhotoKind, PhotoPage, Standing
from edged.photos.photo_bundle import BundledFile, bundle, digest_of
from edged.photos.photo_format import clean_filename, media_type
from edged.photos.search import Found
from edged.photos.sqlite_shelf import SqliteShelf


class SqlitePhotoShelf(SqliteShelf):
    """Photographs, and whose faces are in them."""

    def add_photo(self, event: PhotoEvent, photo: NewPhoto, *, by: Doer) -> Photo:
        """See `Albums.add_photo`.

        Raises:
            Refused: `not_an_image`; `no_event`, `event_closed`: as it is just now, whatever `event` says.
        """
        kind, digest = media_type(photo.content), digest_of(photo.content)
        with self._database.reading() as connection:
            number, now = self._current(connection, event)
            there = photo_rows.by_digest(connection, number, digest)
        if there:
            return there
        admit_photo(now, photo, kind, digest, self._database.now())
        files = bundle(photo, kind, original=now.plan.terms.keeps_originals)
        for file in files:
            self._files.put(file.digest, file.content)
        try:
            with self._database.writing() as connection:
                number, now = self._current(connection, event)
                there = photo_rows.by_digest(connection, number, digest)
                if there:
                    return there
                added = admit_photo(now, photo, kind, digest, self._database.now())
                self._insert(connection, number, photo, added, files, digest)
                at = self._database.now()
                change_rows.note(connection, number, ChangeKind.PHOTO, added.id, by.id, at, step=AGAIN)
                self._database.record(connection, by, "add_photo", f"{added.id} in {event.organisation}/{event.slug}")
        except Refused:
            self._sweep([file.digest for file in files])
            raise
        return added

    def photos(
        self, event: PhotoEvent, offset: int, limit: int, standing: Standing | None = Standing.SHOWN
    ) -> PhotoPage:
        with self._database.reading() as connection:
            number = event_number(connection, event)
            return PhotoPage(*photo_rows.by_time(connection, number, offset, limit, standing))

    def photos_by_id(self, event: PhotoEvent, ids: Sequence[str]) -> Sequence[Photo]:
        with self._database.reading() as connection:
            return photo_rows.by_ids(connection, event_number(connection, event), ids)

    def any_photo(self, event: PhotoEvent, photo: str) -> Photo | None:
        with self._database.reading() as connection:
            return photo_rows.by_id(connection, event_number(connection, event), photo)

    def set_standing(self, event: PhotoEvent, photo: str, standing: Standing, *, by: Doer) -> bool:
        with self._database.writing() as connection:
            number = event_number(connection, event)
            done = photo_rows.set_standing(connection, number, photo, standing)
            if done:
                self._note(connection, number, ChangeKind.PHOTO, photo, by)
                about = f"{photo} in {event.organisation}/{event.slug}: {standing}"
                self._database.record(connection, by, "set_standing", about)
        return done

    def content(self, photo: str, kind: PhotoKind, *, for_guests: bool = False) -> PhotoFile | None:
        at = self._database.now() if for_guests else None
        with self._database.reading() as connection:
            row = photo_rows.file_of(connection, photo, kind, at)
        if row is None:
            return None
        digest, media, filename = row
        content = self._files.get(digest)
        return PhotoFile(content, media, clean_filename(filename, media)) if content is not None else None

    def opened(self, photo: str, kind: PhotoKind) -> OpenPhoto | None:
        """A file of a photograph that guests may see, to be read piece by piece; None where there is none. Close it."""
        with self._database.reading() as connection:
            row = photo_rows.file_of(connection, photo, kind, self._database.now())
        if row is None:
            return None
        digest, media, filename = row
        file = self._files.open(digest)
        return OpenPhoto(file, media, clean_filename(filename, media)) if file is not None else None

    def delete_photo(self, photo: str, *, by: Doer) -> bool:
        with self._database.writing() as connection:
            deleted = photo_rows.delete_photo(connection, photo)
            if deleted is None:
                return False
            number, event, digests = deleted
            self._note(connection, number, ChangeKind.PHOTO, photo, by)
            self._database.record(connection, by, "delete_photo", f"{photo} in {event}")
        self._sweep(digests)
        return True

    def like(
        self, event: PhotoEvent, model: ModelRef, vector: NDArray[np.float32], least: float, *, sure: float = NEVER
    ) -> Sequence[Found]:
        with self._database.reading() as connection:
            return self._faces.like(connection, event_number(connection, event), model, vector, least, sure)

    def faces(self, event: PhotoEvent) -> int:
        with self._database.reading() as connection:
            number = event_number(connection, event)
            (faces,) = connection.execute("SELECT faces FROM events WHERE number = ?", (number,)).fetchone() or (0,)
        return int(faces)

    def _insert(
        self,
        connection: sqlite3.Connection,
        event: int,
        photo: NewPhoto,
        added: Photo,
        files: Sequence[BundledFile],
        digest: str,
    ) -> None:
        # Whoever deleted the last photograph with the same files may have taken them away a moment ago.
        for file in files:
            self._files.put(file.digest, file.content)
        row = photo_rows.insert_photo(connection, event, photo, added, digest)
        photo_rows.insert_files(connection, row, files)
