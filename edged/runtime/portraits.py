"""Templates of faces that a centre sends as pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from edged.central.port import Picture
from edged.domain.errors import Refused
from edged.domain.face import Face
from edged.domain.frame import Image
from edged.domain.person import Template
from edged.gallery.keepsakes import encode_keepsake
from edged.vision.align import KEEPSAKE_SIZE
from edged.vision.photo import decode_photo
from edged.vision.quality import measure
from edged.vision.sight import Sight
from edged.wire.feed import MOST_CROP_BYTES

_T = TypeVar("_T")

_MAX_BYTES: Final = 16 * 2**20
_MAX_PIXELS: Final = 25_000_000
_LEAST_OVERLAP: Final = 0.3
"""Intersection over union of the face that is found and the box that the centre names."""


class OnSight(Protocol):
    """Has something done with the models, on the thread that owns them, and waits for it."""

    def __call__(self, work: Callable[[Sight], _T], /) -> _T: ...


class Portraits:
    """Looks at pictures. One thread; decodes on it, and has the models run where they are at home."""

    def __init__(self, on_sight: OnSight) -> None:
        self._on_sight = on_sight

    def make(self, picture: Picture, photo_hash: str) -> Template:
        """The template of the face in a picture; of several the one that is named, else the largest.

        Raises:
            Refused: `not_an_image`, `damaged`, `too_large`, `too_many_pixels`, `no_face`; `bad_crop`: what should be
                a face with a margin has other measures.
            Unavailable: whoever owns the models has no time.
        """
        image = decode_photo(picture.jpeg, max_bytes=_MAX_BYTES, max_pixels=_MAX_PIXELS)
        if picture.is_keepsake:
            if (image.shape[1], image.shape[0]) != KEEPSAKE_SIZE:
                raise Refused("bad_crop", "the centre's picture of this face has other measures than it should")
            vector = self._on_sight(lambda sight: sight.embed([sight.crop_again(image)])[0])
            kept = picture.jpeg if len(picture.jpeg) <= MOST_CROP_BYTES else encode_keepsake(image)
            return Template(vector, 1.0, photo_hash, crop=kept)
        faces = self._on_sight(lambda sight: sight.detect(image))
        face = _chosen(faces, picture.box)

        def seen(sight: Sight) -> Template:
            crop = sight.crop(image, face)
            vector = sight.embed([crop])[0]
            return Template(vector, measure(face, crop).score, photo_hash, crop=_kept(sight, image, face))

        return self._on_sight(seen)


def _kept(sight: Sight, image: Image, face: Face) -> bytes:
    return encode_keepsake(sight.keepsake(image, face))


def _chosen(faces: tuple[Face, ...], box: tuple[int, int, int, int] | None) -> Face:
    if not faces:
        raise Refused("no_face", "there is no face in the photograph")
    if box is None:
        return max(faces, key=_area)
    best = max(faces, key=lambda face: _overlap(face, box))
    if _overlap(best, box) < _LEAST_OVERLAP:
        raise Refused("no_face", "there is no face where the centre says that there is one")
    return best


def _area(face: Face) -> float:
    return (face.box.x2 - face.box.x1) * (face.box.y2 - face.box.y1)


def _overlap(face: Face, box: tuple[int, int, int, int]) -> float:
    left, top, right, bottom = (min(max(edge, -_MAX_PIXELS), _MAX_PIXELS) for edge in box)
    wide = min(face.box.x2, right) - max(face.box.x1, left)
    high = min(face.box.y2, bottom) - max(face.box.y1, top)
    if wide <= 0 or high <= 0:
        return 0.0
    both = wide * high
    return float(both / (_area(face) + (right - left) * (bottom - top) - both))
