"""Trying edged out: what a newcomer sees first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from edged.config.document import MqttSettings
from edged.domain.event import Outcome, Phase
from edged.mqtt.round_trip import round_trip
from edged.runtime.stage import _embedded_broker


def test_the_embedded_broker_takes_a_message_there_and_back(tmp_path: Path) -> None:
    with _embedded_broker(tmp_path) as port:
        # The default settings speak MQTT 5, which it does not: the session falls back by itself.
        assert round_trip(MqttSettings(host="127.0.0.1", port=port), "demo") > 0


def test_the_story_is_told_to_its_end_and_leaves_nothing_behind(
    tmp_path: Path, models_dir: Path, astronaut_path: Path
) -> None:
    argv = [sys.executable, "-m", "edged", "demo", "--once", "--json"]
    argv += ["--photo", str(astronaut_path), "--models", str(models_dir), "--folder", str(tmp_path / "demo")]
    environment = {key: value for key, value in os.environ.items() if key != "EDGED_CONFIG"}
    finished = subprocess.run(argv, capture_output=True, timeout=180, check=False, env=environment)
    assert finished.returncode == 0, finished.stderr.decode()
    events = json.loads(finished.stdout)["events"]
    assert [(event["type"], event["outcome"]) for event in events] == [
        (Phase.NEW, Outcome.UNKNOWN),
        (Phase.END, Outcome.UNKNOWN),
        (Phase.NEW, Outcome.KNOWN),
        (Phase.END, Outcome.KNOWN),
    ]
    assert events[2]["person"]["name"] == "Eileen Collins"
    assert list((tmp_path / "demo").iterdir()) == []
