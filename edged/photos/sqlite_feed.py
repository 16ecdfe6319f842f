"""`edged.photos.feed.AlbumFeed` over the rows of `SqliteAlbums`."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from edged.domain.errors import Refused
from edged.photos import change_rows, event_rows, photo_rows, purge_rows, report_rows, search_rows
from edged.photos.admission import (
    admit_absent,
    admit_kept_event,
    admit_kept_photo,
    admit_kept_search,
    admit_plan,
    admit_slug,
    no_event,
)
from edged.photos.album import Doer, PhotoEvent
from edged.photos.event_rows import event_number
from edged.photos.kept import Change, ChangeKind, KeptEvent, KeptPhoto, KeptSearch, Outcome
from edged.photos.kept_files import check_whole, kept_bundle, missing, without_files
from edged.photos.photo import PhotoKind
from edged.photos.photo_bundle import BundledFile
from edged.photos.search import Search
from edged.photos.sqlite_shelf import SqliteShelf


class SqliteAlbumFeed(SqliteShelf):
    """What has changed, and taking what has changed elsewhere.

    Args:
        database, files: those of the `SqliteAlbums` that keeps the events.
    """

    def changes(self, organisation: str, after: int, limit: int, *, but: str = "") -> tuple[int, Sequence[Change]]:
        with self._database.reading() as connection:
            return change_rows.since(connection, after, limit, but=but, organisation=organisation)

    def event_by_id(self, event: str) -> PhotoEvent | None:
        with self._database.reading() as connection:
            return event_rows.event_by_id(connection, event)

    def kept_event(self, event: str) -> KeptEvent | None:
        with self._database.reading() as connection:
            return _kept_event(connection, event)

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
            named = event_rows.event(connection, organisation, event.slug)
            admit_kept_event(organisation, event, known, named)
            ours = _kept_event(connection, event.id)
            if known is None:
                now = self._database.now()
                event_rows.insert_event(connection, event.id, organisation, event.slug, event.plan, now)
                self._database.record(connection, by, "create_event", f"{organisation}/{event.slug}")
            outcome = event.outcome(ours)
            if outcome.is_theirs:
                event_rows.put(connection, event)
            taken = event_rows.event_by_id(connection, event.id)
            assert taken is not None  # noqa: S101  in the same transaction
            self._note_taken(connection, taken, ChangeKind.EVENT, taken.id, by, event.revision, outcome)
        return taken

    def photo(self, event: PhotoEvent, photo: str) -> KeptPhoto | None:
        with self._database.reading() as connection:
            number = event_number(connection, event)
            found = photo_rows.by_id(connection, number, photo)
            if found is None:
                return None
            faces = photo_rows.faces_of(connection, number, photo)
            digest = photo_rows.digest_of(connection, number, photo)
            revision = change_rows.revision_of(connection, event.id, ChangeKind.PHOTO, photo)
        model = faces[0][2] if faces else None
        return KeptPhoto(found, digest, [face for _number, face, _model in faces], model, revision)

    def missing_files(self, event: PhotoEvent, photo: str, *, original: bool) -> Sequence[str]:
        with self._database.reading() as connection:
            there = photo_rows.kinds_of(connection, event_number(connection, event), photo)
        return missing(there, original=original)

    def take_photo(self, event: PhotoEvent, photo: KeptPhoto, files: Sequence[tuple[str, bytes]], *, by: Doer) -> None:
        admit_kept_photo(event, photo)
        bundled = kept_bundle(photo, files)
        with self._database.reading() as connection:
            if photo_rows.by_id(connection, event_number(connection, event), photo.photo.id) is None:
                _check_gone(connection, event, ChangeKind.PHOTO, photo.photo.id, photo.revision)
        try:
            for file in bundled:
                self._files.put(file.digest, file.content)
            with self._database.writing() as connection:
                self._take(connection, event, photo, bundled, by)
        finally:
            # Not those that are kept now: of a photograph that was refused, or that had files of these kinds.
            self._sweep([file.digest for file in bundled])

    def _take(
        self,
        connection: sqlite3.Connection,
        event: PhotoEvent,
        photo: KeptPhoto,
        files: Sequence[BundledFile],
        by: Doer,
    ) -> None:
        number, theirs = event_number(connection, event), photo.photo
        if not number:
            raise no_event(event)
        own = photo_rows.by_id(connection, number, theirs.id)
        outcome = Outcome()
        if own is None:
            _check_gone(connection, event, ChangeKind.PHOTO, theirs.id, photo.revision)
            check_whole(files)
            row = photo_rows.insert_photo(connection, number, without_files(photo), theirs, photo.digest)
        else:
            row = photo_rows.number_of(connection, number, theirs.id)
            revision = change_rows.revision_of(connection, event.id, ChangeKind.PHOTO, theirs.id)
            faces = photo_rows.faces_of(connection, number, theirs.id)
            standing, gone, outcome = photo.merged(own, revision, faces)
            photo_rows.set_standing(connection, number, theirs.id, standing)
            if gone:
                photo_rows.delete_faces(connection, number, gone)
        self._put_files(connection, row, files)
        self._note_taken(connection, event, ChangeKind.PHOTO, theirs.id, by, photo.revision, outcome)

    def take_original(self, event: PhotoEvent, photo: str, content: bytes, *, by: Doer) -> bool:
        kept = self.photo(event, photo)
        if kept is None:
            return False
        (file,) = kept_bundle(kept, [(PhotoKind.ORIGINAL.value, content)])
        try:
            self._files.put(file.digest, content)
            with self._database.writing() as connection:
                row = photo_rows.number_of(connection, event_number(connection, event), photo)
                if not row:
                    return False
                self._put_files(connection, row, [file])
                change_rows.note_more(connection, event.id, ChangeKind.PHOTO, photo, by.id, self._database.now())
        finally:
            self._sweep([file.digest])
        return True

    def _put_files(self, connection: sqlite3.Connection, photo: int, files: Sequence[BundledFile]) -> None:
        # Whoever deleted the last photograph with the same files may have taken them away a moment ago.
        for file in files:
            self._files.put(file.digest, file.content)
        photo_rows.insert_files(connection, photo, files)

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
        admit_kept_search(search)
        with self._database.writing() as connection:
            number = event_number(connection, event)
            if not number:
                raise no_event(event)
            ours = search_rows.state_of(connection, number, theirs.request_id, self._database.now())
            if not isinstance(ours, Search):
                _check_gone(connection, event, ChangeKind.SEARCH, theirs.request_id, 0)
                search_rows.finish(connection, number, theirs, self._database.now(), None)
            elif not search.holds_over(ours, search_rows.renewals_of(connection, number, theirs.request_id)):
                return
            search_rows.replace_with(connection, number, theirs, search.renewals)
            search_rows.take_denials(connection, number, theirs.request_id, search.denied, theirs.photos)
            self._note(connection, number, ChangeKind.SEARCH, theirs.request_id, by)

    def remove_search(self, event: PhotoEvent, request_id: str, *, by: Doer) -> bool:
        with self._database.writing() as connection:
            number = event_number(connection, event)
            selfies = search_rows.remove(connection, number, request_id)
            if selfies is None:
                return False
            report_rows.forget(connection, number, [request_id])
            self._note(connection, number, ChangeKind.SEARCH, request_id, by)
        self._sweep(selfies)
        return True


def _kept_event(connection: sqlite3.Connection, event: str) -> KeptEvent | None:
    there = event_rows.event_by_id(connection, event)
    if there is None:
        return None
    return KeptEvent.of(there, change_rows.revision_of(connection, event, ChangeKind.EVENT, event))


def _check_gone(connection: sqlite3.Connection, event: PhotoEvent, kind: ChangeKind, thing: str, theirs: int) -> None:
    """See `admit_absent`."""
    admit_absent(kind, thing, theirs, change_rows.revision_of(connection, event.id, kind, thing))
