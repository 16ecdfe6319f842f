"""Events and photographs in a storage of one's own: rows in SQLite, the photographs themselves in files."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from edged.domain.errors import Refused
from edged.domain.person import ModelRef
from edged.photos import change_rows, event_rows, photo_rows, purge_rows, report_rows, search_rows
from edged.photos.admission import admit_name, admit_photo, admit_plan, admit_slug, no_event
from edged.photos.album import (
    Doer,
    EventPlan,
    Found,
    NewPhoto,
    OpenPhoto,
    Organisation,
    Photo,
    PhotoEvent,
    PhotoFile,
    PhotoKind,
    PhotoPage,
    Purge,
    Removal,
    Search,
    Standing,
    Tally,
    Turn,
)
from edged.photos.album_database import AlbumDatabase
from edged.photos.album_faces import AlbumFaces
from edged.photos.event_rows import event_number
from edged.photos.kept import ChangeKind
from edged.photos.leftovers import sweep
from edged.photos.likeness import NEVER, same_guest
from edged.photos.photo_bundle import BundledFile, bundle, digest_of
from edged.photos.photo_files import PhotoFiles
from edged.photos.photo_format import clean_filename, media_type
from edged.photos.purge_mark import left_of
from edged.photos.report import Report, ReportReason
from edged.photos.sign_off import Searched


class SqliteAlbums:
    """`edged.api.albums.Albums`.

    A file is written before its row is, and deleted after it, by whoever holds the turn to write: so no row is ever
    without its file, and a file that is left without a row by a process that was killed is found by `tidy`.

    Args:
        database: has the rows; files: has the photographs.
    """

    def __init__(self, database: AlbumDatabase, files: PhotoFiles) -> None:
        self._database = database
        self._files = files
        self._faces = AlbumFaces()

    def create_organisation(self, slug: str, name: str, *, by: Doer) -> bool:
        admit_slug(slug)
        admit_name(name)
        with self._database.writing() as connection:
            made = event_rows.insert_organisation(connection, slug, name)
            if made:
                self._database.record(connection, by, "create_organisation", slug)
        return made

    def organisations(self) -> Sequence[Organisation]:
        with self._database.reading() as connection:
            return event_rows.organisations(connection)

    def organisation(self, slug: str) -> Organisation | None:
        with self._database.reading() as connection:
            return event_rows.organisation(connection, slug)

    def create_event(
        self, organisation: str, slug: str, plan: EventPlan, *, by: Doer, event_id: str = ""
    ) -> PhotoEvent:
        admit_slug(slug)
        admit_plan(plan)
        with self._database.writing() as connection:
            if event_rows.organisation(connection, organisation) is None:
                raise Refused("no_organisation", f"there is no organisation {organisation}", "Create it first")
            if purge_rows.is_purged(connection, event_id):
                raise Refused("purged", f"the event {organisation}/{slug} was purged, and stays so")
            own = event_id or self._database.new_id()
            if not event_rows.insert_event(connection, own, organisation, slug, plan, self._database.now()):
                raise Refused("taken", f"{organisation} has an event {slug} already", "Choose another name for it")
            self._database.record(connection, by, "create_event", f"{organisation}/{slug}")
            made = event_rows.event(connection, organisation, slug)
            assert made is not None  # noqa: S101  in the same transaction
            self._note(connection, event_number(connection, made), ChangeKind.EVENT, made.id, by)
        return made

    def events(self, organisation: str, offset: int, limit: int) -> tuple[int, Sequence[PhotoEvent]]:
        with self._database.reading() as connection:
            return event_rows.events(connection, organisation, offset, limit)

    def event(self, organisation: str, slug: str) -> PhotoEvent | None:
        with self._database.reading() as connection:
            return event_rows.event(connection, organisation, slug)

    def change_event(self, organisation: str, slug: str, plan: EventPlan, *, by: Doer) -> PhotoEvent | None:
        admit_plan(plan)

        def change(connection: sqlite3.Connection, number: int) -> None:
            event_rows.update_plan(connection, number, plan)

        return self._change_event(organisation, slug, change, "change_event", by)

    def close_event(self, organisation: str, slug: str, closed: bool, *, by: Doer) -> PhotoEvent | None:
        def change(connection: sqlite3.Connection, number: int) -> None:
            event_rows.update_closed(connection, number, self._database.now() if closed else None)

        return self._change_event(organisation, slug, change, "close_event" if closed else "open_event", by)

    def purge_event(self, organisation: str, slug: str, *, by: Doer) -> Purge | None:
        with self._database.writing() as connection:
            event = event_rows.event(connection, organisation, slug)
            if event is None:
                return None
            number = event_number(connection, event)
            tally, originals = photo_rows.tally(connection, number), photo_rows.originals(connection, number)
            digests = photo_rows.delete_event(connection, number)
            files = len(photo_rows.unused(connection, digests))
            purge = left_of(event, tally, originals, files=files, at=self._database.now(), by=by)
            purge_rows.insert(connection, purge)
            change_rows.note_purge(connection, organisation, event.id, by.id, purge.at)
            about = f"{organisation}/{slug}, {tally.photos} photographs, {tally.searches} searches"
            self._database.record(connection, by, "purge_event", about)
        self._faces.forget(number)
        self._sweep(digests)
        return purge

    def forget_purged(self) -> None:
        """Lets go of what is in memory of events that are gone, whoever purged them."""
        with self._database.reading() as connection:
            self._faces.forget_all_but(event_rows.numbers(connection))

    def purges(self, organisation: str | None = None) -> Sequence[Purge]:
        with self._database.reading() as connection:
            return purge_rows.all_of(connection, organisation)

    def sign_purge(self, event_id: str, report: str) -> None:
        with self._database.writing() as connection:
            purge_rows.sign(connection, event_id, report)

    def add_photo(self, event: PhotoEvent, photo: NewPhoto, *, by: Doer) -> Photo:
        """See `Albums.add_photo`.

        Raises:
            Refused: `not_an_image`; `no_event`, `event_closed`: as it is just now, whatever `event` says.
        """
        kind, digest = media_type(photo.content), digest_of(photo.content)
        with self._database.reading() as connection:
            number, now = _current(connection, event)
            there = photo_rows.by_digest(connection, number, digest)
        if there:
            return there
        admit_photo(now, photo, kind, digest, self._database.now())
        files = bundle(photo, kind, original=now.plan.terms.keeps_originals)
        for file in files:
            self._files.put(file.digest, file.content)
        try:
            with self._database.writing() as connection:
                number, now = _current(connection, event)
                there = photo_rows.by_digest(connection, number, digest)
                if there:
                    return there
                added = admit_photo(now, photo, kind, digest, self._database.now())
                self._insert(connection, number, photo, added, files, digest)
                self._note(connection, number, ChangeKind.PHOTO, added.id, by)
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
        return OpenPhoto(file, media, filename) if file is not None else None

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

    def search(self, event: PhotoEvent, request_id: str) -> Search | None:
        with self._database.reading() as connection:
            state = search_rows.state_of(connection, event_number(connection, event), request_id, self._database.now())
        return state if isinstance(state, Search) else None

    def searches_by_id(self, request_id: str) -> Sequence[tuple[PhotoEvent, Search]]:
        with self._database.reading() as connection:
            return search_rows.of_request(connection, request_id)

    def begin_search(self, event: PhotoEvent, request_id: str) -> Search | Turn:
        """See `Albums.begin_search`.

        Raises:
            Refused: `no_event`: it is gone.
        """
        now = self._database.now()
        with self._database.reading() as connection:
            state = search_rows.state_of(connection, event_number(connection, event), request_id, now)
        if state is not None:
            return state
        with self._database.writing() as connection:
            number = event_number(connection, event)
            if not number:
                raise no_event(event)
            state = search_rows.state_of(connection, number, request_id, now)
            if state is not None:
                return state
            search_rows.take_turn(connection, number, request_id, now)
        return Turn.MINE

    def finish_search(self, event: PhotoEvent, search: Search, *, by: Doer, selfie: bytes = b"") -> None:
        digest = digest_of(selfie)
        with self._database.writing() as connection:
            if not event_number(connection, event):
                return
            number, now = _current(connection, event)
            keeps = bool(selfie) and now.plan.terms.keeps_selfies
            if search_rows.finish(connection, number, search, self._database.now(), digest if keeps else None):
                if keeps:
                    self._files.put(digest, selfie)
                self._note(connection, number, ChangeKind.SEARCH, search.request_id, by)
                about = f"in {event.organisation}/{event.slug}, {len(search.photos)} found"
                self._database.record(connection, by, "selfie_search", about)

    def drop_search(self, event: PhotoEvent, request_id: str) -> None:
        with self._database.writing() as connection:
            search_rows.drop(connection, event_number(connection, event), request_id)

    def renew_search(self, event: PhotoEvent, search: Search, *, by: Doer) -> None:
        with self._database.writing() as connection:
            number = event_number(connection, event)
            if search_rows.renew(connection, number, search, self._database.now()):
                self._note(connection, number, ChangeKind.SEARCH, search.request_id, by)
                about = f"in {event.organisation}/{event.slug}, {len(search.photos)} found"
                self._database.record(connection, by, "renew_search", about)

    def selfie(self, event: PhotoEvent, request_id: str) -> bytes | None:
        with self._database.reading() as connection:
            digest = search_rows.selfie_of(connection, event_number(connection, event), request_id)
        return self._files.get(digest) if digest else None

    def deny(self, event: PhotoEvent, request_id: str, photo: str, *, by: Doer) -> bool:
        with self._database.writing() as connection:
            number = event_number(connection, event)
            search = search_rows.state_of(connection, number, request_id, self._database.now())
            if not isinstance(search, Search) or not search_rows.deny(connection, number, search, photo):
                return False
            self._note(connection, number, ChangeKind.SEARCH, request_id, by)
            about = f"{photo} in {event.organisation}/{event.slug}"
            self._database.record(connection, by, "not_this_person", about)
        return True

    def withdraw_denial(self, event: PhotoEvent, request_id: str, photo: str, *, by: Doer) -> bool:
        with self._database.writing() as connection:
            number = event_number(connection, event)
            search = search_rows.state_of(connection, number, request_id, self._database.now())
            if not isinstance(search, Search) or not search_rows.withdraw_denial(connection, number, search, photo):
                return False
            self._note(connection, number, ChangeKind.SEARCH, request_id, by)
            about = f"{photo} in {event.organisation}/{event.slug}"
            self._database.record(connection, by, "withdraw_denial", about)
        return True

    def report(
        self, event: PhotoEvent, request_id: str, photo: str, reason: ReportReason, *, by: Doer
    ) -> Report | None:
        with self._database.writing() as connection:
            number, now = event_number(connection, event), self._database.now()
            search = search_rows.state_of(connection, number, request_id, now)
            if not isinstance(search, Search) or photo not in search.photos:
                return None
            there = report_rows.find(connection, number, request_id, photo)
            if there:
                return there
            report = report_rows.insert(connection, number, request_id, photo, reason, now)
            if report:
                if report.hides:
                    self._note(connection, number, ChangeKind.PHOTO, photo, by)
                about = f"{photo} in {event.organisation}/{event.slug}: {reason}"
                self._database.record(connection, by, "report_photo", about)
        return report

    def reports(self, event: PhotoEvent) -> Sequence[Report]:
        with self._database.reading() as connection:
            return report_rows.all_of(connection, event_number(connection, event))

    def forget_guest(
        self, event: PhotoEvent, request_id: str, least: float, *, by: Doer, sure: float = NEVER
    ) -> Removal | None:
        with self._database.writing() as connection:
            number = event_number(connection, event)
            search = search_rows.state_of(connection, number, request_id, self._database.now())
            if not isinstance(search, Search):
                return None
            _number, now = _current(connection, event)
            requests = search_rows.alike(connection, number, search, same_guest(least, sure))
            faces: Sequence[int] = ()
            if search.probe and now.plan.terms.forgets_faces:
                probe = search.probe
                faces = self._faces.theirs(connection, number, probe.model, probe.vector, least, sure, search.photos)
                for photo in photo_rows.photos_of_faces(connection, faces):
                    self._note(connection, number, ChangeKind.PHOTO, photo, by)
                photo_rows.delete_faces(connection, number, faces)
            for request in requests:
                self._note(connection, number, ChangeKind.SEARCH, request, by)
            denials, selfies = search_rows.forget(connection, number, requests)
            report_rows.forget(connection, number, requests)
            # Never the request's id: the audit log outlives guests and events.
            about = f"in {event.organisation}/{event.slug}, {len(requests)} searches, {len(faces)} faces"
            self._database.record(connection, by, "forget_guest", about)
        self._faces.forget(number)
        self._sweep(selfies)
        return Removal(len(requests), len(selfies), denials, len(faces))

    def searched(self, event: PhotoEvent) -> Sequence[Searched]:
        """See `edged.photos.sign_off.Evening`."""
        with self._database.reading() as connection:
            return search_rows.searched(connection, event_number(connection, event))

    def tally(self, event: PhotoEvent) -> Tally:
        with self._database.reading() as connection:
            return photo_rows.tally(connection, event_number(connection, event))

    def tidy(self) -> int:
        """Deletes the files that no photograph has; how many. Once at the start; others may be at work meanwhile."""
        return self._sweep(self._files.digests())

    def _change_event(
        self, organisation: str, slug: str, change: Callable[[sqlite3.Connection, int], None], act: str, by: Doer
    ) -> PhotoEvent | None:
        with self._database.writing() as connection:
            event = event_rows.event(connection, organisation, slug)
            if event is None:
                return None
            change(connection, event_number(connection, event))
            self._note(connection, event_number(connection, event), ChangeKind.EVENT, event.id, by)
            self._database.record(connection, by, act, f"{organisation}/{slug}")
            return event_rows.event(connection, organisation, slug)

    def _note(self, connection: sqlite3.Connection, event: int, kind: ChangeKind, thing: str, by: Doer) -> None:
        change_rows.note(connection, event, kind, thing, by.id, self._database.now())

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

    def _sweep(self, digests: Iterable[str]) -> int:
        return sweep(self._database, self._files, digests)


def _current(connection: sqlite3.Connection, event: PhotoEvent) -> tuple[int, PhotoEvent]:
    """The number of an event, and the event as it is just now. Raises Refused `no_event` where it is gone."""
    number, now = event_number(connection, event), event_rows.event(connection, event.organisation, event.slug)
    if not number or now is None:
        raise no_event(event)
    return number, now
