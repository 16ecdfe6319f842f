"""Whether a face moved from one frame to the next as a head can, or jumped, as a picture does that is exchanged."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.face import Box
from edged.domain.frame import Moment
from edged.liveness.plane import eye_distance

_LONGEST_S: Final = 0.15
"""Time that nobody saw gives no more room than this."""
_SHIFT: Final = (8.0, 0.35)
"""Of the face's middle, in distances between the eyes: a second, and besides for what the detector is unsure of."""
_GROWTH: Final = (3.0, 0.15)
"""Of the distance between the eyes, in natural logarithms."""
_BOX_GROWTH: Final = (3.5, 0.30)
_NOSE: Final = (2.6, 0.08)
"""Of how far the nose has left its plane: a head that turns by 200 degrees a second reaches 2.6."""
_SHAPE: Final = (4.0, 0.14)
"""Of any landmark within the face, in distances between the eyes."""


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """A face in one frame.

    Attributes:
        track: of the tracker.
        landmarks: see `Face`; points: the same, as `edged.liveness.plane.upright` gives them.
        nose: how far its nose has left its plane; None while that is not known.
    """

    track: int
    box: Box
    landmarks: NDArray[np.float32]
    points: NDArray[np.float64]
    nose: float | None
    at: Moment


def is_jump(before: Pose, now: Pose) -> bool:
    """Whether more has changed from one frame to the next than a head can do in that time."""
    seconds = min(_LONGEST_S, max(0.0, now.at.mono - before.at.mono))

    def room(limit: tuple[float, float]) -> float:
        return limit[0] * seconds + limit[1]

    eyes = eye_distance(before.landmarks), eye_distance(now.landmarks)
    shift = np.linalg.norm(now.landmarks.mean(axis=0) - before.landmarks.mean(axis=0)) / eyes[0]
    growth = abs(math.log(eyes[1] / eyes[0]))
    box_growth = abs(math.log(max(1e-9, now.box.area) / max(1e-9, before.box.area))) / 2
    shape = float(np.abs(now.points - before.points).max())
    nose = 0.0 if before.nose is None or now.nose is None else abs(now.nose - before.nose)
    return bool(
        shift > room(_SHIFT)
        or growth > room(_GROWTH)
        or box_growth > room(_BOX_GROWTH)
        or nose > room(_NOSE)
        or shape > room(_SHAPE)
    )
