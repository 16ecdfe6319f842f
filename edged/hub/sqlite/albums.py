"""Events and photographs in the hub's own storage: rows in SQLite, the photographs themselves in files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.api.access import Grant
from edged.api.albums import (
    Features,
    Found,
    NewPhoto,
    Organisation,
    Photo,
    PhotoEvent,
    PhotoFile,
    PhotoKind,
    PhotoPage,
    Search,
    Turn,
)
from edged.api.photo_format import clean_filename
from edged.domain.errors import Refused
from edged.domain.person import ModelRef
from edged.hub.photo_bundle import bundle
from edged.hub.photo_files import PhotoFiles
from edged.hub.sqlite import album_events, album_photos, album_searches
from edged.hub.sqlite.album_events import event_number
from edged.hub.sqlite.album_faces import AlbumFaces
from edged.hub.sqlite.database import HubDatabase

_SLUG: Final = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)
_BATCH: Final = 500


class SqliteAlbums:
    """`edged.api.albums.Albums`.

    A file is written before its row is, and deleted after it, by whoever holds the turn to write: so no row is ever
    without its file, and a file that is left without a row by a process that was killed is found by `tidy`.

    Args:
        database: has the rows; files: has the photographs.
    """

    def __init__(self, database: HubDatabase, files: PhotoFiles) -> None:
        self._database = database
        self._files = files
        self._faces = AlbumFaces()

    def create_organisation(self, slug: str, name: str, *, by: Grant) -> bool:
        _check_slug(slug)
        with self._database.writing() as connection:
            made = album_events.insert_organisation(connection, slug, name)
            if made:
                self._database.record(connection, by, "create_organisation", slug)
        return made

    def organisations(self) -> Sequence[Organisation]:
        with self._database.reading() as connection:
            return album_events.organisations(connection)

    def organisation(self, slug: str) -> Organisation | None:
        with self._database.reading() as connection:
            return album_events.organisation(connection, slug)

    def create_event(
        self, organisation: str, slug: str, name: str, features: Features, threshold: float, *, by: Grant
    ) -> PhotoEvent:
        _check_slug(slug)
        with self._database.writing() as connection:
            if album_events.organisation(connection, organisation) is None:
                raise Refused("no_organisation", f"there is no organisation {organisation}", "Create it first")
            now = self._database.now()
            if not album_events.insert_event(connection, organisation, slug, name, features, threshold, now):
                raise Refused("taken", f"{organisation} has an event {slug} already", "Choose another name for it")
            self._database.record(connection, by, "create_event", f"{organisation}/{slug}")
        return PhotoEvent(organisation, slug, name, now, features, threshold, 0)

    def events(self, organisation: str, offset: int, limit: int) -> tuple[int, Sequence[PhotoEvent]]:
        with self._database.reading() as connection:
            return album_events.events(connection, organisation, offset, limit)

    def event(self, organisation: str, slug: str) -> PhotoEvent | None:
        with self._database.reading() as connection:
            return album_events.event(connection, organisation, slug)

    def set_features(self, organisation: str, slug: str, features: Features, *, by: Grant) -> PhotoEvent | None:
        with self._database.writing() as connection:
            event = album_events.event(connection, organisation, slug)
            if event is None:
                return None
            album_events.update_features(connection, event_number(connection, event), features)
            self._database.record(connection, by, "set_features", f"{organisation}/{slug}")
            return album_events.event(connection, organisation, slug)

    def delete_event(self, organisation: str, slug: str, *, by: Grant) -> bool:
        with self._database.writing() as connection:
            event = album_events.event(connection, organisation, slug)
            if event is None:
                return False
            digests = album_photos.delete_event(connection, event_number(connection, event))
            self._database.record(connection, by, "delete_event", f"{organisation}/{slug}, {event.photos} photographs")
        self._sweep(digests)
        return True

    def add_photo(self, event: PhotoEvent, photo: NewPhoto, *, by: Grant) -> Photo:
        """See `Albums.add_photo`.

        Raises:
            Refused: `not_an_image`; `no_event`: it was deleted meanwhile.
        """
        files = bundle(photo)
        digest, original = files[0].digest, files[0].media_type
        with self._database.reading() as connection:
            there = album_photos.by_digest(connection, event_number(connection, event), digest)
        if there:
            return there
        for file in files:
            self._files.put(file.digest, file.content)
        with self._database.writing() as connection:
            number = event_number(connection, event)
            if not number:
                raise Refused("no_event", f"there is no event {event.organisation}/{event.slug}")
            there = album_photos.by_digest(connection, number, digest)
            if there:
                return there
            # Whoever deleted the last photograph with the same files may have taken them away a moment ago.
            for file in files:
                self._files.put(file.digest, file.content)
            added = Photo(
                id=self._database.new_id(),
                filename=clean_filename(photo.filename, original),
                width=photo.width,
                height=photo.height,
                taken=photo.taken,
                added=self._database.now(),
                size=len(photo.content),
                media_type=original,
            )
            row = album_photos.insert_photo(connection, number, photo, added, digest)
            album_photos.insert_files(connection, row, files)
            self._database.record(connection, by, "add_photo", f"{added.id} in {event.organisation}/{event.slug}")
        return added

    def photos(self, event: PhotoEvent, offset: int, limit: int) -> PhotoPage:
        with self._database.reading() as connection:
            return PhotoPage(*album_photos.by_time(connection, event_number(connection, event), offset, limit))

    def photos_by_id(self, event: PhotoEvent, ids: Sequence[str]) -> Sequence[Photo]:
        with self._database.reading() as connection:
            return album_photos.by_ids(connection, event_number(connection, event), ids)

    def content(self, photo: str, kind: PhotoKind) -> PhotoFile | None:
        with self._database.reading() as connection:
            row = album_photos.file_of(connection, photo, kind)
        if row is None:
            return None
        digest, media, filename = row
        content = self._files.get(digest)
        return PhotoFile(content, media, filename) if content is not None else None

    def delete_photo(self, photo: str, *, by: Grant) -> bool:
        with self._database.writing() as connection:
            deleted = album_photos.delete_photo(connection, photo)
            if deleted is None:
                return False
            event, digests = deleted
            self._database.record(connection, by, "delete_photo", f"{photo} in {event}")
        self._sweep(digests)
        return True

    def like(self, event: PhotoEvent, model: ModelRef, vector: NDArray[np.float32], least: float) -> Sequence[Found]:
        with self._database.reading() as connection:
            return self._faces.like(connection, event_number(connection, event), model, vector, least)

    def faces(self, event: PhotoEvent) -> int:
        with self._database.reading() as connection:
            number = event_number(connection, event)
            (faces,) = connection.execute("SELECT faces FROM events WHERE number = ?", (number,)).fetchone() or (0,)
        return int(faces)

    def search(self, event: PhotoEvent, request_id: str) -> Search | None:
        with self._database.reading() as connection:
            state = album_searches.state_of(
                connection, event_number(connection, event), request_id, self._database.now()
            )
        return state if isinstance(state, Search) else None

    def begin_search(self, event: PhotoEvent, request_id: str) -> Search | Turn:
        """See `Albums.begin_search`.

        Raises:
            Refused: `no_event`: it was deleted meanwhile.
        """
        now = self._database.now()
        with self._database.reading() as connection:
            state = album_searches.state_of(connection, event_number(connection, event), request_id, now)
        if state is not None:
            return state
        with self._database.writing() as connection:
            number = event_number(connection, event)
            if not number:
                raise Refused("no_event", f"there is no event {event.organisation}/{event.slug}")
            state = album_searches.state_of(connection, number, request_id, now)
            if state is not None:
                return state
            album_searches.take_turn(connection, number, request_id, now)
        return Turn.MINE

    def finish_search(self, event: PhotoEvent, search: Search, *, by: Grant) -> None:
        with self._database.writing() as connection:
            number = event_number(connection, event)
            if number and album_searches.finish(connection, number, search, self._database.now()):
                about = f"{search.request_id} in {event.organisation}/{event.slug}, {len(search.photos)} found"
                self._database.record(connection, by, "selfie_search", about)

    def drop_search(self, event: PhotoEvent, request_id: str) -> None:
        with self._database.writing() as connection:
            album_searches.drop(connection, event_number(connection, event), request_id)

    def tidy(self) -> int:
        """Deletes the files that no photograph has; how many. Once at the start; others may be at work meanwhile."""
        digests = self._files.digests()
        deleted = 0
        while batch := list(islice(digests, _BATCH)):
            deleted += self._sweep(batch)
        return deleted

    def _sweep(self, digests: Sequence[str]) -> int:
        """Deletes those files that no photograph has any more."""
        with self._database.reading() as connection:
            candidates = album_photos.unused(connection, digests)
        if not candidates:
            return 0
        with self._database.writing() as connection:
            leftover = album_photos.unused(connection, candidates)
            for digest in leftover:
                self._files.delete(digest)
        return len(leftover)


def _check_slug(slug: str) -> None:
    if not _SLUG.fullmatch(slug):
        raise Refused("bad_slug", f"{slug!r} cannot stand in an address", "Use 1 to 64 of a–z, 0–9 and hyphens")
