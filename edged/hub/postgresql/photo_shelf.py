"""Photographs on a PostgreSQL server; see `edged.api.albums.Albums`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edged.domain.errors import Refused
from edged.domain.person import ModelRef
from edged.domain.text import is_storable
from edged.hub.postgresql import album_changes, album_faces, album_photos
from edged.hub.postgresql.album_events import current_event, event_number, held_number
from edged.hub.postgresql.database import Session, row
from edged.hub.postgresql.shelf import Shelf
from edged.photos.admission import admit_photo
from edged.photos.album import Doer, PhotoEvent
from edged.photos.kept import AGAIN, ChangeKind
from edged.photos.likeness import NEVER
from edged.photos.photo import NewPhoto, Photo, PhotoFile, PhotoKind, PhotoPage, Standing
from edged.photos.photo_bundle import bundle, digest_of
from edged.photos.photo_format import clean_filename, media_type
from edged.photos.search import Found


class PhotoShelf(Shelf):
    """Photographs, and whose faces are in them."""

    def add_photo(self, event: PhotoEvent, photo: NewPhoto, *, by: Doer) -> Photo:
        """See `Albums.add_photo`.

        Raises:
            Refused: `not_an_image`; `no_event`, `event_closed`: as it is just now, whatever `event` says.
        """
        kind, digest = media_type(photo.content), digest_of(photo.content)

        def look(session: Session) -> tuple[Photo | None, PhotoEvent]:
            return album_photos.by_digest(session, event_number(session, event), digest), current_event(session, event)

        there, now = self._database.glance(look)
        if there:
            return there
        admit_photo(now, photo, kind, digest, self._now())
        files = bundle(photo, kind, original=now.plan.terms.keeps_originals)
        for file in files:
            self._files.put(file.digest, file.content)

        def work(session: Session) -> Photo:
            album_photos.hold_files(session, [digest, *(file.digest for file in files)])
            number = held_number(session, event)
            now = current_event(session, event)
            there = album_photos.by_digest(session, number, digest)
            if there:
                return there
            told = admit_photo(now, photo, kind, digest, self._now())
            made = album_photos.insert_photo(session, number, photo, told, digest)
            # Whoever deleted the last photograph with the same files may have taken them away a moment ago.
            for file in files:
                self._files.put(file.digest, file.content)
            album_photos.insert_files(session, made, files)
            album_faces.insert_faces(session, number, made, photo)
            self._record(session, by, "add_photo", f"{told.id} in {event.organisation}/{event.slug}")
            at = self._now()
            album_changes.note(session, event.id, ChangeKind.PHOTO, [told.id], by.id, at, step=AGAIN)
            return told

        try:
            return self._database.change(work)
        except Refused:
            self._sweep([file.digest for file in files])
            raise

    def photos(
        self, event: PhotoEvent, offset: int, limit: int, standing: Standing | None = Standing.SHOWN
    ) -> PhotoPage:
        def work(session: Session) -> PhotoPage:
            return PhotoPage(*album_photos.by_time(session, event_number(session, event), offset, limit, standing))

        return self._database.glance(work)

    def photos_by_id(self, event: PhotoEvent, ids: Sequence[str]) -> Sequence[Photo]:
        known = [one for one in ids if is_storable(one)]
        return self._database.glance(lambda session: album_photos.by_ids(session, event_number(session, event), known))

    def any_photo(self, event: PhotoEvent, photo: str) -> Photo | None:
        if not is_storable(photo):
            return None
        return self._database.glance(lambda session: album_photos.by_id(session, event_number(session, event), photo))

    def set_standing(self, event: PhotoEvent, photo: str, standing: Standing, *, by: Doer) -> bool:
        def work(session: Session) -> bool:
            number = held_number(session, event)
            done = album_photos.set_standing(session, number, photo, standing)
            if done:
                about = f"{photo} in {event.organisation}/{event.slug}: {standing}"
                self._record(session, by, "set_standing", about)
                self._note(session, event.id, ChangeKind.PHOTO, photo, by=by)
            return done

        return is_storable(photo) and self._database.change(work)

    def content(self, photo: str, kind: PhotoKind, *, for_guests: bool = False) -> PhotoFile | None:
        if not is_storable(photo):
            return None
        at = self._now() if for_guests else None
        found = self._database.glance(lambda session: album_photos.file_of(session, photo, kind, at))
        if found is None:
            return None
        digest, media, filename = found
        content = self._files.get(digest)
        return PhotoFile(content, media, clean_filename(filename, media)) if content is not None else None

    def delete_photo(self, photo: str, *, by: Doer) -> bool:
        if not is_storable(photo):
            return False

        def work(session: Session) -> Sequence[str] | None:
            deleted = album_photos.delete_photo(session, photo)
            if deleted is None:
                return None
            event, name, digests = deleted
            self._record(session, by, "delete_photo", f"{photo} in {name}")
            self._note(session, event, ChangeKind.PHOTO, photo, by=by)
            return digests

        digests = self._database.change(work)
        if digests is None:
            return False
        self._sweep(digests)
        return True

    def like(
        self, event: PhotoEvent, model: ModelRef, vector: NDArray[np.float32], least: float, *, sure: float = NEVER
    ) -> Sequence[Found]:
        def work(session: Session) -> Sequence[Found]:
            number = event_number(session, event)
            return album_faces.like(session, self._faces, number, model, vector, least, sure)

        return self._database.glance(work)

    def faces(self, event: PhotoEvent) -> int:
        def work(session: Session) -> int:
            found = row(session, "SELECT faces FROM events WHERE id = %s", event.id)
            return int(found[0]) if found else 0

        return self._database.glance(work)
