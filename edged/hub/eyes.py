"""The centre's eyes: several sights, lent to whichever thread asks, and a bounded queue before them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from edged.api.directory import Choose, Looked, Rect, SeenFace
from edged.config.document import ModelSettings
from edged.domain.errors import Unavailable
from edged.domain.face import Face
from edged.domain.frame import Image
from edged.domain.person import ModelRef
from edged.gallery.keepsakes import encode_keepsake
from edged.vision.photo import decode_photo, read_size
from edged.vision.quality import measure
from edged.vision.sight import Sight, open_sight
from edged.vision.thumbnail import thumbnail_of

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_PIXELS: Final = 25_000_000
"""What phones send today, 24 megapixels, passes. So many pixels may be in memory at a time, whatever their number of
photographs: 75 MB, and as much again while EXIF turns one."""
_PATIENCE_S: Final = 5.0
_MOST_WAITING: Final = 24
"""Well under the 40 threads that the web server's worker pool has, so that requests which need no eyes find one."""


class HubEyes:
    """`edged.api.directory.Eyes` with the models. Any thread may look; it blocks, and computes in the caller's thread.

    A look holds a sight and the photograph's pixels from before it is decoded until it is answered. Looks are begun in
    the order in which they came; one that waits `patience_s`, or finds `most_waiting` before it, gives up.

    Args:
        sights: at least one, of one model, each with models of its own, best with one thread.
        max_bytes, max_pixels: of one photograph; together, the photographs under way have `max_pixels` at most, too.
    """

    def __init__(
        self,
        sights: Sequence[Sight],
        *,
        max_bytes: int = MAX_BYTES,
        max_pixels: int = MAX_PIXELS,
        patience_s: float = _PATIENCE_S,
        most_waiting: int = _MOST_WAITING,
    ) -> None:
        self.model: ModelRef = sights[0].model
        self._curve = sights[0].curve
        self._max_bytes = max_bytes
        self._max_pixels = max_pixels
        self._patience_s = patience_s
        self._most_waiting = most_waiting
        self._changed = threading.Condition()
        self._free = list(sights)
        self._room = max_pixels
        self._queue: deque[object] = deque()

    def look(self, photo: bytes, choose: Choose) -> Looked:
        """See `Eyes.look`. What is no photograph, or too large, is refused at once, without waiting."""
        with self._lent(photo) as (sight, image):
            found = sorted(((rect_of(face), face) for face in sight.detect(image)), key=lambda pair: order(pair[0]))
            boxes = tuple(rect for rect, _face in found)
            chosen = [found[at] for at in choose(boxes)]
            height, width = image.shape[:2]
            return Looked(width, height, boxes, _seen(sight, image, chosen))

    def pictures(self, photo: bytes, sides: Sequence[int]) -> tuple[bytes, ...]:
        """See `Eyes.pictures`. Waits as `look` does."""
        with self._lent(photo) as (_sight, image):
            return tuple(thumbnail_of(image, side) for side in sides)

    def confidence(self, similarity: float, comparisons: int) -> float:
        """See `Eyes.confidence`; does not block."""
        return self._curve.confidence(similarity, max(comparisons, 1))

    @contextmanager
    def _lent(self, photo: bytes) -> Iterator[tuple[Sight, Image]]:
        """A sight and the photograph's pixels."""
        caps = {"max_bytes": self._max_bytes, "max_pixels": self._max_pixels}
        pixels = read_size(photo, **caps).pixels
        sight = self._take(pixels)
        try:
            yield sight, decode_photo(photo, **caps)
        finally:
            with self._changed:
                self._free.append(sight)
                self._room += pixels
                self._changed.notify_all()

    def _take(self, pixels: int) -> Sight:
        ticket = object()
        with self._changed:
            if len(self._queue) >= self._most_waiting:
                raise _busy()
            self._queue.append(ticket)
            try:
                mine = self._changed.wait_for(
                    lambda: self._queue[0] is ticket and self._free and pixels <= self._room, self._patience_s
                )
                if not mine:
                    raise _busy()
                self._room -= pixels
                return self._free.pop()
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()


def open_eyes(settings: ModelSettings, *, max_bytes: int = MAX_BYTES) -> HubEyes:
    """As many sights as the models may have threads, each with one; blocks for about a second for each.

    Args:
        max_bytes: of one photograph.

    Raises:
        Unavailable, Corrupt: see `open_sight`.
    """
    one_thread = settings.model_copy(update={"threads": 1})
    return HubEyes([open_sight(one_thread) for _ in range(settings.threads)], max_bytes=max_bytes)


def rect_of(face: Face) -> Rect:
    """A face's box in whole pixels, each edge rounded to the nearest."""
    box = face.box
    return Rect(round(box.x1), round(box.y1), round(box.x2), round(box.y2))


def order(rect: Rect) -> tuple[int, int, int]:
    """What boxes are sorted by: the largest first, of equal ones the leftmost, then the topmost."""
    return (-(rect.right - rect.left) * (rect.bottom - rect.top), rect.left, rect.top)


def _seen(sight: Sight, image: Image, chosen: Sequence[tuple[Rect, Face]]) -> tuple[SeenFace, ...]:
    if not chosen:
        return ()
    crops = [sight.crop(image, face) for _rect, face in chosen]
    return tuple(
        SeenFace(rect, vector, measure(face, crop).score, encode_keepsake(sight.keepsake(image, face)))
        for (rect, face), crop, vector in zip(chosen, crops, sight.embed(crops), strict=True)
    )


def _busy() -> Unavailable:
    return Unavailable("all are busy looking at photographs", "Come again in a few seconds")
