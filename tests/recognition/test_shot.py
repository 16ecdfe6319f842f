"""The best picture of a face."""

from __future__ import annotations

import numpy as np
import pytest

from edged.domain.face import Box, Flaw, Quality
from edged.domain.frame import Frame, Moment
from edged.recognition.shot import improve

_FRAME = Frame("door", 0, Moment(1000.0, 0.0), np.random.default_rng(1).integers(0, 255, (1080, 1920, 3), np.uint8))


def _quality(score: float) -> Quality:
    return Quality(40, 100, 0, 0, 120, 40, score)


@pytest.mark.parametrize(
    ("box", "size"),
    [
        (Box(900, 500, 1000, 620), (200, 240)),
        (Box(900, 300, 1300, 780), (400, 480)),
        (Box(0, 0, 100, 120), (150, 180)),
        (Box(1870, 1000, 1970, 1120), (100, 140)),
        (Box(-500, -400, -400, -280), (1, 1)),
        (Box(2500, 2000, 2600, 2120), (1, 1)),
        (Box(500.4, 500.4, 500.5, 500.5), (1, 1)),
    ],
)
def test_the_face_with_as_much_again_around_it(box: Box, size: tuple[int, int]) -> None:
    shot = improve(None, _FRAME, box, _quality(0.5), None)
    assert shot.picture.shape == (size[1], size[0], 3)
    assert not np.shares_memory(shot.picture, _FRAME.image)
    assert (shot.box, shot.taken) == (box, _FRAME.at)


def test_the_better_one_is_kept_and_any_good_one_is_better_than_a_flawed_one() -> None:
    box = Box(900, 500, 1000, 620)
    flawed = improve(None, _FRAME, box, _quality(0.9), Flaw.CUT_OFF)
    good = improve(flawed, _FRAME, box, _quality(0.3), None)
    assert good is not flawed
    assert improve(good, _FRAME, box, _quality(0.9), Flaw.CUT_OFF) is good
    assert improve(good, _FRAME, box, _quality(0.3), None) is good
    assert improve(good, _FRAME, box, _quality(0.31), None) is not good
