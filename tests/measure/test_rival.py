from __future__ import annotations

import sys
from pathlib import Path

import pytest

from edged.config.document import Document, ModelSettings
from edged.domain.errors import Unavailable, Unsupported
from edged.domain.progress import quiet
from edged.measure.rival import compare_with_rival

ANSWER = 'print(\'{"faces": 2, "seconds": 0.5}\', flush=True)'


@pytest.fixture
def document(model_settings: ModelSettings) -> Document:
    return Document(models=model_settings)


def _interpreter(folder: Path, program: str) -> Path:
    """Stands in for the interpreter with face_recognition: it runs `program` whatever it is told to run."""
    path = folder / "python"
    path.write_text(f"#!{sys.executable}\nimport sys\n{program}\n")
    path.chmod(0o755)
    return path


def test_both_look_at_every_photograph(document: Document, astronaut_path: Path, tmp_path: Path) -> None:
    python = _interpreter(tmp_path, f"for line in sys.stdin: {ANSWER}")
    contest = compare_with_rival(document, [astronaut_path] * 3, python, quiet)
    assert (contest.photos, contest.faces, contest.rival_faces, contest.rival_cpu_ms) == (3, 3, 6, 500.0)
    assert contest.cpu_ms > 0
    assert contest.ratio == contest.cpu_ms / 500


def test_a_rival_that_dies_is_named_with_the_photograph(
    document: Document, astronaut_path: Path, tmp_path: Path
) -> None:
    python = _interpreter(tmp_path, f"sys.stdin.readline(); {ANSWER}; sys.stdin.readline()")
    with pytest.raises(Unavailable, match=r"face_recognition ended on .*astronaut\.png"):
        compare_with_rival(document, [astronaut_path], python, quiet)


def test_without_a_rival_the_remedy_is_named(document: Document, astronaut_path: Path, tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match="scripts/venv compare"):
        compare_with_rival(document, [astronaut_path], tmp_path / "python", quiet)
