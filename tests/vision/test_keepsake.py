from __future__ import annotations

import numpy as np

from edged.domain.frame import Image
from edged.vision.align import KEEPSAKE_LANDMARKS, KEEPSAKE_SIZE, align, crop_of_keepsake
from edged.vision.sight import Sight


def test_a_keepsake_gives_the_very_crop_that_the_picture_gave(sight: Sight, astronaut: Image) -> None:
    (face,) = sight.detect(astronaut)

    kept = sight.keepsake(astronaut, face)

    assert kept.shape == (KEEPSAKE_SIZE[1], KEEPSAKE_SIZE[0], 3)
    difference = sight.crop_again(kept).astype(int) - sight.crop(astronaut, face).astype(int)
    assert np.abs(difference).max() <= 2
    again, first = sight.embed([sight.crop_again(kept), sight.crop(astronaut, face)])
    assert again @ first > 0.99


def test_a_keepsake_serves_an_embedder_with_another_template(sight: Sight, astronaut: Image) -> None:
    (face,) = sight.detect(astronaut)
    other = np.asarray((KEEPSAKE_LANDMARKS - 40) * 1.2, np.float32)

    again = crop_of_keepsake(sight.keepsake(astronaut, face), other, (96, 96))

    direct = align(astronaut, face.landmarks, other, (96, 96))
    assert np.abs(again.astype(int) - direct.astype(int)).mean() < 4
