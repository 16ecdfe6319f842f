"""What the hub sees of the devices on a broker, and puts down."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from edged.config.document import BrokerSettings, MqttSettings
from edged.domain.errors import Unavailable
from edged.hub.settings import HubSettings
from edged.hub.sightings import Sightings
from edged.hub.watchtower import watching
from edged.mqtt.notice import Published
from edged.mqtt.session import Session
from edged.runtime.mosquitto import Mosquitto, free_port
from edged.wire.order import Desired
from edged.wire.topics import GroupTopics, Topics
from tests.fleet.pretend import health
from tests.hub.running import edged, made_hub, running

DOOR = Topics("edged", "door")


class Somebody:
    """Whoever has something stand on the broker."""

    def __init__(self, port: int) -> None:
        self._session = Session(MqttSettings(host="127.0.0.1", port=port), "somebody")
        self._session.connect(10)
        self.close = self._session.close

    def say(self, topic: str, payload: bytes) -> None:
        mid = self._session.publish(topic, payload, qos=1, retain=True)
        while self._session.next_notice(10) != Published(mid):
            pass


@pytest.fixture
def somebody(broker: Mosquitto) -> Iterator[Somebody]:
    with closing(Somebody(broker.port)) as found:
        yield found


@pytest.fixture
def sightings(tmp_path: Path) -> Sightings:
    return Sightings(tmp_path / "fleet.json", tmp_path / "pushes.jsonl")


def settings(broker: Mosquitto) -> BrokerSettings:
    return BrokerSettings(enabled=True, host="127.0.0.1", port=broker.port)


def order(version: int, patch: dict[str, Any], by: str = "anna") -> bytes:
    return Desired(version=version, patch=patch, by=by, token="r1").encoded()


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            if true():
                return
        except Unavailable:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_sees_what_stands_and_what_comes(broker: Mosquitto, somebody: Somebody, sightings: Sightings) -> None:
    somebody.say(DOOR.available, b"online")
    with watching(settings(broker), sightings):
        wait_until(lambda: [device.name for device in sightings.fleet().devices] == ["door"])
        somebody.say(DOOR.health, health("disk").encoded())
        wait_until(lambda: [item.name for item in sightings.fleet().devices[0].conditions] == ["disk"])
        somebody.say(DOOR.available, b"offline")
        wait_until(lambda: sightings.fleet().devices[0].available == "offline")
        assert sightings.fleet().connected


def test_who_pushed_what_is_put_down_once_and_without_secrets(
    broker: Mosquitto, somebody: Somebody, sightings: Sightings
) -> None:
    somebody.say(DOOR.desired, order(3, {"decision": {"margin": 0.1}, "mqtt": {"password": "S3CRET"}}))
    with watching(settings(broker), sightings):
        wait_until(lambda: len(sightings.pushes(10).pushes) == 1)
        somebody.say(DOOR.desired, order(4, {"decision": {"margin": 0.2}, "mqtt": {"password": "S3CRET"}}, by="ben"))
        somebody.say(GroupTopics("edged", "doors").desired, order(1, {"log": {"level": "debug"}}))
        wait_until(lambda: len(sightings.pushes(10).pushes) == 3)
    with watching(settings(broker), sightings):  # another hub, or the same one later
        wait_until(lambda: sightings.fleet().connected)
        somebody.say(DOOR.desired, order(5, {}))
        wait_until(lambda: len(sightings.pushes(10).pushes) == 4)
    last, group, second, first = sightings.pushes(10).pushes
    assert (first.version, first.change) == (3, {"decision": {"margin": 0.1}, "mqtt": {"password": "********"}})
    assert (second.by, second.change) == ("ben", {"decision": {"margin": 0.2}})
    assert (group.address, group.change) == ("_group/doors", {"log": {"level": "debug"}})
    assert last.change == {"decision": None, "mqtt": None}


def test_what_one_process_has_seen_every_process_tells(
    broker: Mosquitto, somebody: Somebody, sightings: Sightings, tmp_path: Path
) -> None:
    other = Sightings(tmp_path / "fleet.json", tmp_path / "pushes.jsonl")
    with pytest.raises(Unavailable):
        other.fleet()
    somebody.say(DOOR.available, b"online")
    with watching(settings(broker), sightings):
        wait_until(lambda: len(other.fleet().devices) == 1)
        somebody.say(Topics("edged", "gate").available, b"online")
        wait_until(lambda: len(other.fleet().devices) == 2)


def test_a_broker_that_is_away_is_told_and_seen_again(
    broker: Mosquitto, somebody: Somebody, sightings: Sightings, caplog: pytest.LogCaptureFixture
) -> None:
    somebody.say(DOOR.available, b"online")
    with watching(settings(broker), sightings):
        wait_until(lambda: len(sightings.fleet().devices) == 1)
        broker.kill()
        wait_until(lambda: not sightings.fleet().connected)
        seen = sightings.fleet()
        assert [device.name for device in seen.devices] == ["door"], "what was seen last is kept"
        assert seen.trouble
        broker.start()
        wait_until(lambda: sightings.fleet().connected)
    assert sum("are not seen" in record.message for record in caplog.records) == 1


def test_a_broker_that_was_never_there_is_told(sightings: Sightings) -> None:
    with watching(BrokerSettings(enabled=True, host="127.0.0.1", port=free_port()), sightings):
        wait_until(lambda: "nothing listens" in sightings.fleet().trouble)
    fleet = sightings.fleet()
    assert (fleet.connected, fleet.devices) == (False, ())


def test_a_device_that_says_what_nobody_can_write_down_ends_nothing(
    broker: Mosquitto, somebody: Somebody, sightings: Sightings
) -> None:
    said = health().encoded().replace(b'"at":"2026-01-01T12:00:00.000Z"', b'"at":"0001-01-01T00:00:00+14:00"')
    assert b"0001" in said
    somebody.say(Topics("edged", "evil").health, said)
    with watching(settings(broker), sightings):
        somebody.say(DOOR.available, b"online")
        wait_until(lambda: [device.name for device in sightings.fleet().devices] == ["door"])


def test_it_needs_a_broker_and_may_have_a_user_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"watch\.enabled needs mqtt\.enabled"):
        HubSettings.model_validate({"watch": {"enabled": True}})
    mqtt = {"enabled": True, "host": "broker", "username": "hub", "password": "pw"}
    found = HubSettings.model_validate({"mqtt": mqtt, "watch": {"enabled": True, "username": "watch"}})
    assert (found.watched_broker().username, found.watched_broker().password) == ("watch", None)
    found = HubSettings.model_validate({"mqtt": mqtt, "watch": {"enabled": True}})
    assert found.watched_broker().username == "hub"


def test_a_running_hub_tells_of_the_devices(
    broker: Mosquitto, somebody: Somebody, models_dir: Path, tmp_path: Path
) -> None:
    made = made_hub(tmp_path / "hub", models_dir)
    config = Path(made["config"])
    document = yaml.safe_load(config.read_text())
    document["mqtt"] = {"enabled": True, "host": "127.0.0.1", "port": broker.port}
    document["watch"] = {"enabled": True}
    config.write_text(yaml.safe_dump(document))
    somebody.say(DOOR.available, b"online")
    token = edged("hub", "token", "create", "--config", str(config), "--name", "page", "--right", "read", "--json")
    assert token.returncode == 0, token.stderr
    text = yaml.safe_load(token.stdout)["token"]["text"]
    with running(config, tmp_path / "log") as hub, hub.client() as client:
        wait_until(partial(_sees_door, client, text))
        assert "Fleet" in client.get("/fleet").text


def _sees_door(client: httpx.Client, token: str) -> bool:
    answer = client.get("/edged/v1/fleet", headers={"authorization": f"Bearer {token}"})
    return [device["name"] for device in answer.json().get("devices", ())] == ["door"]
