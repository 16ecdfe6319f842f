"""Photographs, faces and selfies that are made of their names: the same in every process, and nowhere else."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edged.domain.person import ModelRef
from edged.domain.rect import Rect
from edged.measure.booth_crowd import commented
from edged.photos.photo import NewPhoto, PhotoFace, PhotoKind, Source
from edged.photos.photo_bundle import digest_of, photo_id

MODEL: Final = ModelRef("kills", "7" * 64, 64)
GUESTS: Final = 5
LEAST: Final = 0.6
"""A cosine that two faces of a guest have, and those of two guests never: about 0.9 and 0 ± 0.1."""
SURE: Final = 0.75
_APART: Final = 0.3
_JPEG: Final = cv2.imencode(".jpg", np.full((16, 24, 3), 128, np.uint8))[1].tobytes()
"""A grey picture; what makes each file another one is a comment in it."""
_BYTES: Final = {PhotoKind.ORIGINAL: 40_000, PhotoKind.PREVIEW: 12_000, PhotoKind.THUMBNAIL: 3000}
_SELFIE_BYTES: Final = 5000
_NEEDLE: Final = 24
"""Bytes of a file that are nowhere else."""


def guests_in(number: int) -> tuple[int, ...]:
    """Who is in a photograph: one to three guests."""
    chance = _chance("guests", str(number))
    return tuple(chance.permutation(GUESTS)[: int(chance.integers(1, 4))].tolist())


@lru_cache(maxsize=100_000)
def vector_of(event: str, guest: int, name: str) -> NDArray[np.float32]:
    """A guest's face in a photograph or a selfie: float32, shape (64,), unit length."""
    own = _chance("guest", event, str(guest)).standard_normal(MODEL.dimension)
    vector = own + _APART * _chance("face", event, str(guest), name).standard_normal(MODEL.dimension)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def made_photo(event: str, number: int) -> NewPhoto:
    """A photograph of an event, with the faces of `guests_in`."""
    return NewPhoto(
        content=file_of(event, number, PhotoKind.ORIGINAL),
        preview=file_of(event, number, PhotoKind.PREVIEW),
        thumbnail=file_of(event, number, PhotoKind.THUMBNAIL),
        filename=f"{number}.jpg",
        width=600,
        height=400,
        taken=float(number),
        faces=[PhotoFace(Rect(0, 0, 9, 9), vector_of(event, guest, str(number))) for guest in guests_in(number)],
        model=MODEL,
        source=Source.CAMERA,
    )


def file_of(event: str, number: int, kind: PhotoKind) -> bytes:
    """One of its files."""
    return commented(_JPEG, _chance("file", event, str(number), kind.value).bytes(_BYTES[kind]))


@lru_cache(maxsize=100_000)
def digest_of_file(event: str, number: int, kind: PhotoKind) -> str:
    return digest_of(file_of(event, number, kind))


def id_of(event: str, number: int) -> str:
    """What a photograph's id will be."""
    return photo_id(event, digest_of_file(event, number, PhotoKind.ORIGINAL))


def selfie_of(request_id: str) -> bytes:
    """What a search was done with."""
    return commented(_JPEG, _chance("selfie", request_id).bytes(_SELFIE_BYTES))


def traces_of_file(content: bytes) -> tuple[bytes, ...]:
    """Pieces of a file by which it can be found, whole or in part: near its beginning, its middle and its end."""
    last = len(content) - len(_JPEG) - _NEEDLE
    return tuple(content[place : place + _NEEDLE] for place in (16, len(content) // 2, last))


def _chance(*words: str) -> np.random.Generator:
    return np.random.default_rng(list(hashlib.sha256("/".join(words).encode()).digest()))
