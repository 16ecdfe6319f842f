"""What would help whoever stands there to be recognised."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.access.sighting import Sighting
from edged.domain.face import Box, Flaw
from edged.domain.screen import Prompt, Screen, Stage

_HELPS: Final = {
    Flaw.TOO_SMALL: Prompt.COME_CLOSER,
    Flaw.CUT_OFF: Prompt.TO_THE_MIDDLE,
    Flaw.BLURRED: Prompt.HOLD_STILL,
    Flaw.TURNED_AWAY: Prompt.FACE_ME,
    Flaw.TOO_DARK: Prompt.MORE_LIGHT,
    Flaw.TOO_BRIGHT: Prompt.LESS_LIGHT,
    Flaw.LOW_CONTRAST: Prompt.MORE_LIGHT,
    Flaw.EYES_COVERED: Prompt.LOOK_HERE,
}
_TOO_NEAR: Final = 0.3
"""Eyes farther apart than this share of the picture's width: the face no longer fits into it."""
_HALF: Final = 0.5


def eye_distance(landmarks: NDArray[np.float32]) -> float:
    """Pixels between the eyes; landmarks as in `Face`."""
    return float(np.hypot(*(landmarks[1] - landmarks[0])))


def guidance(main: Sighting | None, has_rivals: bool, size: tuple[int, int], needed_px: float) -> Screen:
    """What to show: rest without a face, else one prompt and how good the face is by now.

    Args:
        main: the face that is dealt with.
        has_rivals: there is another one about as near.
        size: width and height of the picture, pixels.
        needed_px: the least distance between the eyes.
    """
    if main is None:
        return Screen(Stage.REST)
    eyes, width = eye_distance(main.landmarks), size[0]
    if has_rivals:
        prompt = Prompt.ONE_AT_A_TIME
    elif eyes < needed_px:
        prompt = Prompt.COME_CLOSER
    elif eyes > _TOO_NEAR * width:
        prompt = Prompt.STEP_BACK
    else:
        prompt = Prompt.LOOK_HERE if main.flaw is None else _HELPS[main.flaw]
    # The first half is being near enough, the second being good enough.
    progress = _HALF * min(1.0, eyes / needed_px) + (_HALF if prompt is Prompt.LOOK_HERE else 0.0)
    return Screen(Stage.GUIDE, prompt, progress, face=_share(main.box, size))


def _share(box: Box, size: tuple[int, int]) -> Box:
    width, height = size
    return Box(box.x1 / width, box.y1 / height, box.x2 / width, box.y2 / height)
