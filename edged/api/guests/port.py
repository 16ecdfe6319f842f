"""What guests' pages ask of events and photographs, and no more than that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from edged.photos.album import Doer, Organisation, PhotoEvent
from edged.photos.photo import OpenPhoto, Photo, PhotoKind
from edged.photos.report import Report, ReportReason
from edged.photos.search import Removal, Search


class GuestAlbums(Protocol):
    """The part of `edged.api.albums.Albums` that guests have anything to do with. Any thread; every method blocks."""

    def organisations(self) -> Sequence[Organisation]: ...

    def events(self, organisation: str, offset: int, limit: int) -> tuple[int, Sequence[PhotoEvent]]: ...

    def purged_events(self) -> Sequence[str]: ...

    def searches_by_id(self, request_id: str) -> Sequence[tuple[PhotoEvent, Search]]: ...

    def photos_by_id(self, event: PhotoEvent, ids: Sequence[str]) -> Sequence[Photo]: ...

    def opened(self, photo: str, kind: PhotoKind) -> OpenPhoto | None:
        """A file of a photograph, to be read piece by piece; None where the photograph is gone. Close it."""
        ...

    def deny(self, event: PhotoEvent, request_id: str, photo: str, *, by: Doer) -> bool: ...

    def withdraw_denial(self, event: PhotoEvent, request_id: str, photo: str, *, by: Doer) -> bool: ...

    def report(
        self, event: PhotoEvent, request_id: str, photo: str, reason: ReportReason, *, by: Doer
    ) -> Report | None: ...


class GuestSearch(Protocol):
    """The part of `edged.api.selfie_search.SelfieSearch` that guests have anything to do with."""

    def again(self, event: PhotoEvent, request_id: str, *, by: Doer) -> Search | None: ...

    def forget(self, event: PhotoEvent, request_id: str, *, by: Doer) -> Removal | None: ...
