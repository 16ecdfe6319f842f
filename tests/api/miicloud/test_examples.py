"""The page for users: what it tells to run, runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.miicloud.desk import Desk
from tests.api.page_examples import LANGUAGES, run_examples
from tests.api.painted import portrait
from tests.api.serving import serving
from tests.api.token_gate import KEY


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_example_of_the_page_runs(hub: Desk, tmp_path: Path, language: str) -> None:
    (tmp_path / "visitor.jpg").write_bytes(portrait(1))
    with serving(hub.app) as port:
        printed = run_examples("miicloud.md", language, count=1, folder=tmp_path, port=port, EDGED_TOKEN=KEY)
    assert "known" in printed
    assert "unknown" not in printed
    assert "fail" not in printed
    assert [act for _token, act, _about in hub.audited()] in (
        ["enroll", "match", "update", "delete_person"],
        ["enroll", "match", "match", "update", "delete_person"],
    )
