"""`edged bench hub-search`: the same people behind both stores, and what it says when they do not agree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edged.cli import main
from edged.measure import hub_search
from edged.measure.hub_search import HubSearch, Searched, measure_hub_search
from edged.measure.postgres_server import RealPostgres


def test_both_hubs_give_the_same_right_answers(postgres: RealPostgres) -> None:
    found = measure_hub_search(150, 60, postgres.database("search"))
    assert (found.people, found.probes, found.same) == (150, 60, 60)
    assert (found.sqlite.recall, found.postgresql.recall) == (1.0, 1.0)
    assert found.apart < 2e-6


def test_a_differing_answer_fails_the_command_and_is_written_down(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    found = HubSearch(2000, 200, 199, 1e-3, 5.0, 1.0, Searched(1.0, 1.0, 2.0), Searched(0.995, 4.0, 8.0))
    monkeypatch.setattr(hub_search, "measure_hub_search", lambda *_: found)
    page = tmp_path / "benchmarks.md"
    assert main(["bench", "hub-search", "--quick", "--write", str(page), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["same"] == 199
    text = page.read_text()
    assert "| the same answers of both, 2,000 people | 200 of 200 | 199 | missed |" in text
    assert "| recall@1, SQLite, 2,000 people | ≥ 0.999 | 1.0000 | reached |" in text
    assert "| recall@1, PostgreSQL, 2,000 people | ≥ 0.999 | 0.9950 | missed |" in text


def test_a_password_on_the_command_line_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "hub-search", "--quick", "--postgresql", "postgresql://hub:hunter2@db/edged", "--json"]) == 1
    said = capsys.readouterr().out
    assert json.loads(said)["error"]["reason"] == "password_shown"
    assert "hunter2" not in said
