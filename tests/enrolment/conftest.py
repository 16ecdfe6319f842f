"""One real face, photographed in several ways, and a device to enrol it on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
import pytest

from edged.cli import main
from edged.domain.frame import Image
from tests.gallery.sample import open_people

Edged: TypeAlias = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(scope="session")
def photographs(astronaut: Image) -> dict[str, bytes]:
    """Files that show the same person (front, left, tinted), somebody else, two people, a blur, and none at all."""
    height, width = astronaut.shape[:2]
    left = cv2.warpAffine(cv2.flip(astronaut, 1), np.array([[0.72, 0, 60], [0.05, 1, 0]]), (width, height))
    pictures = {
        "front": astronaut,
        "left": left,
        "tinted": astronaut[..., ::-1],
        "else": 255 - astronaut,
        "two": np.hstack([astronaut, astronaut]),
        "blurred": cv2.GaussianBlur(astronaut, (0, 0), 5),
    }
    files = {
        name: cv2.imencode(".jpg", np.ascontiguousarray(picture))[1].tobytes() for name, picture in pictures.items()
    }
    return files | {"text": b"not a picture"}


@pytest.fixture
def config(tmp_path: Path, models_dir: Path) -> Path:
    path = tmp_path / "edged.yaml"
    document = {
        "device": {"state": str(tmp_path / "state")},
        "models": {"directory": str(models_dir)},
        "http": {"enabled": False},
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


@pytest.fixture
def enrolled(config: Path) -> Callable[[], dict[str, int]]:
    """Who is enrolled with how many photographs."""

    def ask() -> dict[str, int]:
        state = Path(json.loads(config.read_text())["device"]["state"])
        with closing(open_people(state / "gallery.db")) as people:
            return {summary.person.customer_person_id: summary.templates for summary in people.page()}

    return ask


def begin(config: Path, *words: str) -> subprocess.Popen[bytes]:
    """A command in a process of its own."""
    command = [sys.executable, "-m", "edged", *words, "--json", "--config", str(config)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)
