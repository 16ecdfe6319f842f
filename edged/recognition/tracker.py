"""Which face of this frame is which face of the last one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from edged.domain.face import Box
from edged.domain.frame import Moment

_MIN_IOU: Final = 0.2
_STEP: Final = 0.75
"""Of the face's size: how far its centre may be from where it was expected, where the boxes do not overlap,"""
_STRIDE: Final = 2.5
"""and how much farther for every second since it was last seen,"""
_STRIDE_S: Final = 0.5
"""half a second at most: somebody who walks past moves a few face sizes a second, and after longer absence a face
that far away is more likely another one."""
_MAX_GROWTH: Final = 1.8
_BLINK_S: Final = 0.6
"""Nobody steps into another's place faster, as far as the face would not be noticed to have moved."""
_SMOOTHING: Final = 0.5


@dataclass(slots=True, eq=False)
class Track:
    """A face followed from frame to frame.

    Attributes:
        id: unlike that of any other track.
        box: where it was last seen; speed: of the centre, pixels a second, smoothed.
        last: when it was last seen.
        sure: whether nobody else can have taken its place. False once the face was out of sight for more than a blink,
            jumped, or met another; whoever looks at the face itself sets it back.
    """

    id: int
    box: Box
    last: Moment
    speed: tuple[float, float] = (0.0, 0.0)
    sure: bool = True
    _before: tuple[Box, Moment, tuple[float, float]] | None = None

    def fit(self, box: Box, at: Moment) -> float:
        """How well a box continues the track: 1 to 2 by overlap, below 1 by nearness, 0 where it cannot be.

        The face may have gone on as it went, or stopped.
        """
        elapsed = at.mono - self.last.mono
        reach = _STEP + _STRIDE * min(elapsed, _STRIDE_S)
        expected = self.box.moved(self.speed[0] * elapsed, self.speed[1] * elapsed)
        overlap = max(box.iou(expected), box.iou(self.box))
        if overlap >= _MIN_IOU:
            return 1.0 + overlap
        return _nearness(expected, box, reach)

    def see(self, box: Box, at: Moment) -> None:
        """The face is here now. Said twice of one moment, the first was a mistake."""
        if at == self.last and self._before:
            self.box, self.last, self.speed = self._before
        self._before = self.box, self.last, self.speed
        elapsed = at.mono - self.last.mono
        if elapsed > 0:
            (x, y), (old_x, old_y) = box.centre, self.box.centre
            fresh = ((x - old_x) / elapsed, (y - old_y) / elapsed)
            self.speed = (
                _SMOOTHING * fresh[0] + (1 - _SMOOTHING) * self.speed[0],
                _SMOOTHING * fresh[1] + (1 - _SMOOTHING) * self.speed[1],
            )
        self.box, self.last = box, at


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """A track and the number of a box that may continue it."""

    track: Track
    index: int
    fit: float

    def rivals(self, other: _Pair) -> bool:
        """Whether both overlap and cannot both be true."""
        return min(self.fit, other.fit) >= 1 and (self.track is other.track) != (self.index == other.index)


class Tracker:
    """Follows the faces of one camera. Boxes in, tracks out, in the same order; owns nothing but its tracks.

    The surest pair is joined first (greedy by overlap, then by nearness): with the few faces of a frame this gives the
    answer of an optimal assignment except where two faces cross, and there `Track.sure` asks for a look at the face.

    Args:
        numbers: gives the ids of the tracks.
    """

    def __init__(self, numbers: Iterator[int]) -> None:
        self.tracks: list[Track] = []
        self._numbers = numbers

    def follow(self, boxes: Sequence[Box], at: Moment) -> list[Track]:
        """The track of each box; a box that continues none begins a new one."""
        pairs = [
            _Pair(track, index, fit)
            for track in self.tracks
            for index, box in enumerate(boxes)
            if (fit := track.fit(box, at)) > 0
        ]
        found: dict[int, Track] = {}
        lost = list(self.tracks)
        for pair in sorted(pairs, key=lambda pair: -pair.fit):
            if pair.index not in found and pair.track in lost:
                found[pair.index] = pair.track
                lost.remove(pair.track)
                blinked = at.mono - pair.track.last.mono <= _BLINK_S
                pair.track.sure &= pair.fit >= 1 and blinked and not any(pair.rivals(other) for other in pairs)
                pair.track.see(boxes[pair.index], at)
        return [found[index] if index in found else self.begin(box, at) for index, box in enumerate(boxes)]

    def begin(self, box: Box, at: Moment) -> Track:
        """A new track at this place."""
        track = Track(next(self._numbers), box, at)
        self.tracks.append(track)
        return track

    def forget(self, track: Track) -> None:
        self.tracks.remove(track)

    def lapse(self, at: Moment, leave_s: float) -> None:
        """Forgets the tracks unseen for more than `leave_s` seconds."""
        self.tracks = [track for track in self.tracks if at.mono - track.last.mono <= leave_s]


def _nearness(place: Box, box: Box, reach: float) -> float:
    """1 at the same centre, falling to 0 at `reach` face sizes; 0 where the sizes do not fit."""
    size, other = place.area**0.5, box.area**0.5
    if size <= 0 or other <= 0 or max(size / other, other / size) > _MAX_GROWTH:
        return 0.0
    (x, y), (other_x, other_y) = place.centre, box.centre
    distance = ((x - other_x) ** 2 + (y - other_y) ** 2) ** 0.5
    return float(max(0.0, 1.0 - distance / (reach * max(size, other))))
