"""The judge's sight, lent between two of its frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.curve import Curve
from edged.domain.face import Face
from edged.domain.frame import Image
from edged.domain.person import ModelRef
from edged.runtime.judge import Judge
from edged.vision.detector import Detector
from edged.vision.group import find_all
from edged.vision.sight import Sight

_PATIENCE_S: Final = 5.0
"""For one piece of work."""
_AT_ONCE: Final = 2
"""Faces that are embedded between two frames: about as long as the look at one."""


class LentSight:
    """`edged.recognition.recognizer.Sight` for another thread than the judge's: the models run there, in pieces that
    each make one frame wait. Every method that blocks raises Unavailable where the judge does not come round to it.

    Args:
        sight: used on the judge's thread, but for what is only computed.
    """

    def __init__(self, sight: Sight, judge: Judge) -> None:
        self._sight = sight
        self._judge = judge

    @property
    def model(self) -> ModelRef:
        return self._sight.model

    @property
    def curve(self) -> Curve:
        return self._sight.curve

    @property
    def liveness(self) -> None:
        """None is asked: a question of who it is says nothing about being alive."""

    def detect(self, image: Image) -> Sequence[Face]:
        return self._judge.ask(lambda _recognizer: self._sight.detect(image)).result(_PATIENCE_S)

    def detect_all(self, image: Image) -> Sequence[Face]:
        """See `edged.vision.sight.Sight.detect_all`."""
        return find_all(_LentDetector(self._sight.detector, self._judge), image)

    def crop(self, image: Image, face: Face) -> Image:
        return self._sight.crop(image, face)

    def embed(self, crops: Sequence[Image]) -> NDArray[np.float32]:
        pieces = [crops[at : at + _AT_ONCE] for at in range(0, len(crops), _AT_ONCE)]
        return np.concatenate([self._embedded(piece) for piece in pieces or [crops]])

    def _embedded(self, crops: Sequence[Image]) -> NDArray[np.float32]:
        return self._judge.ask(lambda _recognizer: self._sight.embed(crops)).result(_PATIENCE_S)


class _LentDetector:
    """The judge's `Detector`; each look is a piece of its own."""

    def __init__(self, detector: Detector, judge: Judge) -> None:
        self._detector = detector
        self._judge = judge
        self.certain = detector.certain
        self.side = detector.side

    def detect(self, image: Image, long_side: int, least: float | None = None) -> tuple[Face, ...]:
        return self._judge.ask(lambda _recognizer: self._detector.detect(image, long_side, least)).result(_PATIENCE_S)
