"""A guest's own page, with photographs to show, for a browser that measures it."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import anyio
import cv2
import numpy as np

from edged.api.directory import Choose, Looked, SeenFace, SeenPhoto
from edged.api.guests.app import make_guests
from edged.api.selfie_search import SelfieSearch
from edged.domain.frame import Image
from edged.domain.person import ModelRef
from edged.domain.rect import Rect
from edged.measure.page_site import running
from edged.photos.album import EventPlan, NewPhoto, PhotoFace
from edged.photos.database import PhotoDatabase
from edged.photos.guest_link import GuestLinks
from edged.photos.photo_files import PhotoFolder
from edged.photos.sqlite_albums import SqliteAlbums
from edged.runtime.booth import DEVICE, GUEST
from edged.vision.thumbnail import thumbnails_of
from edged.web.pages import PAGES

_PHOTOS: Final = 24
_SIZE: Final = (1200, 900)
_SIDES: Final = (1200, 320)
_MODEL: Final = ModelRef("bench", "0" * 64, 4)
_VECTOR: Final = np.full(4, 0.5, np.float32)
_BOX: Final = Rect(10, 10, 60, 60)


class _Eyes:
    """`edged.api.directory.Eyes` that see one and the same person in everything."""

    model = _MODEL

    def look(self, photo: bytes, choose: Choose) -> Looked:  # noqa: ARG002  the Protocol's
        return Looked(*_SIZE, (_BOX,), (SeenFace(_BOX, _VECTOR, 1.0, b""),))

    def see_all(self, photo: bytes, sides: Sequence[int]) -> SeenPhoto:
        return SeenPhoto(*_SIZE, (SeenFace(_BOX, _VECTOR, 1.0, b""),), self.pictures(photo, sides))

    def pictures(self, photo: bytes, sides: Sequence[int]) -> tuple[bytes, ...]:
        return tuple(photo for _side in sides)

    def confidence(self, similarity: float, comparisons: int) -> float:  # noqa: ARG002  the Protocol's
        return max(0.0, similarity)


@contextmanager
def guest_page() -> Iterator[str]:
    """A guest who is in 24 photographs: the address of their page."""
    with TemporaryDirectory(prefix="edged-bench-") as folder:
        path = Path(folder)
        opened = PhotoDatabase.open(
            path / "photos.db", threading.Lock(), lambda *_: None, now=time.time, new_id=lambda: str(uuid.uuid4())
        )
        with closing(opened) as database:
            albums = SqliteAlbums(database, PhotoFolder(path / "photos"))
            albums.create_organisation("bench", "Bench", by=DEVICE)
            event = albums.create_event("bench", "party", EventPlan("Summer party"), by=DEVICE)
            for number in range(_PHOTOS):
                albums.add_photo(event, _photo(number), by=DEVICE)
            search, links = SelfieSearch(albums, _Eyes()), GuestLinks(b"k" * 32)
            request_id = str(uuid.uuid4())

            async def found() -> None:
                await search.searched(event, request_id, _photo(0).preview, by=GUEST)

            anyio.run(found)
            with running(make_guests(albums, search, links, PAGES, by=GUEST)) as url:
                yield url.rstrip("/") + links.path(event.id, request_id, time.time() + 3600)


def _photo(number: int) -> NewPhoto:
    image = _drawn(number)
    preview, thumbnail = thumbnails_of(image, _SIDES)
    return NewPhoto(
        content=preview,
        preview=preview,
        thumbnail=thumbnail,
        filename=f"{number}.jpg",
        width=_SIZE[0],
        height=_SIZE[1],
        taken=1_700_000_000.0 + number,
        faces=[PhotoFace(_BOX, _VECTOR)],
        model=_MODEL,
    )


def _drawn(number: int) -> Image:
    """As much to compress as in a photograph: shapes of all sizes, and grain. A thumbnail of it has 17 kB."""
    random, (width, height) = np.random.default_rng(number), _SIZE
    image = np.full((height, width, 3), 128, np.float32)
    for size in (4, 16, 64, 256):
        noise = random.normal(0, 13, (size * 3 // 4, size, 3)).astype(np.float32)
        image += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    image += random.normal(0, 4, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)
