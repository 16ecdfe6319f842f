"""All events of an organisation, however many there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from edged.photos.album import PhotoEvent

_PAGE: Final = 100


class EventPages(Protocol):
    """What tells them a page at a time; see `edged.api.albums.Albums.events`."""

    def events(self, organisation: str, offset: int, limit: int) -> tuple[int, Sequence[PhotoEvent]]: ...


def all_events(pages: EventPages, organisation: str) -> Iterator[PhotoEvent]:
    """The newest first; a page is read when it is needed, and blocks for it."""
    offset, total = 0, 1
    while offset < total:
        total, page = pages.events(organisation, offset, _PAGE)
        if not page:
            return
        yield from page
        offset += len(page)
