"""Whether eyes are to be seen; how often that is right is measured on photographs that are not in this repository."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from edged.domain.frame import Image
from edged.vision.align import KEEPSAKE_LANDMARKS
from edged.vision.eyes import eyes_covered
from edged.vision.sight import Sight


@pytest.fixture
def kept(sight: Sight, astronaut: Image) -> Image:
    return sight.keepsake(astronaut, sight.detect(astronaut)[0])


def _dark_glasses(kept: Image) -> Image:
    for x, y in KEEPSAKE_LANDMARKS[:2].astype(int).tolist():
        cv2.ellipse(kept, (x, y + 2), (17, 13), 0, 0, 360, (30, 24, 22), -1, cv2.LINE_AA)
    return kept


def _bar(kept: Image) -> Image:
    kept[64:90, 40:122] = 170
    return kept


def _hand(kept: Image) -> Image:
    kept[62:92, 36:126] = np.median(kept[96:104, 50:64], axis=(0, 1))
    return kept


@pytest.mark.parametrize("cover", [_dark_glasses, _bar, _hand])
def test_whatever_lies_over_both_eyes_is_found(kept: Image, cover: Callable[[Image], Image]) -> None:
    assert eyes_covered(cover(kept.copy()))


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
def test_open_eyes_are_seen_in_any_light(kept: Image, gamma: float) -> None:
    lit = (255 * (kept / 255.0) ** gamma).astype(np.uint8)
    assert not eyes_covered(lit)


def test_a_soft_picture_is_not_taken_for_covered_eyes(kept: Image) -> None:
    assert not eyes_covered(np.asarray(cv2.GaussianBlur(kept, (0, 0), 1.5), np.uint8))
