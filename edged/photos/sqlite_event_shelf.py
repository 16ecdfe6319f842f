"""Organisations and their events in SQLite; see `edged.api.albums.Albums`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from edged.domain.errors import Refused
from edged.photos import change_rows, event_rows, photo_rows, purge_rows
from edged.photos.admission import admit_name, admit_plan, admit_slug
from edged.photos.album import Doer, EventPlan, Organisation, PhotoEvent, Purge, Tally
from edged.photos.event_rows import event_number
from edged.photos.kept import ChangeKind
from edged.photos.purge_mark import left_of
from edged.photos.sqlite_shelf import SqliteShelf


class SqliteEventShelf(SqliteShelf):
    """Events, from their making to their purge."""

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

    def purged_events(self) -> Sequence[str]:
        with self._database.reading() as connection:
            return purge_rows.events(connection)

    def sign_purge(self, event_id: str, report: str) -> None:
        with self._database.writing() as connection:
            purge_rows.sign(connection, event_id, report)

    def tally(self, event: PhotoEvent) -> Tally:
        with self._database.reading() as connection:
            return photo_rows.tally(connection, event_number(connection, event))

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
