"""Frame after frame of somebody who is to be enrolled."""

from __future__ import annotations

import cv2
import numpy as np

from edged.config.document import QualitySettings
from edged.domain.frame import Image
from edged.recognition.sitting import Sitting
from edged.vision.sight import Sight


def _worse(image: Image) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 1.2), np.uint8)


def test_it_says_what_is_wrong(sight: Sight, astronaut: Image) -> None:
    sitting = Sitting(sight, QualitySettings(), 2)
    assert "no face" in sitting.look(np.zeros_like(astronaut))
    assert "2 faces" in sitting.look(np.hstack([astronaut, astronaut]))
    assert "too dark" in sitting.look(cv2.convertScaleAbs(astronaut, alpha=0.15).astype(np.uint8))
    assert sitting.portraits == ()
    assert sitting.trouble


def test_the_better_of_two_frames_that_are_alike_is_kept(sight: Sight, astronaut: Image) -> None:
    sitting = Sitting(sight, QualitySettings(), 2)
    assert sitting.look(_worse(astronaut)).startswith("1 of 2")
    (worse,) = sitting.portraits
    assert sitting.look(astronaut).startswith("1 of 2")
    assert sitting.look(_worse(astronaut)).startswith("1 of 2")
    (better,) = sitting.portraits
    assert better.quality.score > worse.quality.score
    assert not sitting.complete


def test_a_frame_that_differs_is_one_more(sight: Sight, astronaut: Image) -> None:
    sitting = Sitting(sight, QualitySettings(), 2)
    sitting.look(astronaut)
    height, width = astronaut.shape[:2]
    turned = cv2.warpAffine(cv2.flip(astronaut, 1), np.array([[0.72, 0, 60], [0.05, 1, 0]]), (width, height))
    assert sitting.look(np.asarray(turned, np.uint8)) == "2 of 2"
    assert sitting.complete
