"""A device with people, to enrol on and to look at."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from edged.cli import main

Edged: TypeAlias = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def config(tmp_path: Path, models_dir: Path) -> Path:
    path = tmp_path / "edged.yaml"
    document = {
        "device": {"name": "testbed", "state": str(tmp_path / "state")},
        "models": {"directory": str(models_dir)},
        "http": {"enabled": False},
        "mqtt": {"enabled": False},
    }
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def edged(config: Path, capsys: pytest.CaptureFixture[str]) -> Edged:
    """Runs a command with `--json`; its exit code and document."""

    def run(*words: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = main([*words, "--json", "--config", str(config)])
        document: dict[str, Any] = json.loads(capsys.readouterr().out)
        return code, document

    return run
