"""Selfie searches on a PostgreSQL server; see `edged.api.albums.Albums`."""

from __future__ import annotations

from collections.abc import Sequence

from edged.domain.text import is_storable
from edged.hub.postgresql import album_faces, album_guests, album_photos, album_reports, album_searches
from edged.hub.postgresql.album_events import current_event, event_number, held_number
from edged.hub.postgresql.database import Session
from edged.hub.postgresql.shelf import Shelf
from edged.photos.admission import no_event
from edged.photos.album import Doer, PhotoEvent
from edged.photos.kept import ChangeKind
from edged.photos.likeness import NEVER, same_guest
from edged.photos.photo_bundle import digest_of
from edged.photos.search import Removal, Search, Turn


class SearchShelf(Shelf):
    """Searches, and what guests say about them."""

    def search(self, event: PhotoEvent, request_id: str) -> Search | None:
        if not is_storable(request_id):
            return None
        return self._database.glance(
            lambda session: album_searches.state_of(session, event_number(session, event), request_id)
        )

    def searches_by_id(self, request_id: str) -> Sequence[tuple[PhotoEvent, Search]]:
        if not is_storable(request_id):
            return ()
        return self._database.glance(lambda session: album_searches.of_request(session, request_id))

    def selfie(self, event: PhotoEvent, request_id: str) -> bytes | None:
        if not is_storable(request_id):
            return None
        digest = self._database.glance(
            lambda session: album_searches.selfie_of(session, event_number(session, event), request_id)
        )
        return self._files.get(digest) if digest else None

    def begin_search(self, event: PhotoEvent, request_id: str) -> Search | Turn:
        """See `Albums.begin_search`.

        Raises:
            Refused: `no_event`: it is gone.
        """
        done = self.search(event, request_id)
        if done is not None:
            return done

        def work(session: Session) -> Search | Turn:
            number = held_number(session, event)
            if not number:
                raise no_event(event)
            return album_searches.begin(session, number, request_id, self._now())

        return self._database.change(work)

    def finish_search(self, event: PhotoEvent, search: Search, *, by: Doer, selfie: bytes = b"") -> None:
        digest = digest_of(selfie)

        def work(session: Session) -> None:
            if selfie:
                album_photos.hold_files(session, [digest])
            number = held_number(session, event)
            if not number:
                return
            keeps = bool(selfie) and current_event(session, event).plan.terms.keeps_selfies
            if album_searches.finish(session, number, search, self._now(), digest if keeps else None):
                if keeps:
                    self._files.put(digest, selfie)
                self._record(session, by, "selfie_search", _about(event, search))
                self._note(session, event.id, ChangeKind.SEARCH, search.request_id, by=by)

        self._database.change(work)

    def drop_search(self, event: PhotoEvent, request_id: str) -> None:
        self._database.change(lambda session: album_searches.drop(session, event_number(session, event), request_id))

    def renew_search(self, event: PhotoEvent, search: Search, *, by: Doer) -> None:
        def work(session: Session) -> None:
            if album_searches.renew(session, held_number(session, event), search, self._now()):
                self._record(session, by, "renew_search", _about(event, search))
                self._note(session, event.id, ChangeKind.SEARCH, search.request_id, by=by)

        self._database.change(work)

    def deny(self, event: PhotoEvent, request_id: str, photo: str, *, by: Doer) -> bool:
        def work(session: Session) -> bool:
            number = held_number(session, event)
            search = album_searches.state_of(session, number, request_id, held=True)
            if search is None or not album_guests.deny(session, number, search, photo):
                return False
            about = f"{photo} in {event.organisation}/{event.slug}"
            self._record(session, by, "not_this_person", about)
            self._note(session, event.id, ChangeKind.SEARCH, request_id, by=by)
            return True

        return is_storable(request_id) and self._database.change(work)

    def forget_guest(
        self, event: PhotoEvent, request_id: str, least: float, *, by: Doer, sure: float = NEVER
    ) -> Removal | None:
        def work(session: Session) -> tuple[int, Removal, Sequence[str]] | None:
            number = held_number(session, event)
            search = album_searches.state_of(session, number, request_id, held=True)
            if search is None:
                return None
            requests = album_guests.alike(session, number, search, same_guest(least, sure))
            faces = 0
            photos: Sequence[str] = ()
            if search.probe and current_event(session, event).plan.terms.forgets_faces:
                probe = search.probe
                theirs = album_faces.theirs(
                    session, self._faces, number, probe.model, probe.vector, least, sure, search.photos
                )
                faces, photos = album_faces.delete_faces(session, number, theirs)
            denials, selfies = album_guests.forget(session, number, requests)
            album_reports.forget(session, number, requests)
            # Never the request's id: the audit log outlives guests and events.
            about = f"in {event.organisation}/{event.slug}, {len(requests)} searches, {faces} faces"
            self._record(session, by, "forget_guest", about)
            self._note(session, event.id, ChangeKind.PHOTO, *photos, by=by)
            self._note(session, event.id, ChangeKind.SEARCH, *requests, by=by)
            return number, Removal(len(requests), len(selfies), denials, faces), selfies

        forgotten = self._database.change(work) if is_storable(request_id) else None
        if forgotten is None:
            return None
        number, removal, selfies = forgotten
        self._faces.forget(number)
        self._sweep(selfies)
        return removal


def _about(event: PhotoEvent, search: Search) -> str:
    return f"in {event.organisation}/{event.slug}, {len(search.photos)} found"
