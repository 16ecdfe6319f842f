from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from edged.config.document import ModelSettings
from edged.domain.errors import Corrupt, Unavailable
from edged.vision.manifest import manifest_names, read_detector, read_embedder, read_manifest, verified_file
from edged.vision.sight import open_sight
from tests.vision.small_models import arcface, scrfd


def test_a_missing_directory_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no model manifest in") as caught:
        manifest_names(tmp_path / "nowhere")
    assert "models.directory" in caught.value.remedy


def test_an_unknown_name_lists_those_there_are(tmp_path: Path) -> None:
    arcface(tmp_path, "one")
    arcface(tmp_path, "two")
    with pytest.raises(Unavailable, match="no model named three") as caught:
        read_manifest(tmp_path, "three")
    assert "one, two" in caught.value.remedy


def test_the_role_is_the_manifests_and_a_model_in_the_wrong_place_is_refused(tmp_path: Path) -> None:
    embedder, detector = arcface(tmp_path), scrfd(tmp_path)
    with pytest.raises(Corrupt, match=f"{embedder} is no detector"):
        read_detector(tmp_path, embedder)
    with pytest.raises(Corrupt, match=f"{detector} is no embedder"):
        read_embedder(tmp_path, detector)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"dimension": "many"}, "dimension"),
        ({"anchors": 3}, "anchors"),
        ({"template": [[1, 2]]}, "template"),
        ({"file": "../elsewhere.onnx"}, "file"),
        ({"sha256": "abc"}, "sha256"),
        ({"role": "oracle"}, "oracle"),
        ({"input": {"layout": "nchw", "colour": "rgb", "mean": 0, "std": 1}}, "fixed width and height"),
        (
            {
                "curve": {
                    "measured_on": "x",
                    "points": [{"far": 0.01, "cosine": 0.4}, {"far": 0.1, "cosine": 0.5}],
                    "slope": 1,
                    "intercept": 0,
                }
            },
            "rates fall",
        ),
    ],
)
def test_a_wrong_manifest_says_what_is_wrong(tmp_path: Path, change: dict[str, Any], complaint: str) -> None:
    name = arcface(tmp_path, **change)
    with pytest.raises(Corrupt, match=complaint):
        read_manifest(tmp_path, name)


def test_a_file_that_is_no_yaml_or_calls_itself_otherwise_is_refused(tmp_path: Path) -> None:
    (tmp_path / "noise.yaml").write_bytes(b"\x00\xff: [")
    with pytest.raises(Corrupt, match="noise"):
        read_manifest(tmp_path, "noise")
    arcface(tmp_path, "honest")
    shutil.copy(tmp_path / "honest.yaml", tmp_path / "liar.yaml")
    with pytest.raises(Corrupt, match="calls itself honest"):
        read_manifest(tmp_path, "liar")


def test_a_missing_and_a_damaged_model_are_refused_by_name_and_nothing_is_loaded(tmp_path: Path) -> None:
    embedder, detector = arcface(tmp_path), scrfd(tmp_path)
    settings = ModelSettings(directory=tmp_path, detector=detector, embedder=embedder)
    open_sight(settings)
    file = tmp_path / f"{embedder}.onnx"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(Corrupt, match=embedder) as damaged:
        open_sight(settings)
    file.unlink()
    with pytest.raises(Unavailable, match=f"{embedder} is not built") as missing:
        open_sight(settings)
    assert "edged models build" in damaged.value.remedy
    assert "edged models build" in missing.value.remedy


def test_a_file_with_the_right_digest_is_given_by_its_path(tmp_path: Path) -> None:
    name = arcface(tmp_path)
    assert verified_file(read_manifest(tmp_path, name), tmp_path) == tmp_path / f"{name}.onnx"
