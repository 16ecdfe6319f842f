"""What the recogniser relies on in a `Sight`: the staged one of these tests keeps it, and so does the real one."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from edged.domain.curve import Curve
from edged.domain.frame import Image
from edged.recognition.recognizer import Sight
from tests.recognition.stage import Figure, StagedSight

_Case = tuple[Sight, Image]


def _staged(_: pytest.FixtureRequest) -> _Case:
    sight = StagedSight()
    sight.figures = Figure(1, 150, score=0.8), Figure(2, 400, size=140)
    return sight, np.zeros((480, 640, 3), np.uint8)


def _real(request: pytest.FixtureRequest) -> _Case:
    astronaut: Image = request.getfixturevalue("astronaut")
    smaller = cv2.resize(astronaut, None, fx=0.75, fy=0.75)
    picture = np.zeros((512, 1024, 3), np.uint8)
    picture[:, :512] = astronaut
    picture[: smaller.shape[0], 600 : 600 + smaller.shape[1]] = smaller[:, ::-1]
    picture.flags.writeable = False
    return request.getfixturevalue("sight"), picture


@pytest.fixture(params=[_staged, _real], ids=["staged", "real"])
def case(request: pytest.FixtureRequest) -> _Case:
    make: Callable[[pytest.FixtureRequest], _Case] = request.param
    return make(request)


def test_faces_are_found_the_most_certain_first(case: _Case) -> None:
    sight, picture = case
    faces = sight.detect(picture)
    assert len(faces) == 2
    assert [face.score for face in faces] == sorted((face.score for face in faces), reverse=True)
    for face in faces:
        assert 0 < face.score <= 1
        assert face.landmarks.shape == (5, 2)
        assert face.landmarks.dtype == np.float32
        (left_eye, right_eye, nose, left_mouth, right_mouth) = face.landmarks
        assert face.box.x1 < left_eye[0] < right_eye[0] < face.box.x2
        assert face.box.y1 < left_eye[1] < nose[1] < left_mouth[1] < face.box.y2
        assert left_mouth[0] < right_mouth[0]


def test_a_crop_is_a_picture_of_its_own(case: _Case) -> None:
    sight, picture = case
    face = sight.detect(picture)[0]
    crop = sight.crop(picture, face)
    assert crop.shape == (112, 112, 3)
    assert crop.dtype == np.uint8
    assert crop.flags.writeable
    assert not np.shares_memory(crop, picture)
    assert np.array_equal(crop, sight.crop(picture, face))


def test_embeddings_are_unit_vectors_in_the_order_of_the_crops(case: _Case) -> None:
    sight, picture = case
    crops = [sight.crop(picture, face) for face in sight.detect(picture)]
    together = sight.embed(crops)
    assert together.shape == (2, sight.model.dimension)
    assert together.dtype == np.float32
    assert np.linalg.norm(together, axis=1) == pytest.approx([1, 1], abs=1e-5)
    alone = np.concatenate([sight.embed([crop]) for crop in crops])
    assert np.allclose(together, alone, atol=1e-4)
    assert np.allclose(sight.embed(crops[::-1]), together[::-1], atol=1e-4)
    assert not np.allclose(together[0], together[1], atol=0.05)
    assert sight.embed([]).shape == (0, sight.model.dimension)


def test_an_empty_picture_has_no_faces(case: _Case) -> None:
    sight, picture = case
    if isinstance(sight, StagedSight):
        sight.figures = ()
    assert len(sight.detect(np.zeros_like(picture))) == 0


def test_its_model_is_named_and_its_curve_measured(case: _Case) -> None:
    sight, _ = case
    assert len(sight.model.digest) == 64
    assert isinstance(sight.curve, Curve)
    assert 0 < sight.curve.cosine_at(1e-3) < 0.95
