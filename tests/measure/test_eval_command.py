"""`edged eval`, as it is typed, on a small photo set: one face, photographed by different cameras."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edged.cli import main
from edged.domain.frame import Image


@pytest.fixture(scope="module")
def photos(models_dir: Path, astronaut: Image, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Anna, twice; Ben, twice, once without a face; and Cleo, who looks like Anna and will be a stranger."""
    root = tmp_path_factory.mktemp("photos")
    (root / "edged.yaml").write_text(f"models: {{directory: {models_dir}}}", encoding="utf-8")
    head = astronaut[10:260, 100:350]
    other = np.asarray(cv2.resize(cv2.flip(astronaut[10:260, 130:310], 1), (250, 250)), np.uint8)
    blurred = np.asarray(cv2.GaussianBlur(head, (0, 0), 1), np.uint8)
    pictures = {
        "Anna/Anna_0001": head,
        "Anna/Anna_0002": blurred,
        "Ben/Ben_0001": other,
        "Ben/Ben_0002": np.zeros_like(head),
        "Cleo/Cleo_0001": (head * 0.8).astype(np.uint8),
    }
    for name, picture in pictures.items():
        path = root / "lfw" / f"{name}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), picture)
    (root / "strangers.txt").write_text("Cleo\n", encoding="utf-8")
    (root / "pairs.txt").write_text("2 1\nAnna 1 2\nAnna 1 Ben 1\nBen 1 2\nAnna 2 Ben 2\n", encoding="utf-8")
    return root


def _eval(capsys: pytest.CaptureFixture[str], photos: Path, *words: str) -> tuple[int, dict[str, Any]]:
    config = str(photos / "edged.yaml")
    code = main(["eval", *words, "--images", str(photos / "lfw"), "--json", "--config", config])
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, document


def test_verification(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["sface-2021dec-f32", "sface-2021dec-int8"]
    models = [word for name in names for word in ("--model", name)]
    page = photos / "page.md"
    code, document = _eval(
        capsys, photos, "verification", "--pairs", str(photos / "pairs.txt"), *models, "--write", str(page)
    )
    assert code == 0
    assert [model["name"] for model in document["models"]] == names
    for model in document["models"]:
        assert (model["photos"], model["detected"]) == (4, 3)
        assert 0 <= model["accuracy"] <= 1
        assert len(model["folds"]) == 2
    assert document["models"][0]["loss_to_first"] == 0
    assert all(name in page.read_text() for name in (*names, "## Verification", "75.00%"))


def test_identification_names_the_strangers_it_accepts(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    strangers = str(photos / "strangers.txt")
    code, document = _eval(capsys, photos, "identification", "--strangers", strangers)
    (model,) = document["models"]
    assert code == 0
    assert (model["enrolled"], model["probes"], model["strangers"], model["photos_without_face"]) == (2, 1, 1, 1)
    assert [(match["stranger"], match["taken_for"]) for match in model["accepted"]] == [("Cleo", "Anna")]
    assert model["fnir"] == 0
    assert model["reliability"]["error"] > 0.3, "half of the answers are wrong, and sure of themselves"


def test_a_stranger_with_another_name_is_none(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    aliases = photos / "aliases.txt"
    aliases.write_text("Anna Cleo\n", encoding="utf-8")
    strangers = photos / "strangers.txt"
    code, document = _eval(capsys, photos, "identification", "--strangers", str(strangers), "--aliases", str(aliases))
    assert code == 1
    assert document["error"]["reason"] == "too_few_photos"


def test_the_diagrams_are_drawn(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    strangers = str(photos / "strangers.txt")
    code, _ = _eval(capsys, photos, "identification", "--strangers", strangers, "--out", str(photos / "out"))
    assert code == 0
    for name in ("fnir-fpir.png", "reliability.png"):
        picture = cv2.imread(str(photos / "out" / name))
        assert picture is not None
        assert picture.std() > 10


def test_without_matplotlib_it_says_what_to_install(
    photos: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    strangers = str(photos / "strangers.txt")
    code, document = _eval(capsys, photos, "identification", "--strangers", strangers, "--out", str(photos))
    assert code == 1
    assert "edged[bench]" in document["error"]["remedy"]


def test_a_curve_needs_more_photographs_than_these(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, document = _eval(capsys, photos, "curve", "--without", str(photos / "strangers.txt"))
    assert code == 1
    assert document["error"]["reason"] == "too_few_pairs"


def test_targets_need_more_people_than_these(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, document = _eval(capsys, photos, "thresholds")
    assert code == 1
    assert document["error"]["reason"] == "too_few_people"
