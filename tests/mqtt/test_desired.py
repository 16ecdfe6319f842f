"""Which desired configurations a device hears, on a real broker."""

from __future__ import annotations

import time
from contextlib import closing

from edged.config.document import MqttSettings
from edged.mqtt.desired import DesiredEar
from edged.mqtt.notice import Received, Subscribed
from edged.mqtt.session import Session
from edged.runtime.mosquitto import Mosquitto
from edged.wire.topics import Topics

PATIENCE_S = 20.0


def settings(broker: Mosquitto) -> MqttSettings:
    return MqttSettings(host="127.0.0.1", port=broker.port)


class Device:
    def __init__(self, broker: Mosquitto, *groups: str) -> None:
        self.groups = groups
        self.taken: list[tuple[bytes, str, str, bool]] = []
        self.session = Session.of_device(settings(broker), "door")
        self.ear = DesiredEar(
            self.session, Topics("edged", "door"), lambda: self.groups, lambda *order: self.taken.append(order)
        )

    def hear(self, count: int) -> list[tuple[bytes, str, str, bool]]:
        """What was taken, once it is so many."""
        deadline = time.monotonic() + PATIENCE_S
        while len(self.taken) < count:
            assert time.monotonic() < deadline, self.taken
            notice = self.session.next_notice(0.2)
            if isinstance(notice, Received | Subscribed):
                self.ear.heed(notice)
        return sorted(self.taken)


def tell(broker: Mosquitto, topic: str, payload: bytes, *, retain: bool = False) -> None:
    with closing(Session(settings(broker), "admin")) as session:
        session.connect(PATIENCE_S)
        session.publish(topic, payload, qos=1, retain=retain)
        session.next_notice(PATIENCE_S)


def test_a_device_hears_its_own_topic_and_its_groups_and_no_others(broker: Mosquitto) -> None:
    for topic in ("edged/door/config/desired", "edged/gate/config/desired", "edged/_group/doors/config/desired"):
        tell(broker, topic, topic.encode(), retain=True)
    tell(broker, "edged/_group/gates/config/desired", b"others", retain=True)
    device = Device(broker, "doors")
    with closing(device.session):
        device.session.connect(PATIENCE_S)
        device.ear.listen()
        assert device.hear(2) == [
            (b"edged/_group/doors/config/desired", "group:doors", "_group/doors", True),
            (b"edged/door/config/desired", "device", "door", True),
        ]
        tell(broker, "edged/door/config/desired", b"", retain=True)  # somebody cleans up: that is no order
        tell(broker, "edged/door/config/desired", b"last")
        assert len(device.hear(3)) == 3


def test_a_group_that_is_joined_is_heard_at_once_and_one_that_is_left_no_more(broker: Mosquitto) -> None:
    tell(broker, "edged/_group/night/config/desired", b"night", retain=True)
    device = Device(broker, "doors")
    with closing(device.session):
        device.session.connect(PATIENCE_S)
        device.ear.listen()
        device.groups = ("night",)
        device.ear.listen()
        assert device.hear(1) == [(b"night", "group:night", "_group/night", True)]
        tell(broker, "edged/_group/doors/config/desired", b"doors")
        tell(broker, "edged/door/config/desired", b"own")
        assert [payload for payload, *_ in device.hear(2)] == [b"night", b"own"]


def test_an_order_that_came_while_the_device_was_away_is_there_when_it_comes_back(broker: Mosquitto) -> None:
    device = Device(broker)
    device.session.connect(PATIENCE_S)
    device.ear.listen()
    while not isinstance(device.session.next_notice(PATIENCE_S), Subscribed):
        pass
    device.session.close()
    tell(broker, "edged/door/config/desired", b"not retained")
    with closing(device.session):
        device.session.connect(PATIENCE_S)
        device.ear.listen()
        assert device.hear(1) == [(b"not retained", "device", "door", False)]
