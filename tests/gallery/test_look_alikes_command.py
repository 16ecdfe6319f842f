"""`edged people lookalikes` and `edged thresholds`, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edged.cli import main
from edged.vision.manifest import read_embedder
from tests.gallery.sample import directions, open_gallery, somebody, state_with_key, template


@pytest.fixture
def config(models_dir: Path, tmp_path: Path) -> Path:
    """A gallery of twelve people, of whom Anna and Ben look alike, and Cleo is enrolled twice; two doors."""
    path = tmp_path / "edged.yaml"
    doors = {"vault": {"kind": "v4l2", "target_fpir": 1e-5}, "gate": {"kind": "v4l2"}}
    path.write_text(
        json.dumps(
            {
                "device": {"state": str(tmp_path / "state")},
                "models": {"directory": str(models_dir)},
                "cameras": doors,
            }
        )
    )
    state_with_key(tmp_path / "state")
    model = read_embedder(models_dir, "sface-2021dec-int8").model
    gallery = open_gallery(tmp_path / "state" / "gallery.db", model)
    basis = np.linalg.qr(directions(1, model.dimension, model.dimension))[0].astype(np.float32)
    people = {
        "anna": basis[0],
        "ben": 0.48 * basis[0] + np.sqrt(1 - 0.48**2) * basis[1],
        "cleo": basis[2],
        "cleo again": 0.9 * basis[2] + np.sqrt(1 - 0.9**2) * basis[3],
    } | {f"p{number}": basis[number] for number in range(10, 18)}
    for photo, (key, face) in enumerate(people.items()):
        gallery.enroll(somebody(key, name=key.title()), [template(photo, face.astype(np.float32))])
    gallery.close()
    return path


def _json(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main([*words, "--json"]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_look_alikes_are_listed_with_what_they_mean(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = _json(capsys, "people", "lookalikes", "--config", str(config))
    pairs = [
        ({pair["one"]["customer_person_id"], pair["other"]["customer_person_id"]}, pair["similarity"], pair["same"])
        for pair in found["pairs"]
    ]
    assert pairs == [
        ({"cleo", "cleo again"}, pytest.approx(0.9, abs=1e-3), True),
        ({"anna", "ben"}, pytest.approx(0.48, abs=1e-3), False),
    ]
    assert main(["people", "lookalikes", "--config", str(config)]) == 0
    heading, first, second = capsys.readouterr().out.splitlines()
    assert heading.startswith("WHO")
    assert "Cleo" in first
    assert "probably one person" in first
    assert "look alike" in second


def test_where_nobody_looks_alike_it_says_so(
    models_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "edged.yaml"
    path.write_text(
        json.dumps({"device": {"state": str(tmp_path / "state")}, "models": {"directory": str(models_dir)}})
    )
    assert main(["people", "lookalikes", "--config", str(path)]) == 0
    assert "None of 0 people" in capsys.readouterr().out


def test_each_door_says_what_it_asks_for_and_what_that_rests_on(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = _json(capsys, "thresholds", "--config", str(config))
    assert found["gallery"] == {"people": 12, "templates": 12, "comparisons": 12.0, "look_alikes": 2}
    vault, gate, elsewhere = found["doors"]
    assert [door["door"] for door in found["doors"]] == ["vault", "gate", None]
    assert (vault["target_fpir"], gate["target_fpir"]) == (1e-5, 1e-3)
    assert vault["threshold"] > gate["threshold"] == elsewhere["threshold"]
    assert gate["low"] < gate["threshold"] < gate["high"]
    assert "12 people cannot show" in gate["warning"]
    assert main(["thresholds", "--config", str(config)]) == 0
    text = capsys.readouterr().out
    assert "vault" in text
    assert "warning: 12 people" in text


def test_a_fixed_threshold_is_named_as_such(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(config.read_text())
    config.write_text(json.dumps(document | {"decision": {"threshold": 0.6}}))
    vault, gate, _ = _json(capsys, "thresholds", "--config", str(config))["doors"]
    assert (gate["threshold"], gate["basis"], gate["target_fpir"]) == (0.6, "fixed by decision.threshold", None)
    assert vault["target_fpir"] == 1e-5, "a door's own target comes before a threshold for all"


@pytest.mark.parametrize("words", [["thresholds"], ["people", "lookalikes"]])
def test_help(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        main([*words, "--help"])
    assert leaving.value.code == 0
    assert "Examples" in capsys.readouterr().out
