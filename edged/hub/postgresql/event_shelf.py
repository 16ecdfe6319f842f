"""Organisations and their events on a PostgreSQL server; see `edged.api.albums.Albums`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from edged.domain.errors import Refused
from edged.hub.postgresql import album_changes, album_events, album_photos, album_purges
from edged.hub.postgresql.album_events import event_number
from edged.hub.postgresql.database import Session
from edged.hub.postgresql.shelf import Shelf
from edged.photos.admission import admit_name, admit_plan, admit_slug, is_slug
from edged.photos.album import Doer, EventPlan, Organisation, PhotoEvent, Purge, Tally
from edged.photos.kept import ChangeKind


class EventShelf(Shelf):
    """Events, from their making to their purge."""

    def create_organisation(self, slug: str, name: str, *, by: Doer) -> bool:
        admit_slug(slug)
        admit_name(name)

        def work(session: Session) -> bool:
            made = album_events.insert_organisation(session, slug, name)
            if made:
                self._record(session, by, "create_organisation", slug)
            return made

        return self._database.change(work)

    def organisations(self) -> Sequence[Organisation]:
        return self._database.glance(album_events.organisations)

    def organisation(self, slug: str) -> Organisation | None:
        if not is_slug(slug):
            return None
        return self._database.glance(lambda session: album_events.organisation(session, slug))

    def create_event(
        self, organisation: str, slug: str, plan: EventPlan, *, by: Doer, event_id: str = ""
    ) -> PhotoEvent:
        admit_slug(slug)
        admit_plan(plan)

        def work(session: Session) -> PhotoEvent | None:
            if not is_slug(organisation) or album_events.organisation(session, organisation) is None:
                raise Refused("no_organisation", f"there is no organisation {organisation}", "Create it first")
            own = event_id or self._new_id()
            made = album_events.insert_event(session, own, organisation, slug, plan, self._now())
            if album_purges.is_purged(session, own):
                raise Refused("purged", f"the event {organisation}/{slug} was purged, and stays so")
            if not made:
                raise Refused("taken", f"{organisation} has an event {slug} already", "Choose another name for it")
            self._record(session, by, "create_event", f"{organisation}/{slug}")
            self._note(session, own, ChangeKind.EVENT, own, by=by)
            return album_events.event(session, organisation, slug)

        made = self._database.change(work)
        assert made is not None  # noqa: S101  in the same transaction
        return made

    def events(self, organisation: str, offset: int, limit: int) -> tuple[int, Sequence[PhotoEvent]]:
        if not is_slug(organisation):
            return 0, ()
        return self._database.glance(lambda session: album_events.events(session, organisation, offset, limit))

    def event(self, organisation: str, slug: str) -> PhotoEvent | None:
        if not (is_slug(organisation) and is_slug(slug)):
            return None
        return self._database.glance(lambda session: album_events.event(session, organisation, slug))

    def change_event(self, organisation: str, slug: str, plan: EventPlan, *, by: Doer) -> PhotoEvent | None:
        admit_plan(plan)

        def change(session: Session) -> PhotoEvent | None:
            return album_events.update_plan(session, organisation, slug, plan)

        return self._change_event(change, organisation, slug, "change_event", by)

    def close_event(self, organisation: str, slug: str, closed: bool, *, by: Doer) -> PhotoEvent | None:
        since = self._now() if closed else None

        def change(session: Session) -> PhotoEvent | None:
            return album_events.update_closed(session, organisation, slug, since)

        return self._change_event(change, organisation, slug, "close_event" if closed else "open_event", by)

    def purge_event(self, organisation: str, slug: str, *, by: Doer) -> Purge | None:
        def work(session: Session) -> tuple[Purge, Sequence[str]] | None:
            ended = album_purges.purge(session, organisation, slug, self._now(), by)
            if ended is not None:
                tally = ended[0].tally
                about = f"{organisation}/{slug}, {tally.photos} photographs, {tally.searches} searches"
                self._record(session, by, "purge_event", about)
                album_changes.note_purge(session, organisation, ended[0].event, by.id, ended[0].at)
            return ended

        ended = self._database.change(work) if is_slug(organisation) and is_slug(slug) else None
        if ended is None:
            return None
        purge, digests = ended
        self._forget_purged()
        self._sweep(digests)
        return purge

    def purges(self, organisation: str | None = None) -> Sequence[Purge]:
        if organisation is not None and not is_slug(organisation):
            return ()
        return self._database.glance(lambda session: album_purges.purges(session, organisation))

    def purged_events(self) -> Sequence[str]:
        return self._database.glance(album_purges.events)

    def sign_purge(self, event_id: str, report: str) -> None:
        self._database.change(lambda session: album_purges.sign(session, event_id, report))

    def tally(self, event: PhotoEvent) -> Tally:
        return self._database.glance(lambda session: album_photos.tally(session, event_number(session, event)))

    def _forget_purged(self) -> None:
        """Lets go of what is in memory of events that are gone, whoever purged them."""
        known = list(self._faces.events())
        if known:
            there = self._database.read(lambda session: album_events.numbers(session, known))
            self._faces.forget_all_but(there)

    def _change_event(
        self, change: Callable[[Session], PhotoEvent | None], organisation: str, slug: str, act: str, by: Doer
    ) -> PhotoEvent | None:
        def work(session: Session) -> PhotoEvent | None:
            changed = change(session)
            if changed is not None:
                self._record(session, by, act, f"{organisation}/{slug}")
                self._note(session, changed.id, ChangeKind.EVENT, changed.id, by=by)
            return changed

        return self._database.change(work) if is_slug(organisation) and is_slug(slug) else None
