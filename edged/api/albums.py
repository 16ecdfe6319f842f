"""Organisations, their events, and the photographs that guests find themselves in: what 9Pic's dialect is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edged.api.access import Grant
from edged.api.directory import Rect
from edged.domain.person import ModelRef


@dataclass(frozen=True, slots=True)
class Features:
    """What an event offers. Bibs, timeline and video are none of it: edged has no such search."""

    enabled: bool = True
    selfie_search: bool = True
    name_search: bool = False
    downloads: bool = True


@dataclass(frozen=True, slots=True)
class Organisation:
    """Attributes: slug: its name in addresses, `[a-z0-9-]{1,64}`."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class PhotoEvent:
    """An event of an organisation.

    Attributes:
        organisation: its slug; slug: the event's, unique within it; name: for people.
        created: UTC seconds since the epoch; photos: how many there are.
        threshold: the confidence, 0–1, from which a photograph is shown to somebody.
    """

    organisation: str
    slug: str
    name: str
    created: float
    features: Features
    threshold: float
    photos: int


@dataclass(frozen=True, slots=True, eq=False)
class PhotoFace:
    """A face in a photograph of an event; see `edged.api.directory.SeenFace`."""

    box: Rect
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class NewPhoto:
    """A photograph to keep.

    Attributes:
        content: the file as it came: JPEG, PNG or WebP; preview: a smaller JPEG; thumbnail: a small one.
        filename: as it came, cleaned; nothing is ever stored under it.
        width, height: in pixels, as it is seen.
        taken: when, UTC seconds since the epoch; None where it is not known.
        faces: all that were found; model: who made their vectors.
    """

    content: bytes
    preview: bytes
    thumbnail: bytes
    filename: str
    width: int
    height: int
    taken: float | None
    faces: Sequence[PhotoFace]
    model: ModelRef


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph of an event.

    Attributes:
        id: a UUID in canonical text.
        size: bytes of the file as it came.
    """

    id: str
    filename: str
    width: int
    height: int
    taken: float | None
    added: float
    size: int
    media_type: str


class PhotoKind(Enum):
    """Which of a photograph's files."""

    ORIGINAL = "original"
    PREVIEW = "preview"
    THUMBNAIL = "thumbnail"


@dataclass(frozen=True, slots=True, eq=False)
class PhotoFile:
    """One of a photograph's files.

    Attributes:
        filename: of the photograph as it came, cleaned: for people, never a path.
    """

    content: bytes
    media_type: str
    filename: str


@dataclass(frozen=True, slots=True)
class PhotoPage:
    """Some of an event's photographs, and how many there are in all."""

    total: int
    photos: tuple[Photo, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A photograph somebody may be in, and the cosine of the likest face in it."""

    photo: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Search:
    """A selfie search that was done.

    Attributes:
        request_id: a UUID in canonical text; one event's.
        confidence: 0–1, of the best photograph; 0 where none was found.
        photos: ids, the best first; those deleted since are among them.
    """

    request_id: str
    confidence: float
    photos: tuple[str, ...]


class Turn(Enum):
    """Whose turn a search is that is not done yet."""

    MINE = "mine"
    """The caller's: it must end with `finish_search` or `drop_search`."""
    OTHERS = "others"
    """Somebody else does it just now; ask again in a moment."""


class Albums(Protocol):
    """Events and photographs on the disk.

    Threads, durability, audit and errors are those of `edged.api.directory.Directory`.
    """

    def create_organisation(self, slug: str, name: str, *, by: Grant) -> bool:
        """False where it is there. Raises Refused `bad_slug`."""
        ...

    def organisations(self) -> Sequence[Organisation]: ...

    def organisation(self, slug: str) -> Organisation | None: ...

    def create_event(
        self, organisation: str, slug: str, name: str, features: Features, threshold: float, *, by: Grant
    ) -> PhotoEvent:
        """Raises Refused `bad_slug`, `taken`, `no_organisation`."""
        ...

    def events(self, organisation: str, offset: int, limit: int) -> tuple[int, Sequence[PhotoEvent]]:
        """How many there are, and some, the newest first."""
        ...

    def event(self, organisation: str, slug: str) -> PhotoEvent | None: ...

    def set_features(self, organisation: str, slug: str, features: Features, *, by: Grant) -> PhotoEvent | None: ...

    def delete_event(self, organisation: str, slug: str, *, by: Grant) -> bool:
        """With all photographs, vectors and searches."""
        ...

    def add_photo(self, event: PhotoEvent, photo: NewPhoto, *, by: Grant) -> Photo:
        """The same bytes again in the same event are the same photograph, which is returned."""
        ...

    def photos(self, event: PhotoEvent, offset: int, limit: int) -> PhotoPage:
        """By the time they were taken, those without one last, then by the time they were added."""
        ...

    def photos_by_id(self, event: PhotoEvent, ids: Sequence[str]) -> Sequence[Photo]:
        """Those that there are, in the order asked."""
        ...

    def content(self, photo: str, kind: PhotoKind) -> PhotoFile | None:
        """A file of a photograph; None where the photograph is gone."""
        ...

    def delete_photo(self, photo: str, *, by: Grant) -> bool: ...

    def like(self, event: PhotoEvent, model: ModelRef, vector: NDArray[np.float32], least: float) -> Sequence[Found]:
        """All photographs with a face of this cosine or a higher one, each once, the best first."""
        ...

    def faces(self, event: PhotoEvent) -> int:
        """How many faces the photographs of an event have."""
        ...

    def search(self, event: PhotoEvent, request_id: str) -> Search | None: ...

    def begin_search(self, event: PhotoEvent, request_id: str) -> Search | Turn:
        """The search where it is done; else whose turn it is. A turn not ended within a minute is given away."""
        ...

    def finish_search(self, event: PhotoEvent, search: Search, *, by: Grant) -> None:
        """Keeps what was found. Where somebody else was quicker, because a turn was given away, theirs stays."""
        ...

    def drop_search(self, event: PhotoEvent, request_id: str) -> None:
        """It failed: the next who asks has the turn."""
        ...
