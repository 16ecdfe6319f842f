from __future__ import annotations

import json
from pathlib import Path

import pytest

from edged.cli import main


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "edged.yaml"
    path.write_text(f"device: {{state: {tmp_path}}}\nmqtt: {{password: hunter2}}\ncameras: {{door: {{kind: v4l2}}}}\n")
    return path


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.yaml"
    path.write_text("mqtt: {password: [hunter2], port: 0}\ncamera: {}\n")
    return path


def test_a_valid_file_is_one_line_and_exit_0(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "validate", str(file)]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{file}: valid; 1 cameras, 3 values from the file, 0 pushed; digest ")
    assert out.count("\n") == 1


def test_an_invalid_file_is_78_with_all_problems(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "validate", str(broken)]) == 78
    said = capsys.readouterr().err
    assert all(path in said for path in ("mqtt.password:", "mqtt.port:", "camera:", str(broken)))
    assert "hunter2" not in said


def test_problems_are_data_for_programs(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "validate", "--json", "--config", str(broken)]) == 78
    found = json.loads(capsys.readouterr().out)["error"]["problems"]
    assert {entry["path"] for entry in found} == {"mqtt.password", "mqtt.port", "camera"}


def test_a_push_that_was_set_aside_is_told(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (file.parent / "desired.json").write_text(
        '{"layers": {"device": {"cameras": {"gate": {"fps": 3}}, "log": {"level": "debug"}}}}'
    )
    assert main(["config", "validate", "--config", str(file)]) == 0
    said = capsys.readouterr()
    assert "cameras.gate.kind" in said.err
    assert "1 pushed" in said.out


def test_show_masks_secrets_and_says_where_values_come_from(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "show", "--config", str(file)]) == 0
    lines = {line.split(":")[0].strip(): line for line in capsys.readouterr().out.splitlines()}
    assert lines["password"].split() == ["password:", '"********"', "#", "file"]
    assert lines["margin"].split() == ["margin:", "0.03", "#", "default"]
    assert main(["config", "show", "--json", "--config", str(file)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["document"]["mqtt"]["password"] == "********"
    assert shown["provenance"]["mqtt.password"] == "file"


def test_show_can_be_read_back_as_yaml(file: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    main(["config", "show", "--config", str(file)])
    (tmp_path / "again.yaml").write_text(capsys.readouterr().out)
    assert main(["config", "validate", str(tmp_path / "again.yaml")]) == 0


def test_schema_needs_no_valid_file(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "schema", "--config", str(broken)]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["$defs"]["DecisionSettings"]["properties"]["margin"]["apply"] == "live"
