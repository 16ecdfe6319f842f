"""The device's sight, lent to clients between two frames of the cameras."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from edged.api.directory import Choose, Looked, SeenFace
from edged.domain.errors import Unavailable
from edged.domain.face import Face
from edged.domain.frame import Image
from edged.domain.person import ModelRef
from edged.domain.rect import Rect
from edged.gallery.keepsakes import encode_keepsake
from edged.runtime.judge import Judge
from edged.vision.photo import decode_photo, read_size
from edged.vision.quality import measure
from edged.vision.sight import Sight
from edged.vision.thumbnail import thumbnail_of

MAX_BYTES: Final = 16 * 1024 * 1024
_MAX_PIXELS: Final = 25_000_000
_PATIENCE_S: Final = 4.0
_AT_ONCE: Final = 2
"""Faces that are embedded between two frames: about as long as the look at one."""
_MOST_WAITING: Final = 4
"""Of the forty threads that requests have: the others are for those that look at no photograph."""


class DeviceEyes:
    """`edged.api.directory.Eyes` with the models of the cameras. Any thread.

    One photograph at a time is decoded, on the caller's thread; the models are run on the judge's, in pieces that each
    make one frame wait.

    Args:
        sight: used on the judge's thread only.
    """

    def __init__(self, sight: Sight, judge: Judge, patience_s: float = _PATIENCE_S) -> None:
        self._sight = sight
        self._judge = judge
        self._patience_s = patience_s
        self._turn = threading.Lock()
        self._room = threading.Semaphore(_MOST_WAITING)

    @property
    def model(self) -> ModelRef:
        """See `Eyes.model`."""
        return self._sight.model

    def look(self, photo: bytes, choose: Choose) -> Looked:
        """See `Eyes.look`."""
        read_size(photo, max_bytes=MAX_BYTES, max_pixels=_MAX_PIXELS)
        with self._my_turn():
            image = decode_photo(photo, max_bytes=MAX_BYTES, max_pixels=_MAX_PIXELS)
            faces = self._judge.ask(lambda _recognizer: self._sight.detect(image)).result(self._patience_s)
            found = sorted(((_rect(face), face) for face in faces), key=lambda pair: _order(pair[0]))
            boxes = tuple(rect for rect, _face in found)
            chosen = [found[at] for at in choose(boxes)]
            seen: list[SeenFace] = []
            for at in range(0, len(chosen), _AT_ONCE):
                seen += self._seen(image, chosen[at : at + _AT_ONCE])
            height, width = image.shape[:2]
            return Looked(width, height, boxes, tuple(seen))

    def pictures(self, photo: bytes, sides: Sequence[int]) -> tuple[bytes, ...]:
        """See `Eyes.pictures`."""
        read_size(photo, max_bytes=MAX_BYTES, max_pixels=_MAX_PIXELS)
        with self._my_turn():
            image = decode_photo(photo, max_bytes=MAX_BYTES, max_pixels=_MAX_PIXELS)
            return tuple(thumbnail_of(image, side) for side in sides)

    def confidence(self, similarity: float, comparisons: int) -> float:
        """See `Eyes.confidence`; does not block."""
        return self._sight.curve.confidence(similarity, max(comparisons, 1))

    def _seen(self, image: Image, chosen: Sequence[tuple[Rect, Face]]) -> list[SeenFace]:
        crops = [self._sight.crop(image, face) for _rect, face in chosen]
        kept = [encode_keepsake(self._sight.keepsake(image, face)) for _rect, face in chosen]
        vectors = self._judge.ask(lambda _recognizer: self._sight.embed(crops)).result(self._patience_s)
        return [
            SeenFace(rect, vector, measure(face, crop).score, crop_kept)
            for (rect, face), crop, crop_kept, vector in zip(chosen, crops, kept, vectors, strict=True)
        ]

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if not self._room.acquire(blocking=False):
            raise _busy()
        try:
            if not self._turn.acquire(timeout=self._patience_s):
                raise _busy()
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._room.release()


def _rect(face: Face) -> Rect:
    box = face.box
    return Rect(round(box.x1), round(box.y1), round(box.x2), round(box.y2))


def _order(rect: Rect) -> tuple[int, int, int]:
    """The largest first, of equal ones the leftmost, then the topmost."""
    return (-(rect.right - rect.left) * (rect.bottom - rect.top), rect.left, rect.top)


def _busy() -> Unavailable:
    return Unavailable("the device is busy looking at photographs", "Come again in a few seconds")
