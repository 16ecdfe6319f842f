"""An event full of people: where a guest is in forty photographs, and thousands of strangers in the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edged.api.albums import Albums
from edged.domain.errors import Refused
from edged.domain.frame import Image
from edged.domain.person import ModelRef
from edged.domain.progress import Progress
from edged.domain.rect import Rect
from edged.measure.gaze import main_face
from edged.measure.photo_file import SOI, segment
from edged.measure.population import synthetic
from edged.photos.album import EventPlan, PhotoEvent
from edged.photos.photo import NewPhoto, PhotoFace
from edged.runtime.booth import DEVICE
from edged.vision.photo import read_photo
from edged.vision.sight import Sight

EVENT: Final = "gala"
PHOTOS_OF_GUEST: Final = 40
"""More than a page has."""
_PHONE: Final = (3024, 4032)
"""(width, height) of the 12 megapixels that a phone's camera has."""
_QUALITY: Final = 90
_NOISE: Final = 5.0
"""Grey levels of a small sensor indoors; without, a file would be a fraction of a phone's."""
_NOISE_SIDE: Final = 512
_COSINES: Final = (0.5, 0.8)
"""Of a selfie with other photographs of the same person."""
_PER_PERSON: Final = 4
_MOST_IN_ONE: Final = 6
_TINY: Final = 64
_COMMENT: Final = 0xFE
"""JPEG's marker COM (ITU-T T.81, B.2.4.5)."""


@dataclass(frozen=True, slots=True, eq=False)
class Selfie:
    """What a guest sends.

    Attributes:
        file: a JPEG of 12 megapixels; small: the photograph as it is.
        vector: of the face in it, float32, shape (dimension,), unit length.
    """

    file: bytes
    small: bytes
    vector: NDArray[np.float32]


def take_selfies(sight: Sight, photos: Sequence[Path]) -> tuple[Selfie, ...]:
    """What phones make of these photographs. Blocks for half a second each; belongs to the thread of the sight.

    Raises:
        Refused: there is no face in one of them, or it cannot be read.
    """
    selfies = []
    for path in photos:
        image = _as_by_phone(read_photo(path))
        faces = sight.detect(image)
        if not faces:
            raise Refused("no_face", f"there is no face in {path}", "Name portraits.")
        (vector,) = sight.embed([sight.crop(image, main_face(faces, image.shape))])
        file = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))[1].tobytes()
        selfies.append(Selfie(file, path.read_bytes(), vector))
    return tuple(selfies)


def fill_event(
    albums: Albums,
    organisation: str,
    model: ModelRef,
    guests: Sequence[NDArray[np.float32]],
    faces: int,
    progress: Progress,
    *,
    seed: int = 1,
) -> PhotoEvent:
    """Makes an event of so many faces, one to six in a photograph. Blocks for about ten milliseconds a photograph.

    Args:
        organisation: made where it is not there.
        model: whose vectors these are.
        guests: each one's face, float32, shape (dimension,), unit length; they are in `PHOTOS_OF_GUEST` photographs.
        faces: at least those of the guests.

    Returns:
        It, with its photographs: tiny ones, since only what is known of them is asked for.
    """
    chance = np.random.default_rng(seed)
    theirs = np.concatenate([_beside(guest, PHOTOS_OF_GUEST, chance) for guest in guests])
    strangers = max(faces - len(theirs), _PER_PERSON)
    crowd = synthetic(-(-strangers // _PER_PERSON), _PER_PERSON, model.dimension, 3, seed).vectors[:strangers]
    vectors = chance.permutation(np.concatenate([theirs, crowd]))
    albums.create_organisation(organisation, organisation, by=DEVICE)
    event = albums.create_event(organisation, EVENT, EventPlan("Gala"), by=DEVICE)
    tiny = np.full((_TINY, _TINY, 3), 128, np.uint8)
    picture = cv2.imencode(".jpg", tiny)[1].tobytes()
    done, number = 0, 0
    while done < len(vectors):
        some = vectors[done : done + int(chance.integers(1, _MOST_IN_ONE + 1))]
        albums.add_photo(event, _photo(number, picture, some, model), by=DEVICE)
        done += len(some)
        number += 1
        if number % 100 == 0:
            progress(f"filling the event: {done:,} of {len(vectors):,} faces", done / len(vectors))
    return event


def commented(jpeg: bytes, comment: bytes) -> bytes:
    """The same picture as another file."""
    return SOI + segment(_COMMENT, comment) + jpeg[len(SOI) :]


def _photo(number: int, picture: bytes, vectors: NDArray[np.float32], model: ModelRef) -> NewPhoto:
    return NewPhoto(
        content=commented(picture, str(number).encode()),
        preview=picture,
        thumbnail=picture,
        filename=f"{number}.jpg",
        width=6000,
        height=4000,
        taken=float(number),
        faces=[PhotoFace(Rect(0, 0, 112, 112), vector) for vector in vectors],
        model=model,
    )


def _beside(vector: NDArray[np.float32], count: int, chance: np.random.Generator) -> NDArray[np.float32]:
    """Vectors at random cosines with this one: float32, shape (count, dimension)."""
    across = chance.standard_normal((count, len(vector)))
    across -= np.outer(across @ vector, vector)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    cosines = chance.uniform(*_COSINES, (count, 1))
    return np.asarray(cosines * vector + np.sqrt(1 - cosines**2) * across, np.float32)


def _as_by_phone(image: Image) -> Image:
    """Cut to a phone's shape and made as large as its pictures are, with the noise of its sensor."""
    width, height = _PHONE
    scale = max(width / image.shape[1], height / image.shape[0])
    large = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    top, left = (max(0, large.shape[0] - height) // 2, max(0, large.shape[1] - width) // 2)
    grain = np.random.default_rng(1).normal(0, _NOISE, (_NOISE_SIDE, _NOISE_SIDE, 3))
    tiles = np.tile(grain, (-(-height // _NOISE_SIDE), -(-width // _NOISE_SIDE), 1))[:height, :width]
    cut = large[top : top + height, left : left + width]
    return np.clip(cut + tiles[: cut.shape[0], : cut.shape[1]].astype(np.float32), 0, 255).astype(np.uint8)
