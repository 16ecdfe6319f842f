"""The real daemon, a real broker, and what stands there for Home Assistant."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edged.config.document import MqttSettings
from edged.measure.listener import Listener
from edged.mqtt.notice import Published, Received
from edged.mqtt.session import Session
from edged.runtime.mosquitto import Mosquitto
from tests.runtime.daemon import RunningDaemon, running

TOPIC = "homeassistant/device/testbed/edged/config"
PATIENCE_S = 30.0


def standing(broker: Mosquitto, prefix: str = "homeassistant") -> dict[str, bytes]:
    """What a Home Assistant that comes now finds below a prefix."""
    listener = Listener(broker.port, f"{prefix}/#")
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


def demo(photo: Path) -> dict[str, Any]:
    return {"kind": "demo", "photo": str(photo), "appear_s": 2.0, "absent_s": 1.0}


def test_it_is_announced_follows_the_document_and_is_taken_away(
    tmp_path: Path, models_dir: Path, astronaut_path: Path, broker: Mosquitto
) -> None:
    mqtt = {"host": "127.0.0.1", "port": broker.port}
    camera = demo(astronaut_path)
    settings = {"mqtt": mqtt, "homeassistant": {"enabled": True}, "cameras": {"front": camera, "back": camera}}
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

        listener = Listener(broker.port, "#")
        listener.connect()
        listener.collect(0.3)
        listener.received.clear()
        be_born(broker)
        listener.listen(lambda notice: isinstance(notice, Received) and notice.topic == "edged/testbed/available")
        again = [message.topic for message in listener.received]
        assert {TOPIC, "edged/testbed/info", "edged/testbed/cam/front/presence"} <= set(again)
        stop(daemon)

    (tmp_path / "notify").unlink()
    with running(tmp_path, models_dir, **settings | {"homeassistant": {"enabled": True, "prefix": "ha"}}) as daemon:
        daemon.ready()
        wait(lambda: "ha/device/testbed/edged/config" in standing(broker, "ha"))
        wait(lambda: standing(broker) == {})
        stop(daemon)

    (tmp_path / "notify").unlink()
    with running(tmp_path, models_dir, **settings | {"homeassistant": {"enabled": False}}) as daemon:
        daemon.ready()
        wait(lambda: standing(broker, "ha") == {})
        kept = tmp_path / "state" / "home-assistant.json"
        wait(lambda: json.loads(kept.read_bytes()) == {"announced": {}})
        stop(daemon)


def be_born(broker: Mosquitto) -> None:
    session = Session(MqttSettings(host="127.0.0.1", port=broker.port), "ha")
    session.connect(PATIENCE_S)
    session.publish("homeassistant/status", b"online", qos=1, retain=False)
    while not isinstance(session.next_notice(PATIENCE_S), Published):
        pass
    session.close()
