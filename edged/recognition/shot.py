"""The best picture of a face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edged.domain.face import Box, Flaw, Quality
from edged.domain.frame import Frame, Image, Moment
from edged.vision.tensor import shrink

_LONGER_SIDE: Final = 480


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A face with its surroundings.

    Attributes:
        picture: a copy, BGR, at most 480 px on the longer side.
        rank: of two shots the one with the higher rank is the better.
        quality, box: of the face; box in the pixels of the whole frame.
        taken: when.
    """

    picture: Image
    rank: float
    quality: Quality
    box: Box
    taken: Moment


def better(mine: Shot | None, other: Shot | None) -> Shot | None:
    """The better of two shots, where there are any."""
    if mine is None or other is None:
        return mine or other
    return other if other.rank > mine.rank else mine


def improve(shot: Shot | None, frame: Frame, box: Box, quality: Quality, flaw: Flaw | None) -> Shot:
    """The best shot so far, or this frame's where it is better: any good frame is better than any flawed one."""
    rank = quality.score - (1.0 if flaw else 0.0)
    if shot is not None and shot.rank >= rank:
        return shot
    return Shot(_surroundings(frame.image, box), rank, quality, box, frame.at)


def _surroundings(image: Image, box: Box) -> Image:
    """A copy of the face and as much again around it; one pixel at least, wherever the box lies."""
    height, width = image.shape[:2]
    left, right = _within(box.x1 - box.width / 2, box.x2 + box.width / 2, width)
    top, bottom = _within(box.y1 - box.height / 2, box.y2 + box.height / 2, height)
    cut = image[top:bottom, left:right]
    scale = _LONGER_SIDE / max(cut.shape)
    if scale >= 1:
        return cut.copy()
    size = (max(1, round(cut.shape[1] * scale)), max(1, round(cut.shape[0] * scale)))
    return shrink(cut, *size)


def _within(start: float, stop: float, length: int) -> tuple[int, int]:
    """The part of a range that lies within 0…length, in whole pixels."""
    first = min(max(0, int(start)), length - 1)
    return first, min(max(first + 1, int(stop)), length)
