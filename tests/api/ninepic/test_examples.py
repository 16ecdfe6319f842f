"""The page for users: what it tells to run, runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.api.ninepic.site import Site
from tests.api.painted import portrait
from tests.api.serving import serving

PAGE: Final = Path(__file__).parents[3] / "docs" / "api" / "9pic.md"
RUNNERS: Final = {
    "bash": ("bash", "-eu", "example.sh"),
    "python": (sys.executable, "example.py"),
    "javascript": ("node", "example.mjs"),
}
PROGRAMS: Final = {"bash": ("bash", "curl"), "javascript": ("node",)}


@pytest.mark.parametrize("language", RUNNERS)
def test_an_example_of_the_page_runs(site: Site, tmp_path: Path, language: str) -> None:
    for program in PROGRAMS.get(language, ()):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    (example,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    (tmp_path / RUNNERS[language][-1]).write_text(example)
    (tmp_path / "selfie.jpg").write_bytes(portrait(1))
    original = portrait(1, 2)
    site.add(original, filename="finish line.png")
    site.add(portrait(2))
    with serving(site.app) as port:
        environment = {**os.environ, "EDGED_URL": f"http://127.0.0.1:{port}", "EDGED_TOKEN": "key", "NO_PROXY": "*"}
        done = subprocess.run(
            RUNNERS[language], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 0, done.stderr
    assert '"responseType":"error"' not in done.stdout
    if language == "bash":
        assert done.stdout.count('"responseType":"success"') == 4
        assert '"successful_count":1' in done.stdout
    else:
        assert re.search(r"^1 found with \d\d[.\d]* %$", done.stdout, re.MULTILINE)
        assert f"finish line.png {len(original)} bytes" in done.stdout
    assert site.eyes.looks == 3
