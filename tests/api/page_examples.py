"""The examples of a page for users, run as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import ROOT

LANGUAGES: Final = ("bash", "python", "javascript")
_RUNNERS: Final = {
    "bash": ("bash", "-eu", "example.sh"),
    "python": (sys.executable, "example.py"),
    "javascript": ("node", "example.mjs"),
}
_PROGRAMS: Final = {"bash": ("bash", "curl"), "javascript": ("node",)}


def run_examples(page: str, language: str, *, count: int, folder: Path, port: int, **environment: str) -> str:
    """What the examples of a page in `docs/api` print, one after the other in one program, which must succeed.

    Skips where the programs are missing.

    Args:
        count: how many there are in this language.
        folder: where they run: the files that they name must lie there.
        port: of the hub on the loopback; environment: what else they are told.
    """
    for program in _PROGRAMS.get(language, ()):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    text = (ROOT / "docs" / "api" / page).read_text()
    examples = re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert len(examples) == count
    command = _RUNNERS[language]
    (folder / command[-1]).write_text("".join(examples))
    told = {**os.environ, "EDGED_URL": f"http://127.0.0.1:{port}", "NO_PROXY": "*", **environment}
    done = subprocess.run(command, cwd=folder, env=told, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
