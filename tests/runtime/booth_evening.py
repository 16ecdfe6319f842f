"""A device's event as it is after an evening: photographs, guests who searched, denied and asked to be forgotten."""

from __future__ import annotations

import hashlib
import threading
import uuid
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.config.document import DeviceSettings, Document
from edged.domain.person import ModelRef
from edged.domain.rect import Rect
from edged.photos.album import Doer, EventPlan, PhotoEvent, Terms
from edged.photos.database import PhotoDatabase
from edged.photos.photo import NewPhoto, PhotoFace, Source
from edged.photos.search import Probe, Search
from edged.photos.sqlite_albums import SqliteAlbums
from edged.runtime.booth import DEVICE, GUEST
from edged.runtime.state_dir import StateDir

MODEL: Final = ModelRef("toy", "0" * 64, 128)
HOUSE: Final = "booth"
BOX: Final = Rect(10, 20, 90, 120)


def document_in(folder: Path) -> Document:
    return Document(device=DeviceSettings(name="booth-1", state=folder / "state"))


def opened(state: StateDir) -> PhotoDatabase:
    def unseen(_by: Doer, _act: str, _about: str) -> None:
        """Nobody watches."""

    return state.open_photos(threading.Lock(), unseen)


class Evening:
    """Makes events that share nothing by chance: all of it follows from a seed.

    Attributes:
        secrets: all that must be gone with what was made so far, and is made by nobody else.
    """

    def __init__(self, albums: SqliteAlbums, seed: int) -> None:
        self._albums = albums
        self._random = np.random.default_rng(seed)
        self.secrets: list[bytes] = []
        self.photos: list[str] = []
        self.requests: list[str] = []

    def event(self, slug: str, terms: Terms | None = None) -> PhotoEvent:
        self._albums.create_organisation(HOUSE, HOUSE, by=DEVICE)
        return self._albums.create_event(HOUSE, slug, EventPlan(slug.title(), terms=terms or Terms()), by=DEVICE)

    def photograph(self, event: PhotoEvent, faces: int = 3, source: Source = Source.CAMERA) -> str:
        """Adds one; its id."""
        pictures = [b"\xff\xd8\xff\xe0" + self._random.bytes(size) for size in (6000, 3000, 900)]
        vectors = [self._vector() for _ in range(faces)]
        self.secrets += [*pictures, *(hashlib.sha256(picture).hexdigest().encode() for picture in pictures)]
        self.secrets += [vector.tobytes() for vector in vectors]
        content, preview, thumbnail = pictures
        new = NewPhoto(
            content=content,
            preview=preview,
            thumbnail=thumbnail,
            filename="a.jpg",
            width=600,
            height=400,
            taken=None,
            faces=[PhotoFace(BOX, vector) for vector in vectors],
            model=MODEL,
            source=source,
        )
        photo = self._albums.add_photo(event, new, by=DEVICE)
        self.photos.append(photo.id)
        return photo.id

    def search(self, event: PhotoEvent, found: int = 4, consent: int | None = 1) -> str:
        """A guest's; its request id."""
        vector, selfie = self._vector(), b"\xff\xd8\xff\xe1" + self._random.bytes(2000)
        request = str(uuid.UUID(bytes=self._random.bytes(16), version=4))
        self.secrets += [request.encode(), vector.tobytes()]
        if event.plan.terms.keeps_selfies:
            self.secrets += [selfie, hashlib.sha256(selfie).hexdigest().encode()]
        search = Search(request, 0.9, tuple(self.photos[-found:]), Probe(vector, MODEL), consent)
        self._albums.finish_search(event, search, by=GUEST, selfie=selfie)
        self.requests.append(request)
        return request

    def whole(self, event: PhotoEvent, photos: int, guests: int) -> None:
        """An evening: guests search while photographs come; the first denies a photograph, the second is forgotten."""
        for number in range(photos):
            self.photograph(event, int(self._random.integers(0, 9)))
            for _ in range(guests * (number + 1) // photos - guests * number // photos):
                self.search(event)
        if guests > 1:
            denied = self._albums.search(event, self.requests[0])
            assert denied is not None
            assert self._albums.deny(event, denied.request_id, denied.photos[0], by=GUEST)
            assert self._albums.forget_guest(event, self.requests[1], 0.99, by=GUEST)

    def _vector(self) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = self._random.standard_normal(MODEL.dimension).astype(np.float32)
        return vector / np.float32(np.linalg.norm(vector))


def files_with(root: Path, secrets: list[bytes]) -> dict[str, int]:
    """How many of these stand in each file below a directory, or in its name; files with none are left out."""
    found = {}
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        content = path.read_bytes() + str(path).encode()
        if many := sum(secret in content for secret in secrets):
            found[str(path.relative_to(root))] = many
    return found
