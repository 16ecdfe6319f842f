"""`edged.photos.feed.AlbumFeed` over the rows of `SqliteAlbums`."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from edged.domain.errors import Refused
from edged.domain.person import ModelRef
from edged.photos import change_rows, event_rows, photo_rows, purge_rows, search_rows
from edged.photos.admission import admit_plan, admit_slug, no_event
from edged.photos.album import Doer, NewPhoto, PhotoEvent, PhotoKind, Search
from edged.photos.event_rows import event_number
from edged.photos.kept import Change, ChangeKind, KeptEvent, KeptPhoto, KeptSearch
from edged.photos.photo_bundle import BundledFile, digest_of, photo_id
from edged.photos.photo_files import PhotoFiles
from edged.photos.sqlite_albums import AlbumDatabase

_NEEDED: Final = (PhotoKind.PREVIEW.value, PhotoKind.THUMBNAIL.value)
_NO_MODEL: Final = ModelRef("", "", 0)


class SqliteAlbumFeed:
    """What has changed, and taking what has changed elsewhere.

    Args:
        database, files: those of the `SqliteAlbums` that keeps the events.
    """

    def __init__(self, database: AlbumDatabase, files: PhotoFiles) -> None:
        self._database = database
        self._files = files

    def changes(self, organisation: str, after: int, limit: int, *, but: str = "") -> tuple[int, Sequence[Change]]:
        with self._database.reading() as connection:
            return change_rows.since(connection, after, limit, but=but, organisation=organisation)

    def event_by_id(self, event: str) -> PhotoEvent | None:
        with self._database.reading() as connection:
            return event_rows.event_by_id(connection, event)

    def is_purged(self, event: str) -> bool:
        with self._database.reading() as connection:
            return purge_rows.is_purged(connection, event)

    def take_event(self, organisation: str, event: KeptEvent, *, by: Doer) -> PhotoEvent:
        admit_slug(event.slug)
        admit_plan(event.plan)
        with self._database.writing() as connection:
            if purge_rows.is_purged(connection, event.id):
                raise Refused("purged", f"the event {organisation}/{event.slug} was purged, and stays so")
            if event_rows.organisation(connection, organisation) is None:
                raise Refused("no_organisation", f"there is no organisation {organisation}", "Create it first")
            known = event_rows.event_by_id(connection, event.id)
            if known is None:
                now = self._database.now()
                if not event_rows.insert_event(connection, event.id, organisation, event.slug, event.plan, now):
                    raise Refused(
                        "taken",
                        f"{organisation} has another event {event.slug} here",
                        "Rename one of them, or purge it",
                    )
                self._database.record(connection, by, "create_event", f"{organisation}/{event.slug}")
            event_rows.put(connection, event)
            taken = event_rows.event_by_id(connection, event.id)
            assert taken is not None  # noqa: S101  in the same transaction
            if taken != known:
                self._note(connection, event_number(connection, taken), ChangeKind.EVENT, taken.id, by)
        return taken

    def photo(self, event: PhotoEvent, photo: str) -> KeptPhoto | None:
        with self._database.reading() as connection:
            number = event_number(connection, event)
            found = photo_rows.by_id(connection, number, photo)
            if found is None:
                return None
            faces = photo_rows.faces_of(connection, number, photo)
            digest = photo_rows.digest_of(connection, number, photo)
        model = faces[0][2] if faces else None
        return KeptPhoto(found, digest, [face for _number, face, _model in faces], model)

    def missing_files(self, event: PhotoEvent, photo: str, *, original: bool) -> Sequence[str]:
        with self._database.reading() as connection:
            there = photo_rows.kinds_of(connection, event_number(connection, event), photo)
        wanted = (PhotoKind.ORIGINAL.value, *_NEEDED) if original else _NEEDED
        return [kind for kind in wanted if kind not in there]

    def take_photo(self, event: PhotoEvent, photo: KeptPhoto, files: Sequence[tuple[str, bytes]], *, by: Doer) -> None:
        bundled = self._bundled(event, photo, files)
        with self._database.reading() as connection:
            if photo_rows.by_id(connection, event_number(connection, event), photo.photo.id) is None:
                _check_gone(connection, event, ChangeKind.PHOTO, photo.photo.id, photo.photo.added)
        for file in bundled:
            self._files.put(file.digest, file.content)
        with self._database.writing() as connection:
            number = event_number(connection, event)
            if not number:
                raise no_event(event)
            known = photo_rows.by_id(connection, number, photo.photo.id)
            if known is None:
                _check_gone(connection, event, ChangeKind.PHOTO, photo.photo.id, photo.photo.added)
            if known is None and any(kind not in dict(files) for kind in _NEEDED):
                raise Refused("incomplete", "the photograph is not here, and came without its smaller pictures")
            # Whoever deleted the last photograph with the same files may have taken them away a moment ago.
            for file in bundled:
                self._files.put(file.digest, file.content)
            if known is None:
                row = photo_rows.insert_photo(connection, number, _new(photo), photo.photo, photo.digest)
            else:
                row = photo_rows.number_of(connection, number, photo.photo.id)
                photo_rows.set_standing(connection, number, photo.photo.id, photo.photo.standing)
                theirs = {face.vector.tobytes() for face in photo.faces}
                here = photo_rows.faces_of(connection, number, photo.photo.id)
                gone = [face_number for face_number, face, _model in here if face.vector.tobytes() not in theirs]
                if gone:
                    photo_rows.delete_faces(connection, number, gone)
            photo_rows.insert_files(connection, row, bundled)
            self._note(connection, number, ChangeKind.PHOTO, photo.photo.id, by)

    def kept_search(self, event: PhotoEvent, request_id: str) -> KeptSearch | None:
        with self._database.reading() as connection:
            number = event_number(connection, event)
            search = search_rows.state_of(connection, number, request_id, self._database.now())
            if not isinstance(search, Search):
                return None
            renewals = search_rows.renewals_of(connection, number, request_id)
            return KeptSearch(search, renewals, search_rows.denied_by(connection, number, request_id))

    def take_search(self, event: PhotoEvent, search: KeptSearch, *, by: Doer) -> None:
        theirs = search.search
        with self._database.writing() as connection:
            number = event_number(connection, event)
            if not number:
                raise no_event(event)
            ours = search_rows.state_of(connection, number, theirs.request_id, self._database.now())
            if not isinstance(ours, Search):
                _check_gone(connection, event, ChangeKind.SEARCH, theirs.request_id, theirs.done)
                search_rows.finish(connection, number, theirs, self._database.now(), None)
            elif (search.renewals, -theirs.done) <= (
                search_rows.renewals_of(connection, number, theirs.request_id),
                -ours.done,
            ):
                return
            search_rows.replace_with(connection, number, theirs, search.renewals)
            search_rows.set_denied(connection, number, theirs.request_id, search.denied)
            self._note(connection, number, ChangeKind.SEARCH, theirs.request_id, by)

    def remove_search(self, event: PhotoEvent, request_id: str, *, by: Doer) -> bool:
        with self._database.writing() as connection:
            number = event_number(connection, event)
            selfies = search_rows.remove(connection, number, request_id)
            if selfies is None:
                return False
            self._note(connection, number, ChangeKind.SEARCH, request_id, by)
            for digest in photo_rows.unused(connection, selfies):
                self._files.delete(digest)
        return True

    def _note(self, connection: sqlite3.Connection, event: int, kind: ChangeKind, thing: str, by: Doer) -> None:
        change_rows.note(connection, event, kind, thing, by.id, self._database.now())

    def _bundled(
        self, event: PhotoEvent, photo: KeptPhoto, files: Sequence[tuple[str, bytes]]
    ) -> Sequence[BundledFile]:
        if photo.photo.id != photo_id(event.id, photo.digest):
            raise Refused("bad_id", "the photograph's id is not that of its event and content")
        bundled = []
        for kind, content in files:
            digest, media = digest_of(content), "image/jpeg"
            if kind == PhotoKind.ORIGINAL.value:
                if digest != photo.digest:
                    raise Refused("bad_digest", "the original is not what it is said to be")
                media = photo.photo.media_type
            bundled.append(BundledFile(PhotoKind(kind), digest, content, media))
        return bundled


def _check_gone(connection: sqlite3.Connection, event: PhotoEvent, kind: ChangeKind, thing: str, made: float) -> None:
    """Raises Refused `gone` where something that is not here was taken away after it had been made elsewhere."""
    gone = change_rows.changed_at(connection, event.id, kind, thing)
    if gone is not None and gone >= made:
        raise Refused("gone", f"the {kind} {thing} was taken away here since")


def _new(photo: KeptPhoto) -> NewPhoto:
    """What is written down of a photograph; its files are written by themselves."""
    own = photo.photo
    return NewPhoto(
        content=b"",
        preview=b"",
        thumbnail=b"",
        filename=own.filename,
        width=own.width,
        height=own.height,
        taken=own.taken,
        faces=photo.faces,
        model=photo.model or _NO_MODEL,
        source=own.source,
    )
