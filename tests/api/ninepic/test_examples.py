"""The page for users: what it tells to run, runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.api.ninepic.site import Site
from tests.api.page_examples import LANGUAGES, run_examples
from tests.api.painted import portrait
from tests.api.serving import serving


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_example_of_the_page_runs(site: Site, tmp_path: Path, language: str) -> None:
    (tmp_path / "selfie.jpg").write_bytes(portrait(1))
    original = portrait(1, 2)
    site.add(original, filename="finish line.png")
    site.add(portrait(2))
    with serving(site.app) as port:
        printed = run_examples("9pic.md", language, count=1, folder=tmp_path, port=port, EDGED_TOKEN="key")
    assert '"responseType":"error"' not in printed
    if language == "bash":
        assert printed.count('"responseType":"success"') == 4
        assert '"successful_count":1' in printed
    else:
        assert re.search(r"^1 found with \d\d[.\d]* %$", printed, re.MULTILINE)
        assert f"finish line.png {len(original)} bytes" in printed
    assert site.eyes.looks == 3
