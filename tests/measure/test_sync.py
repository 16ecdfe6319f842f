"""`edged bench sync --quick`, with everything real."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edged.cli import main


def test_everything_of_sync_can_be_measured(
    capsys: pytest.CaptureFixture[str], models_dir: Path, astronaut_path: Path, tmp_path: Path
) -> None:
    config = tmp_path / "edged.yaml"
    config.write_text(f"models: {{directory: {models_dir}}}")
    page = tmp_path / "benchmarks.md"
    words = ["--photo", str(astronaut_path), "--quick", "--json", "--write", str(page), "--config", str(config)]
    assert main(["bench", "sync", *words]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["first"]["people"], found["first"]["templates"]) == (300, 600)
    assert found["quiet"]["requests"] == 1
    assert (found["cuts"]["converged"], found["kills"]["converged"]) == (True, True)
    assert found["fleet"]["agreeing"] == found["fleet"]["devices"] == 3
    assert found["speed"]["matches_after"] == 0 < found["speed"]["seen_after"]
    assert "| nothing changed | one request, ≤ 1 kB |" in page.read_text()
