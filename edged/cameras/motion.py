"""No motion, no inference: whether something moves before a camera."""

from __future__ import annotations

from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from edged.config.cameras import MotionSettings
from edged.domain.frame import Image

_Blocks: TypeAlias = NDArray[np.float32]

_COLUMNS: Final = 64
"""Blocks across the picture; as many down as make them about square."""
_SAMPLES: Final = 10
"""Pixels looked at across a block. 100 a block bring sensor noise of 20 grey levels down to 2."""
_LEARN: Final = 0.05
"""Share of each picture that goes into the background: what stands still fades into it over some 50 pictures."""
_GLARE: Final = 225.0
"""Grey level from which on blocks are not told apart: pixels in them are clipped and follow the light no more."""
_NEW_LIGHT: Final = 0.1
_NEW_SCENE: Final = 0.4
"""Where the light changes by more than a tenth between two pictures, or four tenths of the blocks do, this is another
scene (a lamp, a knocked camera): it becomes the background at once and counts as motion at most once."""


_NOISE: Final = 7.5
"""A block must stand out this many times from the middle one: five standard deviations of pure noise, whose median
is 0.67. At most three times the threshold, so that somebody who fills most of the picture is not taken for noise."""


class MotionGate:
    """Tells whether a picture differs from the slowly adapting background of the pictures before it.

    It compares mean grey levels block by block, after the background has been brought to the new picture's light, so
    that a cloud or the camera's exposure is not motion. It keeps state and reads no clock: adaptation counts pictures.

    Args:
        settings: `threshold` and `area`; `enabled` and `hold_s` are the caller's.
    """

    def __init__(self, settings: MotionSettings) -> None:
        self._threshold = settings.threshold
        self._area = settings.area
        self._background: _Blocks | None = None

    def moved(self, image: Image) -> bool:
        """Whether something moves in this picture. The first picture, and one of another size, always counts."""
        blocks = _blocks(image)
        background = self._background
        if background is None or background.shape != blocks.shape:
            self._background = blocks
            return True
        light = _light(blocks, background)
        lit = background * light
        difference = np.abs(np.minimum(blocks, _GLARE) - np.minimum(lit, _GLARE))
        allowed = min(max(self._threshold, _NOISE * _middle(difference)), 3 * self._threshold)
        changed = float(np.mean(difference > allowed))
        if abs(light - 1) > _NEW_LIGHT or changed > _NEW_SCENE:
            self._background = blocks
        else:
            self._background = (lit + _LEARN * (blocks - lit)).astype(np.float32)
        return changed >= self._area


def _blocks(image: Image) -> _Blocks:
    """Mean grey of each block, shape (rows, 64). Green stands for grey: it is most of it and costs no conversion."""
    height, width = image.shape[:2]
    rows = max(1, round(_COLUMNS * height / width))
    step = max(1, width // (_COLUMNS * _SAMPLES))
    green = np.ascontiguousarray(image[::step, ::step, 1])
    return np.asarray(cv2.resize(green, (_COLUMNS, rows), interpolation=cv2.INTER_AREA), dtype=np.float32)


def _light(blocks: _Blocks, background: _Blocks) -> np.float32:
    """By how much the light is brighter than the background's: the middle one of the blocks' ratios.

    The median holds while less than half of the picture moves.
    """
    return np.float32(_middle((blocks + 1) / (background + 1)))


def _middle(values: _Blocks) -> float:
    """The median; of an even number of values the upper one. Six times faster than numpy's."""
    return float(np.sort(values, axis=None)[values.size // 2])
