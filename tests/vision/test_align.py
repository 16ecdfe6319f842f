from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edged.vision.align import align, similarity_transform

TEMPLATE = np.array([[38.3, 51.7], [73.5, 51.5], [56.0, 71.7], [41.5, 92.4], [70.7, 92.2]], np.float32)


@given(
    angle=st.floats(-np.pi, np.pi),
    scale=st.floats(0.05, 20),
    x=st.floats(-2000, 2000),
    y=st.floats(-2000, 2000),
)
def test_a_turned_scaled_shifted_face_comes_back_exactly(angle: float, scale: float, x: float, y: float) -> None:
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    landmarks = TEMPLATE @ np.array([[cos, sin], [-sin, cos]]) + [x, y]
    matrix = similarity_transform(landmarks, TEMPLATE)
    np.testing.assert_allclose(landmarks @ matrix[:, :2].T + matrix[:, 2], TEMPLATE, atol=1e-4)


@given(st.lists(st.tuples(st.floats(0, 500), st.floats(0, 500)), min_size=5, max_size=5, unique=True))
def test_it_never_mirrors_and_never_bends(points: list[tuple[float, float]]) -> None:
    landmarks = np.array(points, np.float32)
    if np.ptp(landmarks, axis=0).max() < 1e-3:
        return
    linear = similarity_transform(landmarks, TEMPLATE)[:, :2]
    assert np.linalg.det(linear) >= 0
    np.testing.assert_allclose(linear @ linear.T, np.eye(2) * np.linalg.det(linear), atol=1e-6)


def test_a_mirrored_face_is_not_mirrored_back() -> None:
    mirrored = TEMPLATE * [-1, 1]
    assert np.linalg.det(similarity_transform(mirrored.astype(np.float32), TEMPLATE)[:, :2]) > 0


def test_the_landmarks_land_on_the_template() -> None:
    image = np.zeros((480, 640, 3), np.uint8)
    landmarks = (TEMPLATE * 2 + [200, 100]).round().astype(np.float32)
    for x, y in landmarks.astype(int):
        image[y - 2 : y + 3, x - 2 : x + 3] = 255
    crop = align(image, landmarks, TEMPLATE, (112, 112))
    assert crop.shape == (112, 112, 3)
    assert crop.dtype == np.uint8
    for x, y in TEMPLATE.round().astype(int):
        assert crop[y, x].min() > 128
    assert crop.mean() < 15


def test_what_the_picture_does_not_show_is_black() -> None:
    image = np.full((50, 50, 3), 200, np.uint8)
    crop = align(image, TEMPLATE - 40, TEMPLATE, (112, 112))
    assert (crop[:30] == 0).all()
    assert (crop[60:80, 60:80] == 200).all()
    assert sorted(np.unique(image)) == [200], "the picture itself is left as it is"
