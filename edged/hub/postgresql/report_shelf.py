"""What guests report and take back, on a PostgreSQL server; see `edged.api.albums.Albums`."""

from __future__ import annotations

from collections.abc import Sequence

from edged.domain.text import is_storable
from edged.hub.postgresql import album_guests, album_reports, album_searches
from edged.hub.postgresql.album_events import event_number, held_number
from edged.hub.postgresql.database import Session
from edged.hub.postgresql.shelf import Shelf
from edged.photos.album import Doer, PhotoEvent
from edged.photos.kept import ChangeKind
from edged.photos.report import Report, ReportReason


class ReportShelf(Shelf):
    """Reports, and denials that are taken back."""

    def withdraw_denial(self, event: PhotoEvent, request_id: str, photo: str, *, by: Doer) -> bool:
        def work(session: Session) -> bool:
            number = held_number(session, event)
            search = album_searches.state_of(session, number, request_id, held=True)
            if search is None or not album_guests.withdraw_denial(session, number, search, photo):
                return False
            about = f"{photo} in {event.organisation}/{event.slug}"
            self._record(session, by, "withdraw_denial", about)
            self._note(session, event.id, ChangeKind.SEARCH, request_id, by=by)
            return True

        return is_storable(request_id) and is_storable(photo) and self._database.change(work)

    def report(
        self, event: PhotoEvent, request_id: str, photo: str, reason: ReportReason, *, by: Doer
    ) -> Report | None:
        def work(session: Session) -> Report | None:
            number = held_number(session, event)
            search = album_searches.state_of(session, number, request_id, held=True)
            if search is None or photo not in search.photos:
                return None
            there = album_reports.find(session, number, request_id, photo)
            if there:
                return there
            report = album_reports.insert(session, number, request_id, photo, reason, self._now())
            if report:
                about = f"{photo} in {event.organisation}/{event.slug}: {reason}"
                self._record(session, by, "report_photo", about)
                if report.hides:
                    self._note(session, event.id, ChangeKind.PHOTO, photo, by=by)
            return report

        return self._database.change(work) if is_storable(request_id) else None

    def reports(self, event: PhotoEvent) -> Sequence[Report]:
        return self._database.glance(lambda session: album_reports.all_of(session, event_number(session, event)))
