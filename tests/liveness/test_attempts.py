"""`edged liveness test` on recordings: pictures of a face, made here, through the real detector."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edged.cli import main
from edged.domain.frame import Image
from edged.measure.liveness_ledger import Ledger, Setup, checked_label
from edged.measure.liveness_players import ReliefPlayer
from edged.measure.liveness_reliefs import bent
from edged.measure.liveness_view import Pose, Print, View
from edged.vision.sight import Sight
from tests.vision.small_models import liveness


@pytest.fixture(scope="module")
def portrait(sight: Sight, astronaut: Image) -> Print:
    (face,) = sight.detect(astronaut)
    return Print(astronaut, face.landmarks)


def _recorded(folder: Path, pictures: list[Image]) -> Path:
    folder.mkdir()
    for number, picture in enumerate(pictures):
        cv2.imwrite(str(folder / f"{number:04d}.png"), picture)
    return folder


def _still(portrait: Print) -> list[Image]:
    view = View(np.random.default_rng(1))
    return [view.flat(portrait, Pose()) for _ in range(12)]


def _turning(portrait: Print) -> list[Image]:
    """A photograph around a bottle, turned by 45 degrees: what the challenge is known to let through."""
    view, depth = View(np.random.default_rng(1)), bent(portrait, 0.75)
    angles = [*[0.0] * 8, *np.linspace(0, 45, 14), *[45.0] * 6]
    return [view.relief(portrait, depth, Pose(yaw=float(angle))) for angle in angles]


def _config(folder: Path, models: Path, **settings: object) -> Path:
    document = {
        "device": {"state": str(folder / "state")},
        "models": {"directory": str(models), **settings},
        "cameras": {"front": {"kind": "stills", "folder": str(folder)}},
        "access": {"doors": {"main": {"camera": "front"}}},
    }
    path = folder / "edged.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def _run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, dict[str, Any]]:
    code = main(["liveness", "test", *map(str, words), "--json"])
    document = json.loads(capsys.readouterr().out)
    assert isinstance(document, dict)
    return code, document


def test_attempts_add_up_and_the_report_goes_on(
    tmp_path: Path, models_dir: Path, portrait: Print, capsys: pytest.CaptureFixture[str]
) -> None:
    config, report = _config(tmp_path, models_dir), tmp_path / "front.json"
    still = _recorded(tmp_path / "still", _still(portrait))
    always = ("--config", config, "--door", "main", "--report", report)
    for label in ("bona_fide", "print", "print"):
        code, told = _run(capsys, *always, "--source", still, "--label", label, "--turns", "left")
        assert code == 0
    assert told["attempts"] == 3
    figures = told["figures"]
    assert figures["challenge"]["bona_fide"]["wrong"] == 1
    assert (figures["challenge"]["print"]["wrong"], figures["challenge"]["print"]["of"]) == (0, 2)
    assert figures["challenge"]["print"]["high"] == pytest.approx(0.8419, abs=1e-3)
    page = report.with_suffix(".md").read_text(encoding="utf-8")
    assert "APCER" in page
    assert "Too few to rely on" in page
    assert "none of 10 let through leaves a true rate of up to 31% possible" in page
    kept = json.loads(report.read_text(encoding="utf-8"))
    assert "landmarks" not in report.read_text(encoding="utf-8")
    assert [one["challenge"]["why"] for one in kept["attempts"]] == ["ended"] * 3
    assert list(tmp_path.rglob("*.jpg")) == []


def test_a_turn_that_is_seen_passes_and_the_frames_are_kept_where_wanted(
    tmp_path: Path, models_dir: Path, portrait: Print, capsys: pytest.CaptureFixture[str]
) -> None:
    turning = _recorded(tmp_path / "turning", _turning(portrait))
    words = ("--config", _config(tmp_path, models_dir), "--camera", "front", "--report", tmp_path / "r.json")
    keep = tmp_path / "kept"
    for turns, wrong in (("left", 1), ("right", 1)):
        _, told = _run(capsys, *words, "--source", turning, "--label", "bent_print", "--turns", turns, "--keep", keep)
        figures = told["figures"]
        assert figures["challenge"]["bent_print"]["wrong"] == wrong
    kept = Ledger.model_validate_json((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert [one.challenge and one.challenge.why for one in kept.attempts] == ["", "wrong_way"]
    assert len(list((keep / "0000-bent_print").glob("*.jpg"))) == kept.attempts[0].frames


def test_a_passive_model_is_asked_as_at_the_door(
    tmp_path: Path, models_dir: Path, portrait: Print, capsys: pytest.CaptureFixture[str]
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    for path in models_dir.iterdir():
        if path.is_file():
            (models / path.name).symlink_to(path)
    config = _config(tmp_path, models, liveness=liveness(models, threshold=0.9))
    still = _recorded(tmp_path / "still", _still(portrait))
    _, told = _run(
        capsys, "--config", config, "--camera", "front", "--report", tmp_path / "r.json",
        "--source", still, "--label", "screen", "--method", "passive",
    )  # fmt: skip
    figures = told["figures"]
    assert set(figures) == {"passive"}
    assert figures["passive"]["screen"]["wrong"] == 0


def test_other_setups_and_strange_files_are_refused(
    tmp_path: Path, models_dir: Path, portrait: Print, capsys: pytest.CaptureFixture[str]
) -> None:
    config, report = _config(tmp_path, models_dir), tmp_path / "r.json"
    still = _recorded(tmp_path / "still", _still(portrait))
    setup = Setup(camera="yard", embedder="0" * 64)
    Ledger(setup=setup).store(report)
    words = ("--config", config, "--camera", "front", "--report", report, "--source", still, "--label", "print")
    code, told = _run(capsys, *words)
    assert (code, told["error"]["reason"]) == (1, "other_setup")
    report.write_text('{"v": 1, "v": 2}', encoding="utf-8")
    code, told = _run(capsys, *words)
    assert (code, told["error"]["reason"]) == (1, "not_a_report")
    code, told = _run(capsys, *words[:-1], "../../etc")
    assert code == 1
    assert report.read_text(encoding="utf-8") == '{"v": 1, "v": 2}'


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--camera", "nowhere", "--label", "print"), "no_such_camera"),
        (("--door", "nowhere", "--label", "print"), "no_such_door"),
        (("--camera", "front", "--label", "print", "--method", "passive"), "no_model"),
        (("--camera", "front", "--label", "print", "--source", "/nowhere"), "no_recording"),
        (("--camera", "front"), "no_terminal"),
        (("--camera", "front", "--source", "."), "no_label"),
    ],
)
def test_what_cannot_be_measured(
    words: tuple[str, ...], reason: str, tmp_path: Path, models_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = _run(capsys, "--config", _config(tmp_path, models_dir), "--report", tmp_path / "r.json", *words)
    assert (code, told["error"]["reason"]) == (1, reason)


@pytest.mark.parametrize("label", ["", "../x", "Print", "a b", "x" * 33])
def test_labels_are_words(label: str) -> None:
    with pytest.raises(Exception, match="no label"):
        checked_label(label)
    assert checked_label("silicone-mask_2") == "silicone-mask_2"


def test_a_hand_that_bends_a_photograph_is_drawn(portrait: Print, sight: Sight) -> None:
    """The attacks of the benchmark show a face that the detector finds."""
    player = ReliefPlayer(portrait, bent(portrait, 1.0), 40.0, np.random.default_rng(1))
    found = sight.detect(player.show(None))
    assert len(found) == 1
    assert found[0].landmarks[1][0] - found[0].landmarks[0][0] > 30
