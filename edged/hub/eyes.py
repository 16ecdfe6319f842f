"""The centre's eyes: several sights, lent to whichever thread asks, and a bounded queue before them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

from edged.api.directory import Choose, Looked, SeenFace, SeenPhoto
from edged.config.document import ModelSettings
from edged.domain.errors import Busy, Refused, Unavailable
from edged.domain.face import Face
from edged.domain.frame import Image
from edged.domain.person import ModelRef
from edged.domain.rect import Rect
from edged.gallery.keepsakes import encode_keepsake
from edged.photos.photo_kind import photo_kind
from edged.vision.boxes import in_order
from edged.vision.group import portray_all
from edged.vision.photo import MAX_ALBUM_PIXELS, MAX_WHOLE_PIXELS, Decoded, decode_within, read_size
from edged.vision.piecewise import PiecewiseSight
from edged.vision.quality import measure
from edged.vision.sight import Sight, open_sight
from edged.vision.thumbnail import thumbnails_of

_T = TypeVar("_T")
MAX_BYTES: Final = 16 * 1024 * 1024
MAX_PIXELS: Final = 25_000_000
"""What phones send today, 24 megapixels, passes. So many pixels may be decoded at a time, whatever their number of
photographs."""
_MOST_WHOLE: Final = 12_500_000
"""Pixels; larger photographs are decoded at half their width and height, in which a face is still far larger than an
embedder's 112 pixels. So decoding takes 75 MB for a photograph of this size, 38 MB for a JPEG and 113 MB for another
file of `MAX_PIXELS`."""
_PATIENCE_S: Final = 5.0
_MOST_WAITING: Final = 24
"""Well under the 40 threads that the web server's worker pool has, so that requests which need no eyes find one."""
_ALBUM_PATIENCE_S: Final = 30.0
_MOST_ALBUM_WAITING: Final = 6


class HubEyes:
    """`edged.api.directory.Eyes` with the models. Any thread may look; it blocks, and computes in the caller's thread.

    A look holds a sight and the photograph's pixels from before it is decoded until it is answered. Looks are begun in
    the order in which they came; one that waits `patience_s`, or finds `most_waiting` before it, gives up.

    Photographs of albums, as many at a time as there are sights, hold pixels of their own, and a sight for a moment
    only, again and again in the same queue: nobody who is looked at waits for the seconds that they take. Each has 75
    MB, and while it is decoded, one at a time, twice as many.

    Args:
        sights: at least one, of one model, each with models of its own, best with one thread.
        max_bytes, max_pixels: of one photograph; together, the photographs under way have `max_pixels` at most, too.
        most_whole: pixels of a photograph; larger ones are decoded at half their width and height.
    """

    def __init__(
        self,
        sights: Sequence[Sight],
        *,
        max_bytes: int = MAX_BYTES,
        max_pixels: int = MAX_PIXELS,
        most_whole: int = _MOST_WHOLE,
        patience_s: float = _PATIENCE_S,
        most_waiting: int = _MOST_WAITING,
    ) -> None:
        self.model: ModelRef = sights[0].model
        self._curve = sights[0].curve
        self._max_bytes = max_bytes
        self._max_pixels = max_pixels
        self._most_whole = most_whole
        self._patience_s = patience_s
        self._most_waiting = most_waiting
        self._changed = threading.Condition()
        self._free = list(sights)
        self._room = max_pixels
        self._queue: deque[object] = deque()
        self._album_turn = threading.Semaphore(len(sights))
        self._album_room = threading.Semaphore(len(sights) + _MOST_ALBUM_WAITING)
        self._decoding = threading.Lock()
        self._piecewise = PiecewiseSight(sights[0], self._piece)

    def look(self, photo: bytes, choose: Choose) -> Looked:
        """See `Eyes.look`. What is no photograph, or too large, is refused at once, without waiting."""
        with self._lent(photo) as sight:
            return self._looked(sight, photo, choose)

    def pictures(self, photo: bytes, sides: Sequence[int]) -> tuple[bytes, ...]:
        """See `Eyes.pictures`. Waits as `look` does."""
        with self._lent(photo):
            return self._thumbnails(photo, sides)

    def see_all(self, photo: bytes, sides: Sequence[int]) -> SeenPhoto:
        """See `Eyes.see_all`. What is no photograph, or too large, is refused at once, without waiting."""
        _known_kind(photo)
        read_size(photo, max_bytes=self._max_bytes, max_pixels=MAX_ALBUM_PIXELS)
        if not self._album_room.acquire(blocking=False):
            raise _busy()
        try:
            if not self._album_turn.acquire(timeout=_ALBUM_PATIENCE_S):
                raise _busy()
            try:
                return self._seen_all(photo, sides)
            finally:
                self._album_turn.release()
        finally:
            self._album_room.release()

    def confidence(self, similarity: float, comparisons: int) -> float:
        """See `Eyes.confidence`; does not block."""
        return self._curve.confidence(similarity, max(comparisons, 1))

    # The pixels are a local of these, so that they are gone when the next photograph is let in.

    def _looked(self, sight: Sight, photo: bytes, choose: Choose) -> Looked:
        image, width, height, scale = self._decoded(photo)
        found = in_order(sight.detect(image), scale)
        boxes = tuple(rect for rect, _face in found)
        chosen = [found[at] for at in choose(boxes)]
        return Looked(width, height, boxes, _seen(sight, image, chosen))

    def _seen_all(self, photo: bytes, sides: Sequence[int]) -> SeenPhoto:
        with self._decoding:
            image, width, height, scale = decode_within(
                photo, MAX_WHOLE_PIXELS, max_bytes=self._max_bytes, max_pixels=MAX_ALBUM_PIXELS
            )
        found = portray_all(self._piecewise, image, scale)
        faces = tuple(SeenFace(face.box, face.vector, face.quality, b"") for face in found)
        return SeenPhoto(width, height, faces, thumbnails_of(image, sides))

    def _thumbnails(self, photo: bytes, sides: Sequence[int]) -> tuple[bytes, ...]:
        return thumbnails_of(self._decoded(photo).image, sides)

    def _decoded(self, photo: bytes) -> Decoded:
        return decode_within(photo, self._most_whole, max_bytes=self._max_bytes, max_pixels=self._max_pixels)

    @contextmanager
    def _lent(self, photo: bytes) -> Iterator[Sight]:
        """A sight, and room for the photograph's pixels."""
        _known_kind(photo)
        pixels = read_size(photo, max_bytes=self._max_bytes, max_pixels=self._max_pixels).pixels
        with self._take(pixels, self._patience_s) as sight:
            yield sight

    def _piece(self, work: Callable[[Sight], _T]) -> _T:
        with self._take(0, None) as sight:
            return work(sight)

    @contextmanager
    def _take(self, pixels: int, patience_s: float | None) -> Iterator[Sight]:
        """A sight when it is this one's turn, and there is room for so many pixels; None: however long that takes."""
        ticket = object()
        with self._changed:
            if patience_s is not None and len(self._queue) >= self._most_waiting:
                raise _busy()
            self._queue.append(ticket)
            try:
                mine = self._changed.wait_for(
                    lambda: self._queue[0] is ticket and self._free and pixels <= self._room, patience_s
                )
                if not mine:
                    raise _busy()
                self._room -= pixels
                sight = self._free.pop()
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()
        try:
            yield sight
        finally:
            with self._changed:
                self._free.append(sight)
                self._room += pixels
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


def _seen(sight: Sight, image: Image, chosen: Sequence[tuple[Rect, Face]]) -> tuple[SeenFace, ...]:
    if not chosen:
        return ()
    crops = [sight.crop(image, face) for _rect, face in chosen]
    return tuple(
        SeenFace(rect, vector, measure(face, crop).score, encode_keepsake(sight.keepsake(image, face)))
        for (rect, face), crop, vector in zip(chosen, crops, sight.embed(crops), strict=True)
    )


def _known_kind(photo: bytes) -> None:
    if not photo_kind(photo):  # what else could be decoded no dialect has promised
        raise Refused("not_an_image", "this is not a picture in a format that is taken", "Send JPEG, PNG or WebP")


def _busy() -> Unavailable:
    return Busy("all are busy looking at photographs", "Come again in a few seconds")
