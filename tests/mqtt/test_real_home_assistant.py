"""The message that we publish, at the real Home Assistant with a real broker between."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edged.config.document import Document, MqttSettings
from edged.config.problems import checked
from edged.config.text import read_yaml
from edged.measure.listener import Listener
from edged.mqtt.discovery import announcement_topic, components, message
from edged.mqtt.discovery_component import Component
from edged.mqtt.notice import Published, Received
from edged.mqtt.session import Session
from edged.runtime.mosquitto import Mosquitto
from edged.wire.order import Request
from edged.wire.topics import Topics
from tests.mqtt.real_home_assistant import COMMAND, HomeAssistant, running

GOLDEN = Path(__file__).parents[1] / "wire" / "golden"
TOPICS = Topics("edged", "door")
TOPIC = announcement_topic("homeassistant", "door")
JPEG = b"\xff\xd8\xff\xe0 a face \xff\xd9"
CAMERAS = {"front": {"kind": "v4l2"}, "back": {"kind": "v4l2"}}
DOCUMENTATION = (Path(__file__).parents[2] / "docs" / "home-assistant.md").read_text()
AUTOMATION = read_yaml(
    re.findall(r"^```yaml\n(alias:.*?)^```", DOCUMENTATION, re.MULTILINE | re.DOTALL)[0].encode(), "docs"
)

pytestmark = [
    pytest.mark.homeassistant,
    pytest.mark.skipif(not COMMAND[0], reason="Home Assistant is not installed: see real_home_assistant.py"),
]


def document(**settings: Any) -> Document:
    return checked(
        {
            "cameras": CAMERAS,
            "events": {"publish_image": True},
            "central": {"kind": "hub", "url": "https://hub", "token_file": "/token"},
            "control": {"allow": ["sync", "restart", "reboot"]},
        }
        | settings,
        "test",
    )


def golden(name: str, **changes: object) -> bytes:
    return json.dumps(json.loads((GOLDEN / f"{name}.json").read_bytes()) | changes).encode()


class Device:
    """Says what a device says."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seen = 0

    def say(self, topic: str, payload: bytes, *, retain: bool = True) -> None:
        self._session.publish(topic, payload, qos=1, retain=retain)
        while not isinstance(self._session.next_notice(15), Published):
            pass

    def announce(self, present: tuple[Component, ...], departed: dict[str, str] | None = None) -> None:
        self.say(TOPIC, message(TOPICS, "0.1.0", present, departed or {}))

    def tell_states(self) -> None:
        self.say(TOPICS.info, golden("info"))
        self.say(TOPICS.health, golden("health", temperature_c=48.5))
        self.say(TOPICS.index, golden("index"))
        self.say(TOPICS.camera_status("front"), golden("status", state="online", reason=""))
        self.say(TOPICS.camera_status("back"), golden("status"))
        self.say(TOPICS.camera_presence("front"), golden("presence"))
        self.say(TOPICS.camera_presence("back"), golden("presence", total=0, known=0, unknown=0, people=[]))
        self.say(TOPICS.available, b"online")

    def happen(self, **changes: object) -> None:
        self._seen += 1
        event = golden("event-known", id=f"e{self._seen}", **changes)
        self.say(TOPICS.event, event, retain=False)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[HomeAssistant, Device, Mosquitto]]:
    folder = tmp_path_factory.mktemp("mosquitto")
    with Mosquitto(folder) as broker, running(tmp_path_factory.mktemp("hass"), AUTOMATION) as found:
        with closing(Listener(broker.port, "homeassistant/status")) as births:
            births.connect()
            found.follow(broker.port)
            births.until(b"online")
        assert not births.received[-1].retained
        with closing(Session(MqttSettings(host="127.0.0.1", port=broker.port), "door")) as session:
            session.connect(15)
            device = Device(session)
            device.tell_states()
            device.announce(components(TOPICS, document()), {"gone-before-it-came.visit": "event"})
            found.wait(lambda: found.state("sensor.door_front_people") == "2")
            yield found, device, broker


def test_every_entity_appears_and_says_what_the_device_says(home: tuple[HomeAssistant, Device, Mosquitto]) -> None:
    found, _, _ = home
    found.wait(lambda: "unavailable" not in {item["state"] for item in ours(found).values()})
    states = {entity: item["state"] for entity, item in ours(found).items()}
    assert states == {
        "event.door_front_visit": "unknown",
        "event.door_back_visit": "unknown",
        "binary_sensor.door_front_presence": "on",
        "binary_sensor.door_back_presence": "off",
        "sensor.door_front_people": "2",
        "sensor.door_back_people": "0",
        "sensor.door_front_last_person": "unknown",
        "sensor.door_back_last_person": "unknown",
        "binary_sensor.door_front_camera": "on",
        "binary_sensor.door_back_camera": "off",
        "sensor.door_front_frames_a_second": "14.9",
        "sensor.door_back_frames_a_second": "0.0",
        "image.door_front_last_face": "unknown",
        "image.door_back_last_face": "unknown",
        "sensor.door_conditions": "1",
        "sensor.door_temperature": "48.5",
        "sensor.door_processor": "63.0",
        "sensor.door_memory": "141.2",
        "sensor.door_free_disk": "20480.0",
        "sensor.door_events_waiting": "2",
        "sensor.door_events_lost": "0",
        "sensor.door_decision_time": "77.5",
        "sensor.door_people_enrolled": "250",
        "sensor.door_started": "2026-01-01T12:00:00+00:00",
        "button.door_sync_now": "unknown",
        "button.door_restart_edged": "unknown",
        "button.door_reboot": "unknown",
    }
    attributes = {entity: item["attributes"] for entity, item in ours(found).items()}
    assert attributes["sensor.door_front_people"]["people"][0]["name"] == "Anna Müller"
    assert attributes["binary_sensor.door_back_camera"]["reason"] == "no frame for 5 s"
    assert attributes["sensor.door_conditions"]["conditions"][0]["remedy"] == "Look at its cable"
    assert attributes["event.door_front_visit"]["event_types"][0] == "known"


def test_a_visit_is_news_when_it_begins_turns_and_ends(home: tuple[HomeAssistant, Device, Mosquitto]) -> None:
    found, device, _ = home
    entity = "event.door_front_visit"

    def last() -> tuple[str, str]:
        attributes = found.states()[entity]["attributes"]
        return attributes.get("event_type"), attributes.get("id")

    device.happen(type="new", outcome="unknown", person=None)
    found.wait(lambda: last() == ("unknown", "e1"))
    device.happen(type="update")
    found.wait(lambda: last() == ("known", "e2"))
    assert found.states()[entity]["attributes"]["name"] == "Anna Müller"
    assert found.state("sensor.door_front_last_person") == "Anna Müller"
    device.happen(type="update")  # goes on
    device.happen(camera="back", outcome="spoof", person=None)  # elsewhere
    found.wait(lambda: found.states()["event.door_back_visit"]["attributes"].get("event_type") == "spoof")
    assert last() == ("known", "e2")
    device.happen(type="end")
    found.wait(lambda: last() == ("left", "e5"))
    device.happen(type="new", replayed=True)
    found.wait(lambda: last() == ("replayed", "e6"))
    nameless = {"id": "019960fc-bc00-7000-8000-000000000000", "customer_person_id": "4711"}
    device.happen(type="new", person=nameless, visit="other")
    found.wait(lambda: found.state("sensor.door_front_last_person") == "4711")
    device.happen(type="new", outcome="undecided", person=None, visit="third")
    found.wait(lambda: last() == ("undecided", "e8"))
    assert found.state("sensor.door_front_last_person") == "4711"


def test_the_last_face_is_shown(home: tuple[HomeAssistant, Device, Mosquitto]) -> None:
    found, device, _ = home
    device.say(TOPICS.camera_face("front"), JPEG, retain=False)
    found.wait(lambda: found.state("image.door_front_last_face") != "unknown")
    assert found.raw("/api/image_proxy/image.door_front_last_face") == JPEG


@pytest.mark.parametrize("entity", ["sync_now", "restart_edged", "reboot"])
def test_each_press_is_a_request_of_its_own_that_expires(
    home: tuple[HomeAssistant, Device, Mosquitto], entity: str
) -> None:
    found, _, broker = home
    with closing(Listener(broker.port, TOPICS.request("+"))) as listener:
        listener.connect()
        for _ in range(2):
            found.press(f"button.door_{entity}")
        while len(listener.received) < 2:
            listener.listen(lambda notice: isinstance(notice, Received))
    first, second = (Request.model_validate_json(item.payload) for item in listener.received)
    assert listener.received[0].topic == TOPICS.request(entity.split("_", maxsplit=1)[0])
    assert not listener.received[0].retained
    assert first.transaction != second.transaction
    assert (first.to, first.by, first.data) == ("door", "Home Assistant", {})
    assert first.expires is not None
    assert timedelta(seconds=30) < first.expires - datetime.now(UTC) <= timedelta(seconds=60)


@pytest.mark.parametrize("word", [b"stopped", b"offline"])
def test_a_device_that_is_away_is_unavailable(home: tuple[HomeAssistant, Device, Mosquitto], word: bytes) -> None:
    found, device, _ = home
    device.say(TOPICS.available, word)
    found.wait(lambda: {item["state"] for item in ours(found).values()} == {"unavailable"})
    device.say(TOPICS.available, b"online")
    found.wait(lambda: found.state("binary_sensor.door_front_presence") == "on")


def test_the_automation_of_the_documentation_opens_for_who_is_there_now_and_for_nothing_else(
    home: tuple[HomeAssistant, Device, Mosquitto],
) -> None:
    found, device, _ = home
    (automation,) = [entity for entity in found.states() if entity.startswith("automation.")]

    def opened() -> str | None:
        last: str | None = found.states()[automation]["attributes"]["last_triggered"]
        return last

    def times(late_s: float = 0) -> dict[str, str]:
        at = (datetime.now(UTC) - timedelta(seconds=late_s)).isoformat()
        return {"captured": at, "decided": at, "published": at}

    def shows(kind: str, visit: str) -> None:
        def last() -> tuple[object, object]:
            attributes = found.states()["event.door_front_visit"]["attributes"]
            return attributes.get("event_type"), attributes.get("visit")

        found.wait(lambda: last() == (kind, visit))

    others: dict[str, dict[str, object]] = {
        "replayed": {"replayed": True, "at": times()},
        "unknown": {"outcome": "unknown", "person": None, "at": times()},
        "left": {"type": "end", "at": times()},
    }
    for kind, changes in others.items():
        device.happen(visit=f"v-{kind}", **changes)
        shows(kind, f"v-{kind}")
    device.happen(visit="v-unsure", confidence=0.8, at=times())
    shows("known", "v-unsure")
    device.happen(visit="v-late", at=times(60))
    shows("known", "v-late")
    assert opened() is None

    device.happen(visit="v-now", at=times())
    found.wait(lambda: opened() is not None)
    first = opened()
    device.say(TOPICS.available, b"offline")  # and back: the last event shows again
    found.wait(lambda: found.state("event.door_front_visit") == "unavailable")
    device.say(TOPICS.available, b"online")
    shows("known", "v-now")
    assert opened() == first


def test_what_is_taken_away_is_gone(home: tuple[HomeAssistant, Device, Mosquitto]) -> None:
    found, device, _ = home
    less = components(TOPICS, document(cameras={"front": CAMERAS["front"]}, control={"allow": ["reboot"]}))
    device.announce(less)
    device.say(TOPICS.camera_status("front"), golden("status"))
    found.wait(lambda: found.state("binary_sensor.door_front_camera") == "off")
    assert "event.door_back_visit" in ours(found)  # what is only left out is kept: hence `departed`
    device.announce(less, {item.key: item.platform for item in components(TOPICS, document()) if item not in less})
    found.wait(lambda: not any("_back_" in entity or "restart" in entity for entity in ours(found)))
    assert "event.door_front_visit" in ours(found)
    device.announce(components(TOPICS, document()))
    found.wait(lambda: found.state("binary_sensor.door_back_camera") == "off")
    device.say(TOPIC, b"")
    found.wait(lambda: not ours(found))


def test_home_assistant_had_nothing_to_complain_of(home: tuple[HomeAssistant, Device, Mosquitto]) -> None:
    found, _, _ = home
    complaints = [
        line
        for line in found.log.read_text().splitlines()
        if ("mqtt" in line or "template" in line) and (" WARNING " in line or " ERROR " in line)
    ]
    assert complaints == []


def ours(found: HomeAssistant) -> dict[str, dict[str, Any]]:
    return {entity: item for entity, item in found.states().items() if ".door_" in entity}
