"""Our own hub as a booth follows it: events, photographs and searches, each by its id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edged.central.line import MOST_FILE, Line, segment
from edged.central.port import OtherLife
from edged.domain.errors import Refused
from edged.photos.kept import Change, KeptEvent, KeptPhoto, KeptPurge, KeptSearch
from edged.photos.photo import PhotoKind
from edged.wire.album_sync import (
    AlbumChanges,
    KeptEventItem,
    KeptPhotoItem,
    KeptPurgeItem,
    KeptSearchItem,
    PhotoPut,
    PhotoTaken,
    as_text,
)


@dataclass(frozen=True, slots=True)
class AlbumPage:
    """A piece of what has changed at the hub. `cursor`: where the next one begins; `more`: whether there is one."""

    changes: tuple[Change, ...]
    cursor: str
    more: bool


class AlbumHub:
    """One thread at a time; every method blocks, and raises as `edged.central.port.Centre` says.

    What is asked for and not there raises Refused `not_found`; of an event that was purged, `purged`.

    Args:
        line: to the hub, with a token of the organisation; it is this object's from now on.
        organisation: whose events are followed.
    """

    def __init__(self, line: Line, organisation: str) -> None:
        self._line = line
        self._base = f"/edged/v1/organisations/{segment(organisation)}/sync"
        self.url = line.url
        self.name = f"hub {line.url}"

    def changes(self, cursor: str, limit: int) -> AlbumPage:
        """What others have changed since.

        Raises:
            OtherLife: the hub was put back from a backup; the cursor means nothing any more.
        """
        query: dict[str, str | int] = {"limit": limit}
        if cursor:
            query["after"] = cursor
        try:
            told = self._line.get_json(self._base, AlbumChanges, query)
        except Refused as refusal:
            if refusal.reason == "other_epoch":
                raise OtherLife from None
            raise
        return AlbumPage(
            tuple(Change(0, item.kind, item.event, item.id) for item in told.changes), told.cursor, told.more
        )

    def event(self, event: str) -> KeptEvent:
        return self._line.get_json(self._event(event), KeptEventItem).kept

    def put_event(self, event: KeptEvent) -> None:
        self._line.put_json(self._event(event.id), KeptEventItem.of(event), KeptEventItem)

    def purge_event(self, event: str) -> KeptPurge:
        """Has an event purged; what was removed at the hub, now or when it was purged there."""
        return self._line.delete_for(self._event(event), KeptPurgeItem).kept

    def photo(self, event: str, photo: str) -> KeptPhoto:
        return self._line.get_json(self._photo(event, photo), KeptPhotoItem).kept

    def file(self, event: str, photo: str, kind: PhotoKind) -> bytes:
        """Raises Refused `too_large`, too, above `MOST_FILE`."""
        return self._line.get_bytes(f"{self._photo(event, photo)}/{kind.value}", MOST_FILE)

    def put_photo(self, event: str, photo: KeptPhoto, files: Sequence[tuple[str, bytes]] = ()) -> Sequence[str]:
        """Tells of a photograph; which files (`PhotoKind` values) are still wanted of it."""
        small = {kind: as_text(content) for kind, content in files}
        document = PhotoPut(**KeptPhotoItem.of(photo).model_dump(), **small)
        return self._line.put_json(self._photo(event, photo.photo.id), document, PhotoTaken).needs

    def put_original(self, event: str, photo: str, content: bytes) -> None:
        self._line.put_bytes(f"{self._photo(event, photo)}/original", content)

    def delete_photo(self, event: str, photo: str) -> None:
        self._line.delete(self._photo(event, photo))

    def search(self, event: str, request_id: str) -> KeptSearch:
        return self._line.get_json(f"{self._event(event)}/searches/{segment(request_id)}", KeptSearchItem).kept

    def put_search(self, event: str, search: KeptSearch) -> None:
        address = f"{self._event(event)}/searches/{segment(search.search.request_id)}"
        self._line.put_json(address, KeptSearchItem.of(search), KeptSearchItem)

    def delete_search(self, event: str, request_id: str) -> None:
        self._line.delete(f"{self._event(event)}/searches/{segment(request_id)}")

    def close(self) -> None:
        self._line.close()

    def _event(self, event: str) -> str:
        return f"{self._base}/{segment(event)}"

    def _photo(self, event: str, photo: str) -> str:
        return f"{self._event(event)}/photos/{segment(photo)}"
