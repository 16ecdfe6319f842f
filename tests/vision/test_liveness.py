"""A liveness model is read by its manifest, and sees the face in its surroundings."""

from __future__ import annotations

from pathlib import Path
from shutil import copyfile
from typing import Any

import numpy as np
import pytest

from edged.config.document import ModelSettings
from edged.domain.errors import Corrupt, Unavailable
from edged.domain.face import Box, Face
from edged.domain.frame import Image
from edged.vision.build.builder import build_models
from edged.vision.build.source import Sources
from edged.vision.liveness import LivenessModel, square
from edged.vision.manifest import read_embedder, read_liveness, read_manifest
from edged.vision.session import open_session
from edged.vision.shelf import shelf
from edged.vision.sight import open_sight
from edged.vision.trial import try_model
from tests.vision.small_models import arcface, liveness


def _model(folder: Path, **changes: Any) -> LivenessModel:
    manifest = read_liveness(folder, liveness(folder, **changes))
    return LivenessModel(manifest, open_session(manifest, folder, ModelSettings()))


def _face(x: float, y: float, side: float) -> Face:
    return Face(Box(x, y, x + side, y + side), 1.0, np.zeros((5, 2), np.float32))


def _half_bright() -> Image:
    """Black on the left, white on the right."""
    image = np.zeros((240, 320, 3), np.uint8)
    image[:, 160:] = 255
    return image


def test_each_face_has_its_score(tmp_path: Path) -> None:
    scores = _model(tmp_path).score(_half_bright(), [_face(60, 100, 40), _face(220, 100, 40), _face(140, 100, 40)])
    expected = [1 / (1 + np.exp(4)), 1 / (1 + np.exp(-4)), 0.5]
    np.testing.assert_allclose(scores, expected, atol=0.02)
    assert scores.dtype == np.float32


@pytest.mark.parametrize(("activation", "expected"), [("sigmoid", 1 / (1 + np.exp(-4))), ("none", 1.0)])
def test_other_ways_to_a_probability(tmp_path: Path, activation: str, expected: float) -> None:
    (score,) = _model(tmp_path, activation=activation).score(_half_bright(), [_face(220, 100, 40)])
    assert score == pytest.approx(expected, abs=1e-3)


def test_nobody_has_no_score(tmp_path: Path) -> None:
    assert _model(tmp_path).score(_half_bright(), []).shape == (0,)


def test_more_faces_than_fit_into_one_run(tmp_path: Path) -> None:
    faces = [_face(220 if number % 2 else 60, 100, 40) for number in range(11)]
    scores = _model(tmp_path).score(_half_bright(), faces)
    assert [bool(score > 0.5) for score in scores] == [bool(number % 2) for number in range(11)]


def test_a_place_that_the_output_does_not_have(tmp_path: Path) -> None:
    with pytest.raises(Corrupt, match="2 outputs a face, and none numbered 5"):
        _model(tmp_path, live=5).score(_half_bright(), [_face(60, 100, 40)])


@pytest.mark.parametrize(
    "box",
    [Box(-40, -40, 20, 20), Box(300, 220, 380, 300), Box(-900, 0, -800, 100), Box(5, 5, 5, 5), Box(-50, -50, 400, 400)],
)
def test_a_cut_beyond_the_picture_is_black_there(box: Box) -> None:
    cut = square(np.full((240, 320, 3), 200, np.uint8), box, 2.0, (80, 80))
    assert cut.shape == (80, 80, 3)
    side = max(1.0, box.width * 2)
    x, y = box.centre
    wide = max(0.0, min(320, x + side / 2) - max(0.0, x - side / 2)) / side
    high = max(0.0, min(240, y + side / 2) - max(0.0, y - side / 2)) / side
    assert (cut > 100).mean() == pytest.approx(wide * high, abs=0.03)


def test_a_cut_has_the_face_in_its_middle() -> None:
    image = np.zeros((240, 320, 3), np.uint8)
    image[100:140, 60:100] = 255
    cut = square(image, Box(60, 100, 100, 140), 2.0, (80, 80))
    assert cut[25:55, 25:55].min() == 255
    assert cut[:15].max() == cut[:, :15].max() == cut[65:].max() == cut[:, 65:].max() == 0


def test_it_is_loaded_where_it_is_configured_and_nowhere_else(models_dir: Path, tmp_path: Path) -> None:
    for path in models_dir.iterdir():
        if path.is_file():
            copyfile(path, tmp_path / path.name)
    name = liveness(tmp_path)
    assert open_sight(ModelSettings(directory=tmp_path)).liveness is None
    settings = ModelSettings(directory=tmp_path, liveness=name)
    model = open_sight(settings).liveness
    assert model is not None
    assert model.threshold == 0.6
    assert [item.manifest.name for item in shelf(settings) if item.manifest.role == "liveness" and item.in_use] == [
        name
    ]


def test_another_kind_of_model_is_none_for_liveness(tmp_path: Path) -> None:
    with pytest.raises(Corrupt, match=r"none for liveness.* embedder"):
        read_liveness(tmp_path, arcface(tmp_path))
    with pytest.raises(Corrupt):
        read_embedder(tmp_path, liveness(tmp_path))


@pytest.mark.parametrize("change", [{"threshold": 1.5}, {"scale": 0}, {"live": -1}, {"outputs": ["a", "b"]}, {"x": 1}])
def test_a_manifest_that_makes_no_sense(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(Corrupt):
        read_manifest(tmp_path, liveness(tmp_path, **change))


def test_it_is_tried_and_not_built(tmp_path: Path) -> None:
    manifest = read_manifest(tmp_path, liveness(tmp_path))
    assert try_model(manifest, tmp_path, ModelSettings()).milliseconds > 0
    sources = Sources(cache=tmp_path / "cache", given=None)
    assert build_models([manifest], tmp_path, sources, lambda doing, share: None) == ()
    (tmp_path / manifest.file).unlink()
    with pytest.raises(Unavailable, match="no command makes it"):
        build_models([manifest], tmp_path, sources, lambda doing, share: None)
