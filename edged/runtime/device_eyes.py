"""The device's sight, lent to clients between two frames of the cameras."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from edged.api.directory import Choose, Looked, SeenFace, SeenPhoto
from edged.domain.errors import Unavailable
from edged.domain.face import Face
from edged.domain.frame import Image
from edged.domain.person import ModelRef
from edged.domain.rect import Rect
from edged.gallery.keepsakes import encode_keepsake
from edged.runtime.deeds.lent_sight import LentSight
from edged.runtime.judge import Judge
from edged.vision.boxes import in_order
from edged.vision.group import portray_all
from edged.vision.photo import MAX_ALBUM_PIXELS, MAX_WHOLE_PIXELS, decode_photo, decode_within, read_size
from edged.vision.quality import measure
from edged.vision.sight import Sight
from edged.vision.thumbnail import thumbnails_of

MAX_BYTES: Final = 16 * 1024 * 1024
_MAX_PIXELS: Final = 25_000_000
_PATIENCE_S: Final = 4.0
_ALBUM_PATIENCE_S: Final = 60.0
_MOST_WAITING: Final = 4
"""Of the forty threads that requests have: the others are for those that look at no photograph."""


class DeviceEyes:
    """`edged.api.directory.Eyes` with the models of the cameras. Any thread.

    One photograph at a time is decoded, on the caller's thread, and one of an album besides; the models are run on the
    judge's, in pieces that each make one frame wait. The largest of an album that is decoded whole, 26 megapixels, has
    78 MB, 156 while it is decoded, and 31 more while faces are looked for in it; one of 50 megapixels half of that.

    Args:
        sight: used on the judge's thread only.
    """

    def __init__(self, sight: Sight, judge: Judge, patience_s: float = _PATIENCE_S) -> None:
        self._sight = sight
        self._lent = LentSight(sight, judge)
        self._patience_s = patience_s
        self._turn = threading.Lock()
        self._room = threading.Semaphore(_MOST_WAITING)
        self._album_turn = threading.Lock()
        self._album_room = threading.Semaphore(_MOST_WAITING)

    @property
    def model(self) -> ModelRef:
        """See `Eyes.model`."""
        return self._sight.model

    def look(self, photo: bytes, choose: Choose) -> Looked:
        """See `Eyes.look`."""
        read_size(photo, max_bytes=MAX_BYTES, max_pixels=_MAX_PIXELS)
        with _turn(self._room, self._turn, self._patience_s):
            image = decode_photo(photo, max_bytes=MAX_BYTES, max_pixels=_MAX_PIXELS)
            found = in_order(self._lent.detect(image))
            boxes = tuple(rect for rect, _face in found)
            chosen = [found[at] for at in choose(boxes)]
            height, width = image.shape[:2]
            return Looked(width, height, boxes, self._seen(image, chosen))

    def pictures(self, photo: bytes, sides: Sequence[int]) -> tuple[bytes, ...]:
        """See `Eyes.pictures`."""
        read_size(photo, max_bytes=MAX_BYTES, max_pixels=_MAX_PIXELS)
        with _turn(self._room, self._turn, self._patience_s):
            return thumbnails_of(decode_photo(photo, max_bytes=MAX_BYTES, max_pixels=_MAX_PIXELS), sides)

    def see_all(self, photo: bytes, sides: Sequence[int]) -> SeenPhoto:
        """See `Eyes.see_all`."""
        caps = {"max_bytes": MAX_BYTES, "max_pixels": MAX_ALBUM_PIXELS}
        read_size(photo, **caps)
        with _turn(self._album_room, self._album_turn, _ALBUM_PATIENCE_S):
            image, width, height, scale = decode_within(photo, MAX_WHOLE_PIXELS, **caps)
            found = portray_all(self._lent, image, scale)
            faces = tuple(SeenFace(face.box, face.vector, face.quality, b"") for face in found)
            return SeenPhoto(width, height, faces, thumbnails_of(image, sides))

    def confidence(self, similarity: float, comparisons: int) -> float:
        """See `Eyes.confidence`; does not block."""
        return self._sight.curve.confidence(similarity, max(comparisons, 1))

    def _seen(self, image: Image, chosen: Sequence[tuple[Rect, Face]]) -> tuple[SeenFace, ...]:
        crops = [self._sight.crop(image, face) for _rect, face in chosen]
        kept = [encode_keepsake(self._sight.keepsake(image, face)) for _rect, face in chosen]
        return tuple(
            SeenFace(rect, vector, measure(face, crop).score, crop_kept)
            for (rect, face), crop, crop_kept, vector in zip(chosen, crops, kept, self._lent.embed(crops), strict=True)
        )


@contextmanager
def _turn(room: threading.Semaphore, turn: threading.Lock, patience_s: float) -> Iterator[None]:
    """One's own turn, where there is room to wait for it."""
    if not room.acquire(blocking=False):
        raise _busy()
    try:
        if not turn.acquire(timeout=patience_s):
            raise _busy()
        try:
            yield
        finally:
            turn.release()
    finally:
        room.release()


def _busy() -> Unavailable:
    return Unavailable("the device is busy looking at photographs", "Come again in a few seconds")
