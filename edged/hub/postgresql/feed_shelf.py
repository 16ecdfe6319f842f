"""`edged.photos.feed.AlbumFeed` over the rows of `PostgresAlbums`."""

from __future__ import annotations

from collections.abc import Sequence

from edged.domain.errors import Refused, Unavailable
from edged.domain.text import is_storable
from edged.hub.postgresql import (
    album_changes,
    album_events,
    album_faces,
    album_guests,
    album_photos,
    album_purges,
    album_reports,
    album_searches,
)
from edged.hub.postgresql.album_events import event_number, held_number
from edged.hub.postgresql.database import Session
from edged.hub.postgresql.shelf import Shelf
from edged.photos.admission import (
    admit_absent,
    admit_kept_event,
    admit_kept_photo,
    admit_kept_search,
    admit_plan,
    admit_slug,
    is_slug,
    no_event,
)
from edged.photos.album import Doer, PhotoEvent
from edged.photos.kept import Change, ChangeKind, KeptEvent, KeptPhoto, KeptSearch, Outcome
from edged.photos.kept_files import check_whole, kept_bundle, missing, without_files
from edged.photos.photo import PhotoKind
from edged.photos.photo_bundle import BundledFile


class PostgresAlbumFeed(Shelf):
    """What has changed, and taking what has changed elsewhere.

    Whoever takes something holds it until it is taken, or that it is gone is seen.
    """

    def changes(self, organisation: str, after: int, limit: int, *, but: str = "") -> tuple[int, Sequence[Change]]:
        return self._database.read(
            lambda session: album_changes.since(session, after, limit, but=but, organisation=organisation)
        )

    def event_by_id(self, event: str) -> PhotoEvent | None:
        if not is_storable(event):
            return None
        return self._database.glance(lambda session: album_events.event_by_id(session, event))

    def kept_event(self, event: str) -> KeptEvent | None:
        return self._database.glance(lambda session: _kept_event(session, event)) if is_storable(event) else None

    def is_purged(self, event: str) -> bool:
        return is_storable(event) and self._database.glance(lambda session: album_purges.is_purged(session, event))

    def take_event(self, organisation: str, event: KeptEvent, *, by: Doer) -> PhotoEvent:
        admit_slug(event.slug)
        admit_plan(event.plan)

        def work(session: Session) -> PhotoEvent | None:
            if not is_slug(organisation) or album_events.organisation(session, organisation) is None:
                raise Refused("no_organisation", f"there is no organisation {organisation}", "Create it first")
            now = self._now()
            made = album_events.insert_event(session, event.id, organisation, event.slug, event.plan, now)
            if album_purges.is_purged(session, event.id):
                raise Refused("purged", f"the event {organisation}/{event.slug} was purged, and stays so")
            known = album_events.event_by_id(session, event.id, held=True)
            admit_kept_event(organisation, event, known, album_events.event(session, organisation, event.slug))
            if known is None:
                raise Unavailable("an event of the same name was purged at the same time", "Try again.")
            ours = None if made else _kept_event(session, event.id)
            outcome = event.outcome(ours)
            if outcome.is_theirs:
                album_events.put(session, event)
            taken = album_events.event_by_id(session, event.id)
            if made:
                self._record(session, by, "create_event", f"{organisation}/{event.slug}")
            self._note_taken(session, event.id, ChangeKind.EVENT, event.id, by, event.revision, outcome)
            return taken

        taken = self._database.change(work)
        assert taken is not None  # noqa: S101  in the same transaction
        return taken

    def photo(self, event: PhotoEvent, photo: str) -> KeptPhoto | None:
        def work(session: Session) -> KeptPhoto | None:
            number = event_number(session, event)
            found = album_photos.by_id(session, number, photo)
            if found is None:
                return None
            faces = album_faces.faces_of(session, number, photo)
            digest = album_photos.digest_of(session, number, photo)
            revision = album_changes.revision_of(session, event.id, ChangeKind.PHOTO, photo)
            model = faces[0][2] if faces else None
            return KeptPhoto(found, digest, [face for _number, face, _model in faces], model, revision)

        return self._database.glance(work) if is_storable(photo) else None

    def missing_files(self, event: PhotoEvent, photo: str, *, original: bool) -> Sequence[str]:
        there: frozenset[str] = frozenset()
        if is_storable(photo):
            there = self._database.glance(
                lambda session: album_photos.kinds_of(session, event_number(session, event), photo)
            )
        return missing(there, original=original)

    def take_photo(self, event: PhotoEvent, photo: KeptPhoto, files: Sequence[tuple[str, bytes]], *, by: Doer) -> None:
        admit_kept_photo(event, photo)
        bundled = kept_bundle(photo, files)

        def look(session: Session) -> None:
            if album_photos.by_id(session, event_number(session, event), photo.photo.id) is None:
                _check_gone(session, event, ChangeKind.PHOTO, photo.photo.id, photo.revision)

        self._database.glance(look)
        try:
            for file in bundled:
                self._files.put(file.digest, file.content)
            self._database.change(lambda session: self._take(session, event, photo, bundled, by))
        finally:
            # Not those that are kept now: of a photograph that was refused, or that had files of these kinds.
            self._sweep([file.digest for file in bundled])

    def _take(
        self, session: Session, event: PhotoEvent, photo: KeptPhoto, files: Sequence[BundledFile], by: Doer
    ) -> None:
        theirs = photo.photo
        album_photos.hold_files(session, [photo.digest, *(file.digest for file in files)])
        number = held_number(session, event)
        if not number:
            raise no_event(event)
        there = album_photos.held_photo(session, number, theirs.id)
        own = album_photos.by_id(session, number, theirs.id)
        outcome = Outcome()
        if there is None or own is None:
            _check_gone(session, event, ChangeKind.PHOTO, theirs.id, photo.revision)
            check_whole(files)
            new = without_files(photo)
            there = album_photos.insert_photo(session, number, new, theirs, photo.digest)
            album_faces.insert_faces(session, number, there, new)
        else:
            revision = album_changes.revision_of(session, event.id, ChangeKind.PHOTO, theirs.id)
            faces = album_faces.faces_of(session, number, theirs.id)
            standing, gone, outcome = photo.merged(own, revision, faces)
            album_photos.set_standing(session, number, theirs.id, standing)
            album_faces.delete_faces(session, number, gone)
        self._put_files(session, there, files)
        self._note_taken(session, event.id, ChangeKind.PHOTO, theirs.id, by, photo.revision, outcome)

    def take_original(self, event: PhotoEvent, photo: str, content: bytes, *, by: Doer) -> bool:
        kept = self.photo(event, photo)
        if kept is None:
            return False
        (file,) = kept_bundle(kept, [(PhotoKind.ORIGINAL.value, content)])

        def work(session: Session) -> bool:
            album_photos.hold_files(session, [kept.digest, file.digest])
            there = album_photos.held_photo(session, held_number(session, event), photo)
            if there is None:
                return False
            self._put_files(session, there, [file])
            album_changes.note_more(session, event.id, ChangeKind.PHOTO, photo, by.id, self._now())
            return True

        try:
            self._files.put(file.digest, content)
            return self._database.change(work)
        finally:
            self._sweep([file.digest])

    def _put_files(self, session: Session, photo: int, files: Sequence[BundledFile]) -> None:
        # Whoever deleted the last photograph with the same files may have taken them away a moment ago.
        for file in files:
            self._files.put(file.digest, file.content)
        album_photos.insert_files(session, photo, files)

    def kept_search(self, event: PhotoEvent, request_id: str) -> KeptSearch | None:
        def work(session: Session) -> KeptSearch | None:
            number = event_number(session, event)
            search = album_searches.state_of(session, number, request_id)
            if search is None:
                return None
            renewals = album_searches.renewals_of(session, number, request_id)
            return KeptSearch(search, renewals, album_guests.denied_by(session, number, request_id))

        return self._database.glance(work) if is_storable(request_id) else None

    def take_search(self, event: PhotoEvent, search: KeptSearch, *, by: Doer) -> None:
        theirs = search.search
        admit_kept_search(search)

        def work(session: Session) -> None:
            number = held_number(session, event)
            if not number:
                raise no_event(event)
            ours = album_searches.state_of(session, number, theirs.request_id, held=True)
            if ours is None:
                _check_gone(session, event, ChangeKind.SEARCH, theirs.request_id, 0)
                if not album_searches.finish(session, number, theirs, self._now(), None):
                    # Somebody else has finished it this moment, and is waited for no longer.
                    ours = album_searches.state_of(session, number, theirs.request_id, held=True)
            if ours is not None:
                renewals = album_searches.renewals_of(session, number, theirs.request_id)
                if not search.holds_over(ours, renewals):
                    return
            album_searches.replace_with(session, number, theirs, search.renewals)
            album_guests.take_denials(session, number, theirs.request_id, search.denied, theirs.photos)
            self._note(session, event.id, ChangeKind.SEARCH, theirs.request_id, by=by)

        self._database.change(work)

    def remove_search(self, event: PhotoEvent, request_id: str, *, by: Doer) -> bool:
        def work(session: Session) -> Sequence[str] | None:
            number = held_number(session, event)
            selfies = album_searches.remove(session, number, request_id)
            if selfies is not None:
                album_reports.forget(session, number, [request_id])
                self._note(session, event.id, ChangeKind.SEARCH, request_id, by=by)
            return selfies

        selfies = self._database.change(work) if is_storable(request_id) else None
        if selfies is None:
            return False
        self._sweep(selfies)
        return True


def _kept_event(session: Session, event: str) -> KeptEvent | None:
    there = album_events.event_by_id(session, event)
    if there is None:
        return None
    return KeptEvent.of(there, album_changes.revision_of(session, event, ChangeKind.EVENT, event))


def _check_gone(session: Session, event: PhotoEvent, kind: ChangeKind, thing: str, theirs: int) -> None:
    """See `admit_absent`."""
    admit_absent(kind, thing, theirs, album_changes.revision_of(session, event.id, kind, thing))
