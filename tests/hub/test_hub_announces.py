"""`edged hub run` with a broker, and with one that is away."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from edged.measure.listener import Listener
from edged.mqtt.notice import Notice, Received
from edged.runtime.mosquitto import Mosquitto
from tests.hub.running import Running, made_hub, running

TOPIC = "edged/_hub/revision"
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> dict[str, Any]:
    return made_hub(tmp_path_factory.mktemp("hub") / "hub", models_dir)


def _with_broker(made: dict[str, Any], broker: Mosquitto, processes: int) -> Path:
    config = Path(made["config"])
    document = yaml.safe_load(config.read_text())
    document["serve"] |= {"processes": processes}
    document["mqtt"] = {
        "enabled": True,
        "host": "127.0.0.1",
        "port": broker.port,
        "username": "hub",
        "password": PASSWORD,
    }
    path = config.with_name(f"mqtt-{processes}.yaml")
    path.write_text(yaml.safe_dump(document))
    return path


def _enrol(hub: Running, made: dict[str, Any], key: str, photo: Path) -> None:
    with hub.client(made["token"]["text"]) as client:
        answer = client.post(
            "/miicloud/person", data={"customer_person_id": key}, files={"image_path": ("me.png", photo.read_bytes())}
        )
    assert answer.status_code == 200, answer.text


def _wait_for(words: str, log: Path) -> None:
    deadline = time.monotonic() + 30
    while words not in log.read_text():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


def _is_newer(revision: int) -> Callable[[Notice], bool]:
    return lambda notice: isinstance(notice, Received) and _revision(notice) > revision


def _revision(notice: Received) -> int:
    return int(json.loads(notice.payload)["revision"])


def test_requests_are_answered_while_the_broker_is_away_and_the_change_is_told_when_it_is_there(
    made: dict[str, Any], broker: Mosquitto, astronaut_path: Path, tmp_path: Path
) -> None:
    broker.kill()
    with running(_with_broker(made, broker, processes=1), tmp_path / "log") as hub:
        _enrol(hub, made, "4711", astronaut_path)
        _wait_for("devices are not told of changes: nothing listens", hub.log)
        broker.start()
        with closing(Listener(broker.port, TOPIC)) as listener:
            listener.connect()
            listener.listen(_is_newer(0), 30)
            _enrol(hub, made, "4712", astronaut_path)
            listener.listen(_is_newer(_revision(listener.received[0])))
        assert hub.terminated() == 0
        assert PASSWORD not in hub.log.read_text()


def test_of_two_processes_one_announces_what_either_did(
    made: dict[str, Any], broker: Mosquitto, astronaut_path: Path, tmp_path: Path
) -> None:
    with (
        running(_with_broker(made, broker, processes=2), tmp_path / "log") as hub,
        closing(Listener(broker.port, TOPIC)) as listener,
    ):
        listener.connect()
        listener.listen(lambda notice: isinstance(notice, Received), 30)
        for number in range(4):
            _enrol(hub, made, f"p{number}", astronaut_path)
            listener.listen(_is_newer(_revision(listener.received[-1])), 30)
        assert hub.terminated() == 0
    assert (broker.folder / "mosquitto.log").read_text().count("as edged-hub-") == 1
