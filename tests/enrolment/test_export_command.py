"""People taken from one device to another, with their faces."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edged.cli import main
from tests.enrolment.conftest import Edged


@pytest.mark.parametrize("name", ["people.zip", "people"])
def test_whoever_imports_an_export_with_faces_recognises_everybody(
    tmp_path: Path,
    models_dir: Path,
    edged: Edged,
    photographs: dict[str, bytes],
    astronaut_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    (tmp_path / "left.jpg").write_bytes(photographs["left"])
    assert edged("enroll", "47/11", str(astronaut_path), str(tmp_path / "left.jpg"), "--name", "Eileen")[0] == 0
    assert edged("people", "export", str(tmp_path / name), "--faces")[1]["faces"] == 2

    other = tmp_path / "other.yaml"
    other.write_text(
        json.dumps({"device": {"state": str(tmp_path / "other")}, "models": {"directory": str(models_dir)}})
    )
    capsys.readouterr()
    assert main(["people", "import", str(tmp_path / name), "--config", str(other)]) == 0
    capsys.readouterr()
    assert main(["identify", str(astronaut_path), "--json", "--config", str(other)]) == 0
    (face,) = json.loads(capsys.readouterr().out)["faces"]
    assert (face["person"]["customer_person_id"], face["person"]["name"]) == ("47/11", "Eileen")
    assert face["similarity"] > 0.9


def test_faces_leave_the_device_only_when_asked_for(tmp_path: Path, edged: Edged, astronaut_path: Path) -> None:
    edged("enroll", "4711", str(astronaut_path))
    assert edged("people", "export", str(tmp_path / "people"))[1]["faces"] == 0
    assert sorted(path.name for path in (tmp_path / "people").iterdir()) == ["manifest.csv", "manifest.json"]
