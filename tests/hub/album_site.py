"""A store of albums that the contract tests try, and photographs to put into it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from edged.api.access import Grant, Right
from edged.api.albums import Albums
from edged.domain.rect import Rect
from edged.measure.photo_file import encoded, with_segment
from edged.photos.album import EventPlan, Features, PhotoEvent, Terms
from edged.photos.photo import NewPhoto, PhotoFace, Source
from edged.photos.search import Probe, Search
from tests.api.painted import MODEL, vector

BY: Final = Grant("tok-1", "the booth", frozenset({Right.ENROLL, Right.MATCH, Right.READ}))
JPEG: Final = b"\xff\xd8\xff\xe0"
"""What the file of a JPEG begins with: a store looks no further."""
_PIXEL: Final = encoded(np.zeros((1, 1, 3), np.uint8), ".jpg")
_BOX: Final = Rect(10, 20, 30, 40)


class Clock:
    """A time that tests set."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True, slots=True)
class AlbumSite:
    """An empty store.

    Attributes:
        albums: of it.
        again: opens the same store once more, as another process would, with a memory of its own.
        acts: the words of the audit log, the newest first.
        files: digests of the files of photographs that there are.
        clock: the store's.
    """

    albums: Albums
    again: Callable[[], AbstractContextManager[Albums]]
    acts: Callable[[], Sequence[str]]
    files: Callable[[], set[str]]
    clock: Clock


def picture(text: str) -> bytes:
    """A JPEG of one pixel with a comment."""
    return with_segment(_PIXEL, 0xFE, text.encode())


def new_photo(
    name: str,
    *people: tuple[int, int],
    taken: float | None = None,
    filename: str = "IMG_1.JPG",
    source: Source = Source.UPLOAD,
) -> NewPhoto:
    """A photograph of some people, each on one of their days; its files follow from its name."""
    return NewPhoto(
        content=picture(name),
        preview=picture(f"preview of {name}"),
        thumbnail=picture(f"thumbnail of {name}"),
        filename=filename,
        width=3000,
        height=2000,
        taken=taken,
        faces=[PhotoFace(_BOX, vector(who, day)) for who, day in people],
        model=MODEL,
        source=source,
    )


def new_event(
    albums: Albums,
    slug: str = "run",
    organisation: str = "acme",
    features: Features | None = None,
    event_id: str = "",
    **terms: Any,
) -> PhotoEvent:
    """An event, and its organisation where there is none. `terms`: of `edged.photos.album.Terms`."""
    albums.create_organisation(organisation, organisation.title(), by=BY)
    plan = EventPlan(f"The {slug}", features or Features(), 0.6, Terms(**terms))
    return albums.create_event(organisation, slug, plan, by=BY, event_id=event_id)


def new_search(request_id: str, who: tuple[int, int] | None = (1, 0), *photos: str, confidence: float = 0.9) -> Search:
    """A search that somebody did on one of their days; None: by whom nobody knows."""
    probe = Probe(vector(*who), MODEL) if who else None
    return Search(request_id, confidence, photos, probe)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
