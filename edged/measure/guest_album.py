"""A guest who was found in many photographs, for a browser that measures their page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from io import BytesIO
from typing import Final, NoReturn
from uuid import UUID

import cv2
import numpy as np
from starlette.routing import BaseRoute, Mount

from edged.api.assets import Asset
from edged.api.guests.app import make_guests
from edged.api.streams import Streams
from edged.domain.errors import Unavailable
from edged.photos.album import EventPlan, PhotoEvent
from edged.photos.guest_link import GuestLinks
from edged.photos.photo import OpenPhoto, Photo, PhotoKind
from edged.photos.search import Search
from edged.web.pages import PAGES

_PHOTOS: Final = 60
_REQUEST: Final = "0f8fad5b-d9cb-469f-a165-70867728950e"
_EVENT: Final = PhotoEvent(
    "2b0b6f3e-6a4e-4a57-8f2c-0d2f6c8f2a11", "bench", "party", EventPlan("Summer party"), created=0.0
)
_ALBUM: Final = {
    str(UUID(int=number)): Photo(str(UUID(int=number)), "a.jpg", 3000, 2000, 60.0 * number, 0.0, 1, "image/jpeg")
    for number in range(1, _PHOTOS + 1)
}
_LINKS: Final = GuestLinks(bytes(32))
_END: Final = 9e9
GUEST_PATH: Final = _LINKS.path(_EVENT.id, _REQUEST, _END)[1:]
"""Where the guest's page is, without the slash it begins with."""


def guest_page(_assets: Mapping[str, Asset], _streams: Streams) -> Sequence[BaseRoute]:
    """`Routes` of guests' pages, and one guest."""
    album = _Album()
    return [Mount("", make_guests(album, album, _LINKS, PAGES, by=_Guest()))]


class _Guest:
    id = name = "guest"


class _Album:
    """`GuestAlbums` and `GuestSearch` for somebody who only looks."""

    def organisations(self) -> Sequence[NoReturn]:
        return ()

    def events(self, organisation: str, offset: int, limit: int) -> tuple[int, Sequence[NoReturn]]:  # noqa: ARG002
        return 0, ()

    def purged_events(self) -> tuple[str, ...]:
        return ()

    def searches_by_id(self, request_id: str) -> Sequence[tuple[PhotoEvent, Search]]:
        return [(_EVENT, Search(request_id, 0.99, tuple(_ALBUM)))]

    def photos_by_id(self, event: PhotoEvent, ids: Sequence[str]) -> Sequence[Photo]:  # noqa: ARG002
        return [_ALBUM[photo] for photo in ids]

    def opened(self, photo: str, kind: PhotoKind) -> OpenPhoto:  # noqa: ARG002  the Protocol's
        return OpenPhoto(BytesIO(_picture(photo)), "image/jpeg", "a.jpg")

    def deny(self, *_order: object, by: object) -> NoReturn:  # noqa: ARG002  the Protocol's
        raise Unavailable("a guest who is measured only looks")

    withdraw_denial = report = again = forget = deny


@cache
def _picture(photo: str) -> bytes:
    """A thumbnail as long as one of a real photograph: some 15 kB."""
    random = np.random.default_rng(UUID(photo).int)
    coarse = random.integers(0, 256, (14, 20, 3), np.uint8)
    image = cv2.resize(coarse, (320, 213), interpolation=cv2.INTER_CUBIC)
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 85])[1])
