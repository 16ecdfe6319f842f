"""The judge's sight, lent between two of its frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from edged.domain.curve import Curve
from edged.domain.face import Face
from edged.domain.frame import Image
from edged.domain.person import ModelRef
from edged.runtime.judge import Judge
from edged.vision.piecewise import PiecewiseSight
from edged.vision.sight import Sight

_T = TypeVar("_T")
_PATIENCE_S: Final = 5.0
"""For one piece of work."""


class LentSight(PiecewiseSight):
    """`edged.recognition.recognizer.Sight` for another thread than the judge's: the models run there, in pieces that
    each make one frame wait. Every method that blocks raises Unavailable where the judge does not come round to it.

    Args:
        sight: used on the judge's thread, but for what is only computed.
    """

    def __init__(self, sight: Sight, judge: Judge) -> None:
        def turn(work: Callable[[Sight], _T]) -> _T:
            return judge.ask(lambda _recognizer: work(sight)).result(_PATIENCE_S)

        super().__init__(sight, turn)

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
        return self._turn(lambda sight: sight.detect(image))
