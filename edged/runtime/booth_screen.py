"""What the booth's page may ask the daemon."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import segno

from edged.access.guidance import guidance
from edged.api.booth_port import BoothCamera, PhoneLink
from edged.config.photos import PhotoSettings
from edged.domain.errors import Unavailable
from edged.domain.frame import Frame
from edged.domain.screen import Screen, Stage
from edged.photos.album import PhotoEvent
from edged.photos.photo import Photo, PhotoFile, PhotoKind, PhotoPage
from edged.photos.search import Search
from edged.runtime.booth import GUEST, Booth
from edged.runtime.eye import Eye
from edged.runtime.judge import Seen

_FRESH_S: Final = 1.5
"""A look at a frame that is older guides nobody: they have moved since."""
_NEAR: Final = 1 / 20
"""Of the picture's width, so far apart are the eyes of somebody who stands before the booth and not behind others."""
_MARGIN: Final = 4
"""Modules of white around a QR code (ISO/IEC 18004)."""


class BoothScreen:
    """Answers the booth's page: `edged.api.booth_port.BoothDesk`. Any thread; each question reads for itself.

    Args:
        seen: what was found in the latest frame of each camera, as it is now.
    """

    def __init__(self, booth: Booth, seen: Callable[[], Mapping[str, Seen]]) -> None:
        self._booth = booth
        self._seen = seen

    def settings(self) -> PhotoSettings:
        return self._booth.settings()

    def camera(self) -> BoothCamera | None:
        eye = self._eye()
        return BoothCamera(mirrored=eye.settings.mirror) if eye else None

    def frame(self) -> Frame | None:
        eye = self._eye()
        return eye.newest if eye else None

    def guide(self) -> Screen:
        eye = self._eye()
        frame = eye.newest if eye else None
        seen = self._seen().get(eye.name) if eye else None
        if frame is None or seen is None or frame.at.mono - seen.frame.at.mono > _FRESH_S:
            return Screen(Stage.REST)
        height, width = seen.frame.image.shape[:2]
        largest = max(seen.look.sightings, key=lambda sighting: sighting.box.area, default=None)
        return guidance(largest, has_rivals=False, size=(width, height), needed_px=_NEAR * width)

    def event(self) -> PhotoEvent | None:
        return self._booth.event()

    def take(self, event: PhotoEvent) -> Photo:
        return self._booth.shutter.take(by=GUEST, event=event)

    def discard(self, photo: str) -> None:
        self._booth.albums.delete_photo(photo, by=GUEST)

    def portrait(self) -> bytes:
        return self._booth.shutter.portrait()

    async def search(self, event: PhotoEvent, request_id: str, portrait: bytes, consent: int) -> Search:
        return await self._booth.search.searched(event, request_id, portrait, by=GUEST, consent=consent)

    def withdraw(self, event: PhotoEvent, request_id: str) -> None:
        self._booth.feed.remove_search(event, request_id, by=GUEST)

    def found(self, event: PhotoEvent, request_id: str, offset: int, limit: int) -> PhotoPage:
        search = self._booth.albums.search(event, request_id)
        photos = self._booth.albums.photos_by_id(event, search.photos) if search else ()
        return PhotoPage(len(photos), tuple(photos[offset : offset + limit]))

    def deny(self, event: PhotoEvent, request_id: str, photo: str) -> None:
        self._booth.albums.deny(event, request_id, photo, by=GUEST)

    def picture(self, event: PhotoEvent, photo: str, kind: PhotoKind, *, own: bool) -> PhotoFile | None:
        albums = self._booth.albums
        there = albums.any_photo(event, photo) if own else albums.photos_by_id(event, [photo])
        return albums.content(photo, kind) if there else None

    def link(self, event: PhotoEvent, request_id: str) -> PhoneLink | None:
        if not self._booth.settings().guests.is_reachable:
            return None
        link = self._booth.link(event, request_id)
        rows = segno.make_qr(link.url, error="m").matrix_iter(border=_MARGIN)
        return PhoneLink(tuple("".join("1" if dark else "0" for dark in row) for row in rows), link.end)

    def _eye(self) -> Eye | None:
        try:
            return self._booth.shutter.eye()
        except Unavailable:
            return None
