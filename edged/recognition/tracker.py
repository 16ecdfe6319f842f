"""Which face of this frame is which face of the last one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edged.domain.face import Box
from edged.domain.frame import Moment

_MIN_IOU: Final = 0.2
_MAX_STEP: Final = 0.75
"""Of the face's size: how far its centre may be from where it was expected, where the boxes no longer overlap."""
_MAX_GROWTH: Final = 1.8
_SMOOTHING: Final = 0.5


@dataclass(slots=True)
class Track:
    """A face followed from frame to frame.

    Attributes:
        id: counts per boot and camera, from 1.
        box: where it was last seen; speed: of the centre, pixels a second, smoothed.
        first, last: when it was first and last seen.
    """

    id: int
    box: Box
    first: Moment
    last: Moment
    speed: tuple[float, float] = (0.0, 0.0)

    def expected(self, at: Moment) -> Box:
        """Where the face should be now, if it goes on as it went."""
        elapsed = at.mono - self.last.mono
        return self.box.moved(self.speed[0] * elapsed, self.speed[1] * elapsed)

    def see(self, box: Box, at: Moment) -> None:
        elapsed = at.mono - self.last.mono
        if elapsed > 0:
            (x, y), (old_x, old_y) = box.centre, self.box.centre
            fresh = ((x - old_x) / elapsed, (y - old_y) / elapsed)
            self.speed = (
                _SMOOTHING * fresh[0] + (1 - _SMOOTHING) * self.speed[0],
                _SMOOTHING * fresh[1] + (1 - _SMOOTHING) * self.speed[1],
            )
        self.box, self.last = box, at


class Tracker:
    """Follows the faces of one camera. Boxes in, tracks out, in the same order; owns nothing but its tracks.

    The surest pair is joined first (greedy by overlap, then by distance): with the few faces of a frame this gives the
    answer of an optimal assignment except where two faces cross, and there the embedding decides (see `Ballot`).
    """

    def __init__(self) -> None:
        self.tracks: list[Track] = []
        self._last_id = 0

    def follow(self, boxes: Sequence[Box], at: Moment) -> list[Track]:
        """The track of each box; a box that continues none begins a new one."""
        free_tracks = list(self.tracks)
        found: dict[int, Track] = {}
        for _, index, track in sorted(self._pairs(boxes, at), key=lambda pair: -pair[0]):
            if index not in found and track in free_tracks:
                found[index] = track
                free_tracks.remove(track)
        for index, box in enumerate(boxes):
            if index in found:
                found[index].see(box, at)
            else:
                found[index] = self.begin(box, at)
        return [found[index] for index in range(len(boxes))]

    def begin(self, box: Box, at: Moment) -> Track:
        """A new track at this place."""
        self._last_id += 1
        track = Track(self._last_id, box, at, at)
        self.tracks.append(track)
        return track

    def forget(self, track: Track) -> None:
        self.tracks.remove(track)

    def lapse(self, at: Moment, leave_s: float) -> list[Track]:
        """Removes and returns the tracks unseen for more than `leave_s` seconds."""
        gone = [track for track in self.tracks if at.mono - track.last.mono > leave_s]
        for track in gone:
            self.tracks.remove(track)
        return gone

    def _pairs(self, boxes: Sequence[Box], at: Moment) -> list[tuple[float, int, Track]]:
        """Every box and track that may belong together, with how sure that is: overlap first, nearness second."""
        pairs = []
        for track in self.tracks:
            expected = track.expected(at)
            for index, box in enumerate(boxes):
                overlap = max(box.iou(expected), box.iou(track.box))
                if overlap >= _MIN_IOU:
                    pairs.append((1.0 + overlap, index, track))
                elif (nearness := _nearness(expected, box)) > 0:
                    pairs.append((nearness, index, track))
        return pairs


def _nearness(expected: Box, box: Box) -> float:
    """1 at the same centre, falling to 0 at `_MAX_STEP` face sizes; 0 where the sizes do not fit."""
    size, other = expected.area**0.5, box.area**0.5
    if size <= 0 or other <= 0 or max(size / other, other / size) > _MAX_GROWTH:
        return 0.0
    (x, y), (other_x, other_y) = expected.centre, box.centre
    distance = ((x - other_x) ** 2 + (y - other_y) ** 2) ** 0.5
    return float(max(0.0, 1.0 - distance / (_MAX_STEP * max(size, other))))
