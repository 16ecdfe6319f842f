"""Selfie searches in SQLite; see `edged.api.albums.Albums`."""

from __future__ import annotations

from collections.abc import Sequence

from edged.photos import photo_rows, report_rows, search_rows
from edged.photos.admission import no_event
from edged.photos.album import Doer, PhotoEvent
from edged.photos.event_rows import event_number
from edged.photos.kept import ChangeKind
from edged.photos.likeness import NEVER, same_guest
from edged.photos.photo_bundle import digest_of
from edged.photos.search import Removal, Search, Turn
from edged.photos.sign_off import Searched
from edged.photos.sqlite_shelf import SqliteShelf


class SqliteSearchShelf(SqliteShelf):
    """Searches, and what guests say about them."""

    def search(self, event: PhotoEvent, request_id: str) -> Search | None:
        with self._database.reading() as connection:
            state = search_rows.state_of(connection, event_number(connection, event), request_id, self._database.now())
        return state if isinstance(state, Search) else None

    def searches_by_id(self, request_id: str) -> Sequence[tuple[PhotoEvent, Search]]:
        with self._database.reading() as connection:
            return search_rows.of_request(connection, request_id)

    def searched(self, event: PhotoEvent) -> Sequence[Searched]:
        """See `edged.photos.sign_off.Evening`."""
        with self._database.reading() as connection:
            return search_rows.searched(connection, event_number(connection, event))

    def selfie(self, event: PhotoEvent, request_id: str) -> bytes | None:
        with self._database.reading() as connection:
            digest = search_rows.selfie_of(connection, event_number(connection, event), request_id)
        return self._files.get(digest) if digest else None

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
            number, now = self._current(connection, event)
            keeps = bool(selfie) and now.plan.terms.keeps_selfies
            if search_rows.finish(connection, number, search, self._database.now(), digest if keeps else None):
                if keeps:
                    self._files.put(digest, selfie)
                self._note(connection, number, ChangeKind.SEARCH, search.request_id, by)
                self._database.record(connection, by, "selfie_search", _about(event, search))

    def drop_search(self, event: PhotoEvent, request_id: str) -> None:
        with self._database.writing() as connection:
            search_rows.drop(connection, event_number(connection, event), request_id)

    def renew_search(self, event: PhotoEvent, search: Search, *, by: Doer) -> None:
        with self._database.writing() as connection:
            number = event_number(connection, event)
            if search_rows.renew(connection, number, search, self._database.now()):
                self._note(connection, number, ChangeKind.SEARCH, search.request_id, by)
                self._database.record(connection, by, "renew_search", _about(event, search))

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

    def forget_guest(
        self, event: PhotoEvent, request_id: str, least: float, *, by: Doer, sure: float = NEVER
    ) -> Removal | None:
        with self._database.writing() as connection:
            number = event_number(connection, event)
            search = search_rows.state_of(connection, number, request_id, self._database.now())
            if not isinstance(search, Search):
                return None
            _number, now = self._current(connection, event)
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


def _about(event: PhotoEvent, search: Search) -> str:
    return f"in {event.organisation}/{event.slug}, {len(search.photos)} found"
