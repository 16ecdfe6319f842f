"""Every face of a photograph of many people, who stand near and far."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from edged.domain.face import Box, Face
from edged.domain.frame import Image
from edged.domain.rect import Rect
from edged.vision.boxes import in_order
from edged.vision.decode import distinct
from edged.vision.detector import Detector
from edged.vision.quality import measure
from edged.vision.tensor import shrink

_SURE: Final = 28
"""Pixels of its input from which height of a face on a detector finds it: YuNet found 99 of 100 of that height or more,
92 between 20 and 28 (22 composed photographs, `edged bench album`)."""
_WORTH_ANOTHER_LOOK: Final = 40
"""Below so many the landmarks are not exact enough for the embedder."""
_HINT: Final = 0.1
"""The certainty of an answer that is worth a closer look: with 20 pixels of input each face gave such a one."""
_SCALE: Final = 0.625
"""At which a photograph is looked at first: a face of 32 pixels has 20 then. SFace knows people from 40 pixels of
height on as surely as by a large picture of them, 9 in 10 at 28 to 40 and 7 in 10 at 24 to 28."""
_STEP: Final = 4
"""How much smaller each further look at the whole is, for faces that are too large for a tile."""
_SMALLEST: Final = 320
"""Pixels of the longer side at which no smaller one is needed."""
_TILE: Final = 1024
"""Pixels of a tile's side at most: a look at one takes about as long as embedding two faces."""
_WINDOW: Final = 256
"""Pixels of the side of a closer look."""
_OVERLAP: Final = math.ceil(1.25 * _SURE * _STEP)
"""By how much tiles overlap: so that every face which is too small for the next smaller look lies within one of them,
with a tenth of its height to spare."""
_SPARE: Final = 0.1
_STRIDE: Final = 32
"""Models that take any size take multiples of it: what a tile lacks would be padded."""
_SAME: Final = 0.5
"""Intersection over union of two answers for one face in two looks at it."""
_ONE_FACE: Final = 0.3
_INSIDE: Final = 0.7
"""What lies within a face by so much is part of it."""


class _Place(NamedTuple):
    """A part of a picture in its pixels."""

    left: int
    top: int
    right: int
    bottom: int


class GroupFace(NamedTuple):
    """Somebody in a photograph.

    Attributes:
        box: in its pixels.
        vector: float32, shape (dimension,), unit length.
        quality: 0–1.
    """

    box: Rect
    vector: NDArray[np.float32]
    quality: float


class GroupSight(Protocol):
    """What `portray_all` needs of a `Sight`, or of whoever lends one for a moment at a time."""

    def detect_all(self, image: Image) -> Sequence[Face]: ...

    def crop(self, image: Image, face: Face) -> Image: ...

    def embed(self, crops: Sequence[Image]) -> NDArray[np.float32]: ...


def portray_all(sight: GroupSight, image: Image, scale: int = 1) -> tuple[GroupFace, ...]:
    """Everybody in a photograph of many people, the largest first, of equal ones the leftmost.

    Args:
        sight: finds and embeds; blocks for as long as that takes, and raises what it raises.
        image: BGR; see `find_all`.
        scale: pixels of the photograph for one of `image`.
    """
    found = in_order(sight.detect_all(image), scale)
    crops = [sight.crop(image, face) for _box, face in found]
    return tuple(
        GroupFace(box, vector, measure(face, crop).score)
        for (box, face), crop, vector in zip(found, crops, sight.embed(crops), strict=True)
    )


def find_all(detector: Detector, image: Image) -> tuple[Face, ...]:
    """All faces of a BGR picture that are large enough to be recognised, the most certain first, in its pixels.

    That is from 32 pixels of height on, and most that are smaller; all from 40 pixels on, 97 of 100 below. The picture
    is looked at in overlapping tiles at five eighths of its size, then as a whole at a quarter of that, and so on; and
    around everything small that may be a face again at its full size. What looks like a face in tiles only, though it
    is large enough to be seen as one from farther off, is none: a badge, a pattern. Each call of the detector is a
    short one, and there are no more than some hundreds of them, whatever the picture shows.

    A model of one fixed size below 320 pixels, as BlazeFace, is shown the whole picture once: it finds large faces
    only.

    Args:
        detector: is called on the caller's thread.
        image: not written to. Besides it, four tenths of its bytes are taken.

    Blocks for about 0.7 s for 24 megapixels (one x86-64 core).
    """
    side = min(_TILE, detector.side or _TILE)
    if side < _SMALLEST:
        return detector.detect(image, side)
    scale = min(1.0, max(_SCALE, side / max(image.shape[:2])))
    level = _scaled(image, image.shape, scale)
    found = _look_over(detector, level, scale, side)
    hints = [face for face in found if scale < 1 and face.box.height * scale < _WORTH_ANOTHER_LOOK]
    faces = _certain(found, detector)
    while max(level.shape[:2]) > _SMALLEST:
        scale /= _STEP
        level = _scaled(level, image.shape, scale)
        found = _look_over(detector, level, scale, side)
        faces = [face for face in faces if _is_confirmed(face, found, scale)]
        faces += _certain(found, detector)
    near: list[Face] = []
    for place in _windows(distinct(hints, _ONE_FACE, _INSIDE), image):
        near += _look_at(detector, image, place, 1.0, detector.certain)
    closer = _certain(near, detector)
    farther = [face for face in faces if all(face.box.iou(again.box) <= _SAME for again in closer)]
    return distinct([*closer, *farther], _ONE_FACE, _INSIDE)


def _certain(found: Sequence[Face], detector: Detector) -> list[Face]:
    """Those that are no hints, each once."""
    certain = [face for face in found if face.score >= detector.certain]
    return list(distinct(certain, _ONE_FACE, _INSIDE))


def _is_confirmed(face: Face, found: Sequence[Face], scale: float) -> bool:
    """Whether what looks like a face from near does so from farther off, too, if it can be seen well from there."""
    well_seen = _WORTH_ANOTHER_LOOK <= face.box.height * scale <= _SURE * _STEP
    return not well_seen or any(face.box.iou(other.box) > _ONE_FACE for other in found)


def _look_over(detector: Detector, level: Image, scale: float, side: int) -> list[Face]:
    """What is found in all tiles, hints included; a face may be found in several."""
    height, width = level.shape[:2]
    places = [
        _Place(left, top, right, bottom) for top, bottom in _spans(height, side) for left, right in _spans(width, side)
    ]
    return [face for place in places for face in _look_at(detector, level, place, scale, _HINT)]


def _look_at(detector: Detector, level: Image, place: _Place, scale: float, least: float) -> Iterator[Face]:
    """The faces that lie within a part of a picture, in the pixels of the photograph; not those that its edge cuts.

    Args:
        scale: pixels of `level` for one of the photograph.
    """
    height, width = level.shape[:2]
    part = level[place.top : place.bottom, place.left : place.right]
    for face in detector.detect(part, max(part.shape[:2]), least):
        box = face.box.moved(place.left, place.top)
        spare = _SPARE * box.height
        if (
            (place.left == 0 or box.x1 >= place.left + spare)
            and (place.top == 0 or box.y1 >= place.top + spare)
            and (place.right == width or box.x2 <= place.right - spare)
            and (place.bottom == height or box.y2 <= place.bottom - spare)
        ):
            moved = face.landmarks + np.array((place.left, place.top), np.float32)
            edges = (edge / scale for edge in (box.x1, box.y1, box.x2, box.y2))
            yield Face(Box(*edges), face.score, (moved / scale).astype(np.float32))


def _spans(length: int, side: int) -> list[tuple[int, int]]:
    """Begin and end of tiles of one size that overlap, as few and as small as will do."""
    if length <= side:
        return [(0, length)]
    count = -(-(length - _OVERLAP) // (side - _OVERLAP))
    size = -(-(length + (count - 1) * _OVERLAP) // count)
    size = min(side, -(-size // _STRIDE) * _STRIDE)
    begins = [round(place * (length - size) / (count - 1)) for place in range(count)]
    return [(begin, begin + size) for begin in begins]


def _windows(hints: Sequence[Face], image: Image) -> list[_Place]:
    """Where to look closer: around each hint that does not lie well within the look at another."""
    height, width = image.shape[:2]
    windows: list[_Place] = []
    for hint in hints:
        box, spare = hint.box, 3 * _SPARE * hint.box.height
        if any(
            window.left <= max(0, box.x1 - spare)
            and window.top <= max(0, box.y1 - spare)
            and window.right >= min(width, box.x2 + spare)
            and window.bottom >= min(height, box.y2 + spare)
            for window in windows
        ):
            continue
        x, y = box.centre
        left = round(min(max(0, x - _WINDOW / 2), max(0, width - _WINDOW)))
        top = round(min(max(0, y - _WINDOW / 2), max(0, height - _WINDOW)))
        windows.append(_Place(left, top, min(width, left + _WINDOW), min(height, top + _WINDOW)))
    return windows


def _scaled(level: Image, shape: tuple[int, ...], scale: float) -> Image:
    """The photograph of this shape at another scale, made from a larger or equal one."""
    if scale == 1:
        return level
    return shrink(level, max(1, round(shape[1] * scale)), max(1, round(shape[0] * scale)))
