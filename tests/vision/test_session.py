from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import yaml

from edged.config.document import ModelSettings
from edged.domain.errors import Corrupt
from edged.vision.manifest import read_manifest
from edged.vision.session import open_session
from tests.vision.small_models import EMBEDDING, arcface


def test_outputs_come_in_the_manifests_order(models_dir: Path) -> None:
    manifest = read_manifest(models_dir, "yunet-2023mar")
    swapped = manifest.model_copy(update={"outputs": ("kps_8", "cls_32")})
    session = open_session(swapped, models_dir, ModelSettings())
    points, classes = session.run(np.zeros((1, 3, 64, 96), np.float32))
    assert points.shape == (1, 8 * 12, 10)
    assert classes.shape == (1, 2 * 3, 1)


def test_what_is_missing_becomes_a_note_and_the_processor_does_the_work(tmp_path: Path) -> None:
    manifest = read_manifest(tmp_path, arcface(tmp_path))
    settings = ModelSettings(providers=("tensorrt", "cuda", "openvino", "cpu"))
    session = open_session(manifest, tmp_path, settings)
    here = " ".join(onnxruntime.get_available_providers()).lower()
    for name in ("tensorrt", "cuda", "openvino"):
        assert any(name in note for note in session.notes) or name in here
    assert not any("cpu" in note for note in session.notes)
    assert session.run(np.zeros((2, 3, 112, 112), np.float32))[0].shape == (2, EMBEDDING)


def test_a_missing_edge_tpu_becomes_a_note_and_the_processor_does_the_work(models_dir: Path, tmp_path: Path) -> None:
    manifest = read_manifest(models_dir, "blazeface-short-range")
    session = open_session(manifest, models_dir, ModelSettings(edgetpu=tmp_path / "libedgetpu.so.1"))
    assert len(session.notes) == 1
    assert "libedgetpu.so.1" in session.notes[0]
    boxes, scores = session.run(np.zeros((1, 128, 128, 3), np.float32))
    assert (boxes.shape, scores.shape) == ((1, 896, 16), (1, 896, 1))


@pytest.mark.parametrize(("name", "suffix"), [("yunet-2023mar", "onnx"), ("blazeface-short-range", "tflite")])
def test_a_file_that_is_no_model_is_corrupt_even_with_the_right_digest(
    models_dir: Path, tmp_path: Path, name: str, suffix: str
) -> None:
    content = b"this is no model" * 10
    (tmp_path / f"{name}.{suffix}").write_bytes(content)
    manifest = read_manifest(models_dir, name).model_copy(update={"sha256": hashlib.sha256(content).hexdigest()})
    with pytest.raises(Corrupt, match=name):
        open_session(manifest, tmp_path, ModelSettings())


@pytest.mark.parametrize("name", ["yunet-2023mar", "blazeface-short-range"])
def test_an_output_that_the_model_lacks_is_named(models_dir: Path, name: str) -> None:
    manifest = read_manifest(models_dir, name).model_copy(update={"outputs": ("cls_8", "wings")})
    with pytest.raises(Corrupt, match="wings"):
        open_session(manifest, models_dir, ModelSettings())


def test_an_input_that_the_model_does_not_take_is_corrupt_not_a_crash(tmp_path: Path) -> None:
    session = open_session(read_manifest(tmp_path, arcface(tmp_path)), tmp_path, ModelSettings())
    with pytest.raises(Corrupt, match="small-arcface"):
        session.run(np.zeros((1, 3, 7, 7), np.float32))


def test_only_the_runtime_that_is_needed_is_imported(tmp_path: Path) -> None:
    name = arcface(tmp_path)
    assert yaml.safe_load((tmp_path / f"{name}.yaml").read_text())["runtime"] == "onnx"
    script = (
        "import sys; from pathlib import Path; from edged.config.document import ModelSettings; "
        "from edged.vision.manifest import read_manifest; from edged.vision.session import open_session; "
        f"d = Path({str(tmp_path)!r}); open_session(read_manifest(d, {name!r}), d, ModelSettings()); "
        "print([m for m in ('ai_edge_litert', 'onnx') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
