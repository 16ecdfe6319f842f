"""The manifests that are shipped."""

from __future__ import annotations

from pathlib import Path

import pytest

from edged.config.document import ModelSettings
from edged.vision.build.recipe import RECIPES
from edged.vision.manifest import (
    DetectorManifest,
    EmbedderManifest,
    LivenessManifest,
    manifest_names,
    read_manifest,
    verified_file,
)
from edged.vision.trial import try_model

FOLDER = Path(__file__).parents[2] / "models"
NAMES = manifest_names(FOLDER)


def test_the_defaults_are_among_them() -> None:
    defaults = ModelSettings()
    assert isinstance(read_manifest(FOLDER, defaults.detector), DetectorManifest)
    assert isinstance(read_manifest(FOLDER, defaults.embedder), EmbedderManifest)


@pytest.mark.parametrize("name", NAMES)
def test_each_says_whose_it_is_and_how_it_is_made(name: str) -> None:
    manifest = read_manifest(FOLDER, name)
    assert not isinstance(manifest, LivenessManifest), "no liveness model is shipped: none was measured to be good"
    assert manifest.licence.spdx in {"MIT", "Apache-2.0"}
    assert manifest.licence.stated_by
    assert manifest.source.startswith("https://")
    assert manifest.build.recipe in RECIPES
    assert manifest.build.ranges is None or (FOLDER / manifest.build.ranges).is_file()
    assert manifest.file == f"{name}.{'tflite' if manifest.runtime == 'litert' else 'onnx'}"


@pytest.mark.parametrize("name", NAMES)
def test_each_is_built_as_it_says_and_works(name: str, models_dir: Path) -> None:
    manifest = read_manifest(models_dir, name)
    assert manifest == read_manifest(FOLDER, name)
    assert verified_file(manifest, models_dir).is_file()
    assert try_model(manifest, models_dir, ModelSettings()).notes == ()


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("sface")])
def test_a_curve_reaches_the_rates_that_a_gallery_needs(name: str) -> None:
    manifest = read_manifest(FOLDER, name)
    assert isinstance(manifest, EmbedderManifest)
    curve = manifest.curve.value()
    assert curve.points[0][0] == 0.01
    assert curve.points[-1][0] <= 1e-5
    assert curve.cosine_at(6e-7) < 0.6
    assert curve.confidence(curve.points[-1][1]) > 0.95
    assert curve.confidence(0.1) < 0.01
