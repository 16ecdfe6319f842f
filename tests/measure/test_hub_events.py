"""`edged bench hub-events` counts what it claims to count; twenty kills of each are run by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edged.cli import main
from edged.config.document import ModelSettings
from edged.measure.hub_events import HubEventKills, hub_events_report, kill_between


def test_a_few_kills_of_broker_and_hub_lose_nothing(model_settings: ModelSettings) -> None:
    result = kill_between("both", model_settings, 2)
    assert (result.kills, result.lost, result.twice) == (2, 0, 0)
    assert result.stored == result.accepted > 100
    assert result.again >= result.vanished >= 0
    assert result.is_good


def test_a_lost_event_is_a_failure() -> None:
    result = HubEventKills("hub", 20, 4000, 3999, 1, 0, 12, 300, 0, 2.0)
    assert not result.is_good
    text = hub_events_report([result]).text()
    assert "1 of 4,000 lost" in text
    assert "missed" in text


def test_it_is_a_word_of_the_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[tuple[str, int]] = []

    def instead(victim: str, _models: ModelSettings, kills: int, _progress: object) -> HubEventKills:
        asked.append((victim, kills))
        return HubEventKills("broker", kills, 4000, 4000, 0, 0, 12, 300, 0, 2.0)

    monkeypatch.setattr("edged.measure.hub_events.kill_between", instead)
    (tmp_path / "edged.yaml").write_text("{}\n")
    assert main(["bench", "hub-events", "--kills", "7", "--json", "--config", str(tmp_path / "edged.yaml")]) == 0
    assert asked == [("broker", 7), ("hub", 7), ("both", 7)]
    assert json.loads(capsys.readouterr().out)["kills"][0]["vanished"] == 12
