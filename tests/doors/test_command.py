"""`edged door` as an installer uses it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edged.cli import main
from edged.config.document import Document
from edged.measure.listener import Listener
from edged.runtime.mosquitto import Mosquitto
from edged.runtime.state_dir import StateDir


def configured(folder: Path, doors: dict[str, Any], **sections: Any) -> str:
    path = folder / "edged.yaml"
    tree = {"device": {"state": str(folder / "state")}, "access": {"doors": doors}, **sections}
    path.write_text(json.dumps(tree))
    return str(path)


def test_it_lists_the_doors_and_no_password(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    relay = {"kind": "http", "on_url": "http://u:secret@a/on", "off_url": "http://u:secret@a/off"}
    config = configured(tmp_path, {"shed": {"relay": relay, "contact": {"pin": 27}}, "front": {}})
    assert main(["door", "list", "--config", config]) == 0
    said = capsys.readouterr().out
    assert "shed: http, fails secure, unlocked for 4 s, contact at pin 27" in said
    assert "front: switches nothing" in said
    assert main(["door", "list", "--config", config, "--json"]) == 0
    said += capsys.readouterr().out
    assert "secret" not in said


def test_a_door_is_tried_once_and_all_are_switched_off(
    tmp_path: Path, broker: Mosquitto, capsys: pytest.CaptureFixture[str]
) -> None:
    relay = {"kind": "mqtt", "topic": "shed/relay"}
    config = configured(tmp_path, {"shed": {"relay": relay}}, mqtt={"host": "127.0.0.1", "port": broker.port})
    listener = Listener(broker.port, "shed/relay")
    listener.connect()
    assert main(["door", "test", "shed", "--seconds", "0.2", "--config", config]) == 0
    assert capsys.readouterr().err.splitlines()[-3:] == ["shed: back", "shed: released", "shed: secured"]
    listener.until(b"ON")
    assert main(["door", "off", "--config", config]) == 0
    assert capsys.readouterr().out == "shed: off\n"
    listener.collect(0.2)
    assert listener.received[-1].payload == b"OFF"
    broker.stop()
    assert main(["door", "off", "--config", config]) == 1
    assert "shed: " in capsys.readouterr().out
    broker.start()
    listener.close()


@pytest.mark.parametrize("words", [["test", "front"], ["off"]])
def test_it_does_not_fight_the_daemon_over_the_hardware(
    tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(tmp_path, {"front": {}})
    document = Document.model_validate_json(Path(config).read_text())
    with StateDir.of(document).claim():
        assert main(["door", *words, "--config", config]) == 1
    assert "another edged runs" in capsys.readouterr().err


def test_a_door_that_is_not_there_is_named_with_those_that_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(tmp_path, {"front": {}})
    assert main(["door", "test", "back", "--config", config]) == 1
    assert "There are: front" in capsys.readouterr().err
