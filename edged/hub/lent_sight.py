"""Whichever of the centre's sights is free, lent for one short piece of work after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.face import Face
from edged.domain.frame import Image
from edged.vision.detector import Detector
from edged.vision.group import find_all
from edged.vision.sight import Sight

_AT_ONCE: Final = 2
"""Faces that are embedded before somebody else has a turn: about as long as the look at a tile."""
Lend = Callable[[], AbstractContextManager[Sight]]


class LentSight:
    """A sight for work that takes seconds, which others shall not wait for.

    Args:
        sight: any of them, for what is only computed; never looked with.
        lend: waits for a free one, of the same models, and takes it back.
    """

    def __init__(self, sight: Sight, lend: Lend) -> None:
        self._sight = sight
        self._lend = lend

    def detect_all(self, image: Image) -> tuple[Face, ...]:
        """See `edged.vision.sight.Sight.detect_all`."""
        return find_all(_LentDetector(self._sight.detector, self._lend), image)

    def crop(self, image: Image, face: Face) -> Image:
        return self._sight.crop(image, face)

    def embed(self, crops: Sequence[Image]) -> NDArray[np.float32]:
        """See `edged.vision.sight.Sight.embed`."""
        pieces = [crops[at : at + _AT_ONCE] for at in range(0, len(crops), _AT_ONCE)]
        return np.concatenate([self._embedded(piece) for piece in pieces or [crops]])

    def _embedded(self, crops: Sequence[Image]) -> NDArray[np.float32]:
        with self._lend() as sight:
            return sight.embed(crops)


class _LentDetector:
    """A `Detector` that is whichever is free."""

    def __init__(self, detector: Detector, lend: Lend) -> None:
        self.certain = detector.certain
        self.side = detector.side
        self._lend = lend

    def detect(self, image: Image, long_side: int, least: float | None = None) -> tuple[Face, ...]:
        with self._lend() as sight:
            return sight.detector.detect(image, long_side, least)
