"""The page for users: what it tells to run, runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.findface.desk import Desk
from tests.api.page_examples import LANGUAGES, run_examples
from tests.api.painted import portrait
from tests.api.serving import serving
from tests.api.token_gate import KEY


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_example_of_the_page_runs(hub: Desk, tmp_path: Path, language: str) -> None:
    (tmp_path / "somebody.jpg").write_bytes(portrait(1))
    with serving(hub.app) as port:
        told = {"EDGED_TOKEN": KEY, "EDGED_PHOTO": "somebody.jpg"}
        printed = run_examples("findface.md", language, count=1, folder=tmp_path, port=port, **told)
    assert "visitor-7" in printed
    acts = [entry.act for entry in reversed(hub.database.audit())]
    assert [act for act in acts if act != "change_face"] == ["enroll", "identify", "delete_faces"]
