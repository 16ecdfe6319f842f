from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from edged.config.document import QualitySettings
from edged.domain.face import Box, Face, Flaw, Quality
from edged.domain.frame import Image
from edged.vision.quality import find_flaw, measure
from edged.vision.sight import Sight

FRONTAL = np.array([[100, 100], [140, 100], [120, 120], [104, 144], [136, 144]], np.float32)
CROP = np.random.default_rng(2).integers(60, 190, (112, 112, 3), np.uint8)


def _judge(sight: Sight, image: Image) -> tuple[Quality, Flaw | None]:
    face = sight.detect(image)[0]
    quality = measure(face, sight.crop(image, face))
    return quality, find_flaw(quality, face, image.shape, QualitySettings())


def _pose(landmarks: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> tuple[float, float]:
    quality = measure(Face(Box(0, 0, 200, 200), 0.9, landmarks), CROP)
    return quality.yaw, quality.pitch


def _moved(dx: float, dy: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    landmarks = FRONTAL.copy()
    landmarks[2] += (dx, dy)
    return landmarks


def test_a_good_photograph_passes(sight: Sight, astronaut: Image) -> None:
    quality, flaw = _judge(sight, astronaut)
    assert flaw is None
    assert quality.size == pytest.approx(47, abs=2)
    assert abs(quality.yaw) < 0.3
    assert abs(quality.pitch) < 0.3
    assert 0.8 < quality.score <= 1


@pytest.mark.parametrize(
    ("spoil", "flaw"),
    [
        (lambda image: cv2.resize(image, None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA), Flaw.TOO_SMALL),
        (lambda image: cv2.GaussianBlur(image, (0, 0), 5), Flaw.BLURRED),
        (lambda image: (image * 0.12).astype(np.uint8), Flaw.TOO_DARK),
        (lambda image: (220 + image * 0.13).astype(np.uint8), Flaw.TOO_BRIGHT),
        (lambda image: (110 + image * 0.08).astype(np.uint8), Flaw.LOW_CONTRAST),
        (lambda image: image[:, 222:], Flaw.CUT_OFF),
    ],
)
def test_a_spoilt_photograph_is_refused_with_the_reason(
    sight: Sight, astronaut: Image, spoil: object, flaw: Flaw
) -> None:
    assert callable(spoil)
    spoilt = np.ascontiguousarray(spoil(astronaut), np.uint8)
    (face,) = sight.detect(astronaut)
    if flaw is Flaw.CUT_OFF:
        quality = measure(face, sight.crop(astronaut, face))
        moved = replace(face, box=face.box.moved(-222, 0), landmarks=face.landmarks - np.array([222, 0], np.float32))
        assert find_flaw(quality, moved, spoilt.shape, QualitySettings()) is flaw
    elif flaw is Flaw.TOO_SMALL:
        assert _judge(sight, spoilt)[1] is flaw
    else:
        quality = measure(face, sight.crop(spoilt, face))
        assert find_flaw(quality, face, spoilt.shape, QualitySettings()) is flaw
        assert quality.score < _judge(sight, astronaut)[0].score


def test_yaw_and_pitch_have_the_sign_of_the_turn() -> None:
    assert _pose(FRONTAL)[0] == pytest.approx(0, abs=1e-6)
    assert _pose(_moved(9, 0))[0] == pytest.approx(0.5)
    assert _pose(_moved(-9, 0))[0] == pytest.approx(-0.5)
    assert _pose(_moved(18, 0))[0] == pytest.approx(1.0)
    assert _pose(_moved(0, -11))[1] > 0.4, "the nose near the eyes: looking up"
    assert _pose(_moved(0, 11))[1] < -0.2, "the nose near the mouth: looking down"


@pytest.mark.parametrize("angle", [-90, -35, 20, 60, 180])
def test_a_head_on_its_side_is_not_turned_away(angle: float) -> None:
    radians = np.deg2rad(angle)
    turn = np.array([[np.cos(radians), np.sin(radians)], [-np.sin(radians), np.cos(radians)]])
    tilted = ((_moved(9, 5) - 120) @ turn + 120).astype(np.float32)
    np.testing.assert_allclose(_pose(tilted), _pose(_moved(9, 5)), atol=1e-4)


@pytest.mark.parametrize(("dx", "dy"), [(20, 0), (-20, 0), (0, -20), (0, 22)])
def test_a_face_turned_away_is_refused(dx: float, dy: float) -> None:
    face = Face(Box(80, 60, 160, 170), 0.9, _moved(dx, dy))
    assert find_flaw(measure(face, CROP), face, (300, 300, 3), QualitySettings()) is Flaw.TURNED_AWAY


def test_landmarks_in_one_place_are_turned_away_not_an_error() -> None:
    face = Face(Box(80, 60, 160, 170), 0.9, np.full((5, 2), 100, np.float32))
    quality = measure(face, CROP)
    assert quality.score == 0
    assert find_flaw(quality, face, (300, 300, 3), QualitySettings(min_eye_distance=4)) is Flaw.TOO_SMALL
    assert abs(quality.yaw) > QualitySettings().max_yaw


def test_sharper_larger_straighter_scores_higher() -> None:
    face = Face(Box(80, 60, 160, 170), 0.9, FRONTAL)
    best = measure(face, CROP).score
    assert measure(face, np.asarray(cv2.GaussianBlur(CROP, (0, 0), 3), np.uint8)).score < best
    assert measure(replace(face, landmarks=(FRONTAL / 3).astype(np.float32)), CROP).score < best
    assert measure(replace(face, landmarks=_moved(12, 0)), CROP).score < best
    assert measure(face, (CROP // 6).astype(np.uint8)).score < best
    assert measure(face, np.minimum(CROP.astype(int) * 2, 255).astype(np.uint8)).score < best
