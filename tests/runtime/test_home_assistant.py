"""The real daemon, a real broker, and what stands there for Home Assistant."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from edged.config.document import MqttSettings
from edged.config.layers import load
from edged.measure.listener import Listener
from edged.mqtt.notice import Published, Received, Subscribed
from edged.mqtt.session import Session
from edged.runtime.clock import SystemClock
from edged.runtime.conditions import Conditions
from edged.runtime.home_assistant import FILE, HomeAssistant
from edged.runtime.mosquitto import Mosquitto
from tests.runtime.daemon import RunningDaemon, running

TOPIC = "homeassistant/device/testbed/edged/config"
PATIENCE_S = 30.0


def standing(broker: Mosquitto, prefix: str = "homeassistant") -> dict[str, bytes]:
    """What a Home Assistant that comes now finds below a prefix."""
    with closing(Listener(broker.port, f"{prefix}/#")) as listener:
        listener.connect()
        listener.collect(0.3)
    return {message.topic: message.payload for message in listener.received}


def wait(truth: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not truth():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def stop(daemon: RunningDaemon) -> None:
    daemon.signal(signal.SIGTERM)
    assert daemon.process.wait(PATIENCE_S) == 0


def test_it_is_announced_follows_the_document_and_is_taken_away(
    tmp_path: Path, models_dir: Path, broker: Mosquitto
) -> None:
    mqtt = {"host": "127.0.0.1", "port": broker.port}
    camera = {"kind": "video", "path": str(tmp_path / "not-there.mp4")}
    settings: dict[str, Any] = {
        "mqtt": mqtt,
        "homeassistant": {"enabled": True},
        "cameras": {"front": camera, "back": camera},
    }
    with running(tmp_path, models_dir, **settings) as daemon:
        daemon.ready()
        wait(lambda: TOPIC in standing(broker))
        whole = json.loads(standing(broker)[TOPIC])
        assert {"front.visit", "back.visit", "cpu"} <= set(whole["cmps"])
        assert whole["availability_topic"] == "edged/testbed/available"

        daemon.change(cameras={"front": camera}, events={"publish_image": True})
        daemon.signal(signal.SIGHUP)
        wait(lambda: json.loads(standing(broker)[TOPIC])["cmps"].get("back.visit") == {"p": "event"})
        assert (
            json.loads(standing(broker)[TOPIC])["cmps"]["front.face"]["image_topic"] == "edged/testbed/cam/front/face"
        )

        with closing(Listener(broker.port, "#")) as listener:
            listener.connect()
            listener.collect(0.3)
            listener.received.clear()
            be_born(broker)
            listener.listen(lambda notice: isinstance(notice, Received) and notice.topic == "edged/testbed/available")
            again = [message.topic for message in listener.received]
            assert {TOPIC, "edged/testbed/info", "edged/testbed/cam/front/presence"} <= set(again)
        stop(daemon)

    (tmp_path / "notify").unlink()
    with running(tmp_path, models_dir, **settings | {"homeassistant": {"enabled": False}}) as daemon:
        daemon.ready()
        wait(lambda: standing(broker) == {})
        kept = tmp_path / "state" / "home-assistant.json"
        wait(lambda: json.loads(kept.read_bytes()) == {"announced": {}})
        stop(daemon)


def test_under_another_prefix_the_former_announcement_is_taken_away(tmp_path: Path, broker: Mosquitto) -> None:
    def start(prefix: str) -> None:
        """One life of a device, up to the moment when the broker has what it says."""
        config = tmp_path / "edged.yaml"
        settings = {"homeassistant": {"enabled": True, "prefix": prefix}, "device": {"name": "testbed"}}
        config.write_text(json.dumps(settings))
        loaded = load(config)
        with closing(Session.of_device(MqttSettings(host="127.0.0.1", port=broker.port), "testbed")) as session:
            home_assistant = HomeAssistant(
                loaded.document,
                tmp_path / FILE,
                loaded=lambda: loaded,
                talker=lambda: None,
                clock=SystemClock(),
                conditions=Conditions(SystemClock()),
            )
            session.connect(PATIENCE_S)
            for topic, payload in home_assistant.standing().items():
                session.publish(topic, payload, qos=1, retain=True)
            (greeter,) = home_assistant.hearers(session)
            greeter.listen()
            while not isinstance(notice := session.next_notice(PATIENCE_S), Subscribed):
                assert notice is not None
            greeter.heed(notice)
            greeter.tell()

    start("homeassistant")
    assert list(standing(broker)) == [TOPIC]
    start("ha")
    assert standing(broker) == {}
    assert list(standing(broker, "ha")) == ["ha/device/testbed/edged/config"]
    assert list(json.loads((tmp_path / FILE).read_bytes())["announced"]) == ["ha/device/testbed/edged/config"]


def be_born(broker: Mosquitto) -> None:
    with closing(Session(MqttSettings(host="127.0.0.1", port=broker.port), "ha")) as session:
        session.connect(PATIENCE_S)
        session.publish("homeassistant/status", b"online", qos=1, retain=False)
        while not isinstance(session.next_notice(PATIENCE_S), Published):
            pass
