"""A photograph of an event, its faces, and its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from os import SEEK_END
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from edged.domain.person import ModelRef
from edged.domain.rect import Rect


class Source(StrEnum):
    """Where a photograph came from."""

    UPLOAD = "upload"
    CAMERA = "camera"
    FOLDER = "folder"
    SYNC = "sync"


class Standing(StrEnum):
    """Whether a photograph is shown."""

    SHOWN = "shown"
    WAITING = "waiting"
    """Nobody has let it through yet."""
    HIDDEN = "hidden"
    """Somebody took it away from guests, or a guest reported it."""


@dataclass(frozen=True, slots=True, eq=False)
class PhotoFace:
    """A face in a photograph of an event. `vector`: float32, shape (dimension,), unit length."""

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
        source: where it came from.
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
    source: Source = Source.UPLOAD


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph of an event.

    Attributes:
        id: a UUID in canonical text, made from its event and its content: the same wherever it is added.
        size: bytes of the file as it came; media_type: of that file.
        standing: whether it is shown.
    """

    id: str
    filename: str
    width: int
    height: int
    taken: float | None
    added: float
    size: int
    media_type: str
    standing: Standing = Standing.SHOWN
    source: Source = Source.UPLOAD


class PhotoKind(Enum):
    """Which of a photograph's files."""

    ORIGINAL = "original"
    """As it came; what is shown of it where the event keeps no originals."""
    PREVIEW = "preview"
    THUMBNAIL = "thumbnail"


@dataclass(frozen=True, slots=True, eq=False)
class PhotoFile:
    """One of a photograph's files.

    Attributes:
        filename: of the photograph as it came, cleaned, with the suffix of this file: for people, never a path.
    """

    content: bytes
    media_type: str
    filename: str


@dataclass(frozen=True, slots=True, eq=False)
class OpenPhoto:
    """One of a photograph's files, open at its beginning.

    Attributes:
        file: may be read on any thread, one at a time, and must be closed. What is deleted meanwhile can be read to its
            end.
        filename: as in `PhotoFile`.
    """

    file: BinaryIO
    media_type: str
    filename: str

    @property
    def size(self) -> int:
        """Bytes. Blocks for a moment; leaves the file at its beginning."""
        size = self.file.seek(0, SEEK_END)
        self.file.seek(0)
        return size


@dataclass(frozen=True, slots=True)
class PhotoPage:
    """Some of an event's photographs, and how many there are in all."""

    total: int
    photos: tuple[Photo, ...]
