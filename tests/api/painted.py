"""Photographs that are painted, and eyes that see who was painted: quick, and always the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edged.api.directory import Choose, Looked, NewFace, SeenFace, SeenPhoto
from edged.domain.errors import Refused
from edged.domain.frame import Image
from edged.domain.person import ModelRef
from edged.domain.rect import Rect
from edged.photos.photo_kind import photo_kind
from edged.vision.photo import decode_photo
from edged.vision.thumbnail import thumbnails_of

MODEL: Final = ModelRef("painted", "9" * 64, 32)
_MIDDLE: Final = Rect(100, 60, 200, 180)
_DISTANCE: Final = 0.45
"""How far one photograph of somebody is from another: their cosine is about 0.83, that of two people about 0."""


def paint(*faces: tuple[int, int, Rect], size: tuple[int, int] = (320, 240), suffix: str = ".png") -> bytes:
    """A photograph, lossless PNG: who (1…250), on which of their days (0…250), and where."""
    width, height = size
    image = np.zeros((height, width, 3), np.uint8)
    for who, day, box in faces:
        image[max(box.top, 0) : box.bottom, max(box.left, 0) : box.right] = (who, day, 255)
    return bytes(cv2.imencode(suffix, image)[1])


def portrait(who: int, day: int = 0) -> bytes:
    """A photograph of one person."""
    return paint((who, day, _MIDDLE))


def crowd(who: int, people: int) -> bytes:
    """A photograph of several, `who` and the next, the largest first from the left."""
    boxes = [Rect(10 + 60 * at, 20, 60 + 60 * at - 4 * at, 80 - 4 * at) for at in range(people)]
    return paint(*((who + at, 0, box) for at, box in enumerate(boxes)))


def vector(who: int, day: int = 0) -> NDArray[np.float32]:
    """What the painted eyes see in somebody on a day; unit length."""
    return _unit(_direction(who, 0) + _DISTANCE * _direction(who, day + 1))


def seen(who: int, day: int = 0, box: Rect = _MIDDLE) -> SeenFace:
    return SeenFace(box, vector(who, day), 0.8, b"crop of %d on day %d" % (who, day))


def new_face(who: int, day: int = 0, stem: str = "image", suffix: str = "jpg") -> NewFace:
    """To enrol, as if `portrait(who, day)` had been sent."""
    return NewFace(seen(who, day), MODEL, hashlib.sha256(b"%d %d" % (who, day)).hexdigest(), stem, suffix)


class PaintedEyes:
    """`edged.api.directory.Eyes` for painted photographs."""

    model = MODEL

    def __init__(self) -> None:
        self.looks = 0

    def look(self, photo: bytes, choose: Choose) -> Looked:
        self.looks += 1
        image = _decoded(photo)
        found = sorted(_faces(image), key=lambda face: (-_area(face.box), face.box.left))
        chosen = choose([face.box for face in found])
        return Looked(
            image.shape[1], image.shape[0], tuple(face.box for face in found), tuple(found[at] for at in chosen)
        )

    def pictures(self, photo: bytes, sides: Sequence[int]) -> tuple[bytes, ...]:
        return thumbnails_of(_decoded(photo), sides)

    def see_all(self, photo: bytes, sides: Sequence[int]) -> SeenPhoto:
        looked = self.look(photo, lambda boxes: range(len(boxes)))
        return SeenPhoto(looked.width, looked.height, looked.chosen, self.pictures(photo, sides))

    def confidence(self, similarity: float, comparisons: int) -> float:
        """Half at a cosine of 0.5, whatever the number of comparisons."""
        return float(1 / (1 + np.exp(-20 * (similarity - 0.5))))


def _faces(image: NDArray[np.uint8]) -> Sequence[SeenFace]:
    count, _labels, stats, _middles = cv2.connectedComponentsWithStats((image[:, :, 2] == 255).astype(np.uint8))
    faces = []
    for left, top, width, height, _pixels in stats[1:count].tolist():
        who, day, _mark = image[top, left].tolist()
        faces.append(seen(who, day, Rect(left, top, left + width, top + height)))
    return faces


def _area(box: Rect) -> int:
    return (box.right - box.left) * (box.bottom - box.top)


def _direction(who: int, day: int) -> NDArray[np.float32]:
    return _unit(np.random.default_rng((who, day)).standard_normal(MODEL.dimension).astype(np.float32))


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def _decoded(photo: bytes) -> Image:
    """As the hub's eyes do it: in the formats that the dialects take only."""
    if not photo_kind(photo):
        raise Refused("not_an_image", "this is not a picture in a format that is taken", "Send JPEG, PNG or WebP")
    return decode_photo(photo)
