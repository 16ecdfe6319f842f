from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from edged.config.document import ModelSettings
from edged.domain.face import Face
from edged.domain.frame import Image
from edged.vision.detector import make_detector
from edged.vision.manifest import read_detector
from edged.vision.session import open_session
from edged.vision.sight import Sight, open_sight
from tests.vision.small_models import scrfd


@pytest.fixture(scope="module")
def blaze(model_settings: ModelSettings) -> Sight:
    return open_sight(model_settings.model_copy(update={"detector": "blazeface-short-range"}))


def _shifted(image: Image, down: int, right: int) -> Image:
    return np.asarray(cv2.copyMakeBorder(image, down, 0, right, 0, cv2.BORDER_CONSTANT), np.uint8)


@pytest.mark.parametrize("cut", [(slice(0, 512), slice(0, 512)), (slice(7, 300), slice(90, 437))])
def test_yunet_agrees_with_opencvs_own_decoder(
    models_dir: Path, sight: Sight, astronaut: Image, cut: tuple[slice, slice]
) -> None:
    image = np.ascontiguousarray(astronaut[cut])
    other = cv2.FaceDetectorYN.create(str(models_dir / "yunet-2023mar.onnx"), "", (0, 0), 0.6, 0.3)
    other.setInputSize((image.shape[1], image.shape[0]))
    ((x, y, width, height, *landmarks, score),) = other.detect(image)[1].tolist()
    (face,) = sight.detect(image)
    np.testing.assert_allclose(
        [face.box.x1, face.box.y1, face.box.width, face.box.height], [x, y, width, height], atol=0.01
    )
    np.testing.assert_allclose(face.landmarks.ravel(), landmarks, atol=0.01)
    assert face.score == pytest.approx(score, abs=1e-4)


def test_all_faces_are_found_the_most_certain_first_each_once(sight: Sight, astronaut: Image) -> None:
    head = astronaut[20:240, 110:330]
    row = np.hstack([head, cv2.GaussianBlur(head, (0, 0), 3), head[:, ::-1]])
    faces = sight.detect(row)
    assert len(faces) == 3
    assert [face.score for face in faces] == sorted((face.score for face in faces), reverse=True)
    assert sorted(int(face.box.centre[0] // 220) for face in faces) == [0, 1, 2]


def test_coordinates_are_the_pictures_whatever_the_scale(sight: Sight, astronaut: Image) -> None:
    (plain,) = sight.detect(astronaut)
    large = np.asarray(cv2.resize(astronaut, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC), np.uint8)
    (scaled,) = replace(sight, long_side=512).detect(large)
    np.testing.assert_allclose(scaled.landmarks / 3, plain.landmarks, atol=2)
    assert (
        scaled.box.iou(replace(plain.box, **{side: getattr(plain.box, side) * 3 for side in ("x1", "y1", "x2", "y2")}))
        > 0.9
    )


@pytest.mark.parametrize("shape", [(480, 640, 3), (5, 3, 3), (1, 1, 3), (1, 2000, 3)])
def test_an_empty_or_tiny_picture_has_no_face(sight: Sight, blaze: Sight, shape: tuple[int, int, int]) -> None:
    assert sight.detect(np.full(shape, 90, np.uint8)) == ()
    assert blaze.detect(np.full(shape, 90, np.uint8)) == ()


def test_the_picture_is_not_written_to(sight: Sight, astronaut: Image) -> None:
    before = astronaut.copy()
    sight.detect(astronaut)
    assert (astronaut == before).all()


@pytest.mark.parametrize(("down", "right"), [(0, 0), (100, 0), (0, 130)])
def test_blazeface_finds_the_same_face_as_yunet(
    sight: Sight, blaze: Sight, astronaut: Image, down: int, right: int
) -> None:
    image = _shifted(astronaut, down, right)
    (expected,) = sight.detect(image)
    (face,) = blaze.detect(image)
    eyes = float(np.hypot(*(expected.landmarks[1] - expected.landmarks[0])))
    assert face.box.iou(expected.box) > 0.5
    assert np.abs(face.landmarks - expected.landmarks).max() < 0.35 * eyes


def test_a_face_that_blazeface_found_is_recognised(sight: Sight, blaze: Sight, astronaut: Image) -> None:
    (one,), (other,) = sight.detect(astronaut), blaze.detect(astronaut)
    vectors = sight.embed([sight.crop(astronaut, one), blaze.crop(astronaut, other)])
    assert vectors[0] @ vectors[1] > 0.7


def _points(face: Face) -> list[list[float]]:
    return [[round(value, 3) for value in point] for point in face.landmarks.tolist()]


def _detector(settings: ModelSettings) -> Callable[[Image], tuple[Face, ...]]:
    manifest = read_detector(settings.directory, settings.detector)
    detector = make_detector(manifest, open_session(manifest, settings.directory, settings))
    return lambda image: detector.detect(image, settings.detect_long_side)


@pytest.mark.parametrize(("stride", "column", "row"), [(8, 5, 3), (16, 2, 7), (32, 4, 1)])
def test_scrfd_boxes_are_distances_from_the_cells_corner(
    model_settings: ModelSettings, tmp_path: Path, stride: int, column: int, row: int
) -> None:
    settings = model_settings.model_copy(update={"directory": tmp_path, "detector": scrfd(tmp_path)})
    detector = _detector(settings)
    image = np.zeros((200, 250, 3), np.uint8)
    x, y = column * stride, row * stride
    image[y : y + stride, x : x + stride] = 255
    largest = max(detector(image), key=lambda face: face.box.area)
    assert (largest.box.x1, largest.box.y1) == (x - stride, y - stride)
    assert (largest.box.x2, largest.box.y2) == (x + 2 * stride, y + 2 * stride)
    assert largest.score == pytest.approx(1.0)
    assert _points(largest) == [[x + k / 10 * stride, y + k / 5 * stride] for k in range(5)]
