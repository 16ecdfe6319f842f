from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edged.config.document import ModelSettings
from edged.domain.frame import Image
from edged.vision.embedder import Embedder
from edged.vision.manifest import read_embedder
from edged.vision.session import open_session
from edged.vision.sight import Sight
from tests.vision.small_models import EMBEDDING, arcface, arcface_weights


@pytest.fixture(scope="module")
def crops(sight: Sight, astronaut: Image) -> list[Image]:
    """Ten different views of one face."""
    (face,) = sight.detect(astronaut)
    crop = sight.crop(astronaut, face)
    turned = [
        cv2.warpAffine(crop, cv2.getRotationMatrix2D((56, 60), angle, 1), (112, 112)) for angle in range(-9, 7, 2)
    ]
    return [crop, crop[:, ::-1].copy(), *(np.asarray(image, np.uint8) for image in turned)]


def test_a_batch_gives_what_each_crop_gives_alone(sight: Sight, crops: list[Image]) -> None:
    together = sight.embed(crops)
    alone = np.concatenate([sight.embed([crop]) for crop in crops])
    assert together.shape == (10, 128)
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_rows_have_length_one_and_are_different(sight: Sight, crops: list[Image]) -> None:
    vectors = sight.embed(crops)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert len(np.unique(vectors.round(4), axis=0)) == len(crops)


def test_no_crops_give_no_rows(sight: Sight) -> None:
    assert sight.embed([]).shape == (0, 128)


def test_one_person_is_alike_and_no_person_is_not(sight: Sight, crops: list[Image]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (112, 112, 3), np.uint8)
    vectors = sight.embed([*crops, noise])
    assert (vectors[1:-1] @ vectors[0]).min() > 0.6
    assert vectors[-1] @ vectors[0] < 0.3


def test_eight_bits_see_what_floats_see(model_settings: ModelSettings, sight: Sight, crops: list[Image]) -> None:
    manifest = read_embedder(model_settings.directory, "sface-2021dec-f32")
    exact = Embedder(manifest, open_session(manifest, model_settings.directory, model_settings))
    cosines = (exact.embed(crops) * sight.embed(crops)).sum(axis=1)
    assert cosines.min() > 0.96
    assert exact.model != sight.model


def test_an_arcface_model_is_read_by_its_manifest(tmp_path: Path, astronaut: Image) -> None:
    manifest = read_embedder(tmp_path, arcface(tmp_path))
    embedder = Embedder(manifest, open_session(manifest, tmp_path, ModelSettings()))
    crops = [np.ascontiguousarray(astronaut[60:172, left : left + 112]) for left in (150, 190)]
    rgb = (np.stack(crops)[..., ::-1].astype(np.float64) - 127.5) / 127.5
    pooled = rgb.transpose(0, 3, 1, 2).reshape(2, 3, 4, 28, 4, 28).mean(axis=(3, 5)).reshape(2, 48)
    expected = pooled @ arcface_weights().T
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(embedder.embed(crops), expected, atol=1e-4)
    assert (embedder.model.name, embedder.model.dimension) == ("small-arcface", EMBEDDING)
    assert embedder.curve.points == ((0.1, 0.2), (0.01, 0.4))
