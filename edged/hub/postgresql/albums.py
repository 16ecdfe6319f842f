"""Events and photographs on a PostgreSQL server; see `edged.api.albums.Albums`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.api.access import Grant
from edged.domain.errors import Refused
from edged.domain.person import ModelRef
from edged.hub.admission import is_storable
from edged.hub.postgresql import album_events, album_photos, album_searches
from edged.hub.postgresql.album_events import event_number, held_event
from edged.hub.postgresql.audit import record
from edged.hub.postgresql.database import Database, Session, row
from edged.photos.album import (
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
from edged.photos.photo_bundle import bundle
from edged.photos.photo_files import PhotoFiles
from edged.photos.photo_format import clean_filename

_SLUG: Final = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)
_BATCH: Final = 100


class PostgresAlbums:
    """Rows on the server, the photographs themselves in files that all hub processes share.

    A file is written before its row is, and deleted after it, by whoever holds the lock of its digest: so no row is
    ever without its file, and a file that is left without a row by a process that was killed is found by `tidy`.
    """

    def __init__(
        self, database: Database, files: PhotoFiles, now: Callable[[], float], new_id: Callable[[], str]
    ) -> None:
        """
        Args:
            database: whose tables are prepared, see `edged.hub.postgresql.schema.prepare`.
            files: has the photographs.
            now: UTC seconds since the epoch; new_id: a new UUIDv7.
        """
        self._database = database
        self._files = files
        self._now = now
        self._new_id = new_id

    def create_organisation(self, slug: str, name: str, *, by: Grant) -> bool:
        _check_slug(slug)

        def work(session: Session) -> bool:
            made = album_events.insert_organisation(session, slug, name)
            if made:
                self._record(session, by, "create_organisation", slug)
            return made

        return self._database.change(work)

    def organisations(self) -> Sequence[Organisation]:
        return self._database.glance(album_events.organisations)

    def organisation(self, slug: str) -> Organisation | None:
        if not _SLUG.fullmatch(slug):
            return None
        return self._database.glance(lambda session: album_events.organisation(session, slug))

    def create_event(
        self, organisation: str, slug: str, name: str, features: Features, threshold: float, *, by: Grant
    ) -> PhotoEvent:
        _check_slug(slug)
        now = self._now()

        def work(session: Session) -> None:
            if not _SLUG.fullmatch(organisation) or album_events.organisation(session, organisation) is None:
                raise Refused("no_organisation", f"there is no organisation {organisation}", "Create it first")
            if not album_events.insert_event(session, organisation, slug, name, features, threshold, now):
                raise Refused("taken", f"{organisation} has an event {slug} already", "Choose another name for it")
            self._record(session, by, "create_event", f"{organisation}/{slug}")

        self._database.change(work)
        return PhotoEvent(organisation, slug, name, now, features, threshold, 0)

    def events(self, organisation: str, offset: int, limit: int) -> tuple[int, Sequence[PhotoEvent]]:
        if not _SLUG.fullmatch(organisation):
            return 0, ()
        return self._database.glance(lambda session: album_events.events(session, organisation, offset, limit))

    def event(self, organisation: str, slug: str) -> PhotoEvent | None:
        if not (_SLUG.fullmatch(organisation) and _SLUG.fullmatch(slug)):
            return None
        return self._database.glance(lambda session: album_events.event(session, organisation, slug))

    def set_features(self, organisation: str, slug: str, features: Features, *, by: Grant) -> PhotoEvent | None:
        if not (_SLUG.fullmatch(organisation) and _SLUG.fullmatch(slug)):
            return None

        def work(session: Session) -> PhotoEvent | None:
            event = album_events.update_features(session, organisation, slug, features)
            if event is not None:
                self._record(session, by, "set_features", f"{organisation}/{slug}")
            return event

        return self._database.change(work)

    def delete_event(self, organisation: str, slug: str, *, by: Grant) -> bool:
        if not (_SLUG.fullmatch(organisation) and _SLUG.fullmatch(slug)):
            return False

        def work(session: Session) -> Sequence[str] | None:
            event = album_events.event(session, organisation, slug)
            if event is None:
                return None
            digests = album_photos.delete_event(session, event_number(session, event))
            self._record(session, by, "delete_event", f"{organisation}/{slug}, {event.photos} photographs")
            return digests

        digests = self._database.change(work)
        for start in range(0, len(digests or ()), _BATCH):
            self._sweep((digests or ())[start : start + _BATCH])
        return digests is not None

    def add_photo(self, event: PhotoEvent, photo: NewPhoto, *, by: Grant) -> Photo:
        """See `Albums.add_photo`.

        Raises:
            Refused: `not_an_image`; `no_event`: it was deleted meanwhile.
        """
        files = bundle(photo)
        digest, original = files[0].digest, files[0].media_type
        there = self._database.glance(
            lambda session: album_photos.by_digest(session, event_number(session, event), digest)
        )
        if there:
            return there
        for file in files:
            self._files.put(file.digest, file.content)
        told = Photo(
            id=self._new_id(),
            filename=clean_filename(photo.filename, original),
            width=photo.width,
            height=photo.height,
            taken=photo.taken,
            added=self._now(),
            size=len(photo.content),
            media_type=original,
        )

        def work(session: Session) -> Photo:
            album_photos.hold_files(session, [file.digest for file in files])
            number = held_event(session, event)
            if not number:
                raise Refused("no_event", f"there is no event {event.organisation}/{event.slug}")
            made = album_photos.insert_photo(session, number, photo, told, digest)
            if made is None:
                there = album_photos.by_digest(session, number, digest)
                assert there is not None  # noqa: S101  its files are held: nobody deletes it meanwhile
                return there
            # Whoever deleted the last photograph with the same files may have taken them away a moment ago.
            for file in files:
                self._files.put(file.digest, file.content)
            album_photos.insert_files(session, made, files)
            self._record(session, by, "add_photo", f"{told.id} in {event.organisation}/{event.slug}")
            return told

        return self._database.change(work)

    def photos(self, event: PhotoEvent, offset: int, limit: int) -> PhotoPage:
        def work(session: Session) -> PhotoPage:
            return PhotoPage(*album_photos.by_time(session, event_number(session, event), offset, limit))

        return self._database.glance(work)

    def photos_by_id(self, event: PhotoEvent, ids: Sequence[str]) -> Sequence[Photo]:
        known = [one for one in ids if is_storable(one)]
        return self._database.glance(lambda session: album_photos.by_ids(session, event_number(session, event), known))

    def content(self, photo: str, kind: PhotoKind) -> PhotoFile | None:
        if not is_storable(photo):
            return None
        found = self._database.glance(lambda session: album_photos.file_of(session, photo, kind))
        if found is None:
            return None
        digest, media, filename = found
        content = self._files.get(digest)
        return PhotoFile(content, media, filename) if content is not None else None

    def delete_photo(self, photo: str, *, by: Grant) -> bool:
        if not is_storable(photo):
            return False

        def work(session: Session) -> Sequence[str] | None:
            deleted = album_photos.delete_photo(session, photo)
            if deleted is None:
                return None
            event, digests = deleted
            self._record(session, by, "delete_photo", f"{photo} in {event}")
            return digests

        digests = self._database.change(work)
        if digests is None:
            return False
        self._sweep(digests)
        return True

    def like(self, event: PhotoEvent, model: ModelRef, vector: NDArray[np.float32], least: float) -> Sequence[Found]:
        return self._database.glance(
            lambda session: album_photos.like(session, event_number(session, event), model, vector, least)
        )

    def faces(self, event: PhotoEvent) -> int:
        def work(session: Session) -> int:
            found = row(session, "SELECT faces FROM events WHERE number = %s", event_number(session, event))
            return int(found[0]) if found else 0

        return self._database.glance(work)

    def search(self, event: PhotoEvent, request_id: str) -> Search | None:
        if not is_storable(request_id):
            return None
        return self._database.glance(
            lambda session: album_searches.state_of(session, event_number(session, event), request_id)
        )

    def begin_search(self, event: PhotoEvent, request_id: str) -> Search | Turn:
        """See `Albums.begin_search`.

        Raises:
            Refused: `no_event`: it was deleted meanwhile.
        """
        done = self.search(event, request_id)
        if done is not None:
            return done

        def work(session: Session) -> Search | Turn:
            number = held_event(session, event)
            if not number:
                raise Refused("no_event", f"there is no event {event.organisation}/{event.slug}")
            return album_searches.begin(session, number, request_id, self._now())

        return self._database.change(work)

    def finish_search(self, event: PhotoEvent, search: Search, *, by: Grant) -> None:
        def work(session: Session) -> None:
            number = held_event(session, event)
            if number and album_searches.finish(session, number, search, self._now()):
                about = f"{search.request_id} in {event.organisation}/{event.slug}, {len(search.photos)} found"
                self._record(session, by, "selfie_search", about)

        self._database.change(work)

    def drop_search(self, event: PhotoEvent, request_id: str) -> None:
        self._database.change(lambda session: album_searches.drop(session, event_number(session, event), request_id))

    def tidy(self) -> int:
        """Deletes the files that no photograph has; how many. Once at the start; others may be at work meanwhile."""
        digests = self._files.digests()
        deleted = 0
        while batch := list(islice(digests, _BATCH)):
            deleted += self._sweep(batch)
        return deleted

    def _sweep(self, digests: Sequence[str]) -> int:
        """Deletes those files that no photograph has any more."""
        candidates = self._database.read(lambda session: album_photos.unused(session, digests))
        if not candidates:
            return 0

        def work(session: Session) -> int:
            album_photos.hold_files(session, candidates)
            leftover = album_photos.unused(session, candidates)
            for digest in leftover:
                self._files.delete(digest)
            return len(leftover)

        return self._database.change(work)

    def _record(self, session: Session, by: Grant, act: str, about: str) -> None:
        record(session, by, act, about, self._now())


def _check_slug(slug: str) -> None:
    if not _SLUG.fullmatch(slug):
        raise Refused("bad_slug", f"{slug!r} cannot stand in an address", "Use 1 to 64 of a–z, 0–9 and hyphens")
