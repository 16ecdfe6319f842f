"""A sight for work that takes seconds, used in short pieces, between which others have their turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from edged.domain.face import Face
from edged.domain.frame import Image
from edged.vision.group import find_all
from edged.vision.sight import Sight

_T = TypeVar("_T")
_AT_ONCE: Final = 2
"""Faces that are embedded in one piece: about as long as the look at one frame, or at a tile."""


class Turn(Protocol):
    """Waits for a turn at a sight, has one piece of work done with it, and blocks for both."""

    def __call__(self, work: Callable[[Sight], _T], /) -> _T: ...


class PiecewiseSight:
    """What looking at a whole photograph needs of a sight. Any thread; blocks, and raises what `turn` raises.

    Args:
        sight: for what is only computed; never looked with. turn: one of the same models, for each piece.
    """

    def __init__(self, sight: Sight, turn: Turn) -> None:
        self._sight = sight
        self._turn = turn
        self._detector = _PiecewiseDetector(sight, turn)

    def detect_all(self, image: Image) -> tuple[Face, ...]:
        """See `edged.vision.sight.Sight.detect_all`."""
        return find_all(self._detector, image)

    def crop(self, image: Image, face: Face) -> Image:
        return self._sight.crop(image, face)

    def embed(self, crops: Sequence[Image]) -> NDArray[np.float32]:
        """See `edged.vision.sight.Sight.embed`."""
        pieces = [crops[at : at + _AT_ONCE] for at in range(0, len(crops), _AT_ONCE)]
        return np.concatenate([self._embedded(piece) for piece in pieces or [crops]])

    def _embedded(self, crops: Sequence[Image]) -> NDArray[np.float32]:
        return self._turn(lambda sight: sight.embed(crops))


class _PiecewiseDetector:
    """A `Detector` of which each look is a piece of its own."""

    def __init__(self, sight: Sight, turn: Turn) -> None:
        self.certain = sight.detector.certain
        self.side = sight.detector.side
        self._turn = turn

    def detect(self, image: Image, long_side: int, least: float | None = None) -> tuple[Face, ...]:
        return self._turn(lambda sight: sight.detector.detect(image, long_side, least))
