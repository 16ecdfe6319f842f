"""What guests report and take back, in SQLite; see `edged.api.albums.Albums`."""

from __future__ import annotations

from collections.abc import Sequence

from edged.photos import report_rows, search_rows
from edged.photos.album import Doer, PhotoEvent
from edged.photos.event_rows import event_number
from edged.photos.kept import ChangeKind
from edged.photos.report import Report, ReportReason
from edged.photos.search import Search
from edged.photos.sqlite_shelf import SqliteShelf


class SqliteReportShelf(SqliteShelf):
    """Reports, and denials that are taken back."""

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
