"""Home Assistant's births, heard on a real broker, and what is taken away there."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing

import pytest

from edged.config.document import MqttSettings
from edged.measure.listener import Listener
from edged.mqtt.greeter import REST_S, SPREAD_S, Greeter
from edged.mqtt.notice import Notice, Published, Received, Subscribed
from edged.mqtt.session import Session
from edged.runtime.mosquitto import Mosquitto

PATIENCE_S = 15.0
STATUS = "homeassistant/status"
OLD = "homeassistant/device/door/edged/config"


class Device:
    """A device's session with a greeter, and a clock that stands still."""

    def __init__(self, port: int, leftovers: tuple[str, ...] = ()) -> None:
        self.now = 1000.0
        self.said: list[str] = []
        self.session = Session.of_device(MqttSettings(host="127.0.0.1", port=port), "door")
        self.greeter = Greeter(
            self.session,
            STATUS,
            leftovers=leftovers,
            born=lambda: self.said.append("all again"),
            cleared=lambda: self.said.append("cleared"),
            now=lambda: self.now,
            chance=random.Random(7),
        )
        self.session.connect(PATIENCE_S)
        self.greeter.listen()

    def until(self, kind: type[Notice]) -> None:
        while True:
            notice = self.session.next_notice(PATIENCE_S)
            assert notice is not None
            if isinstance(notice, Received | Subscribed):
                self.greeter.heed(notice)
            if isinstance(notice, kind):
                return

    def after(self, seconds: float) -> list[str]:
        self.now += seconds
        self.greeter.tell()
        return self.said


@pytest.fixture
def home_assistant(broker: Mosquitto) -> Iterator[Session]:
    with closing(Session(MqttSettings(host="127.0.0.1", port=broker.port), "ha")) as session:
        session.connect(PATIENCE_S)
        yield session


def say(session: Session, topic: str, payload: bytes, *, retain: bool = False) -> None:
    session.publish(topic, payload, qos=1, retain=retain)
    while not isinstance(session.next_notice(PATIENCE_S), Published):
        pass


def test_a_birth_is_answered_once_within_the_spread(broker: Mosquitto, home_assistant: Session) -> None:
    device = Device(broker.port)
    with closing(device.session):
        device.until(Subscribed)
        for _ in range(2):
            say(home_assistant, STATUS, b"online")
            device.until(Received)
        assert device.after(0) == []
        assert device.after(SPREAD_S) == ["all again"]
        assert device.after(SPREAD_S) == ["all again"]


def test_hundreds_of_devices_do_not_answer_at_the_same_moment(home_assistant: Session) -> None:
    now, told = [0.0], list[float]()
    greeters = [
        Greeter(
            home_assistant,
            STATUS,
            leftovers=(),
            born=lambda: told.append(now[0]),
            cleared=lambda: None,
            now=lambda: now[0],
            chance=random.Random(seed),
        )
        for seed in range(200)
    ]
    for greeter in greeters:
        greeter.heed(Received(STATUS, b"online", retained=False))
    for now[0] in (second / 2 for second in range(1 + int(2 * SPREAD_S))):
        for greeter in greeters:
            greeter.tell()
    assert len(told) == len(greeters)
    assert max(told.count(moment) for moment in told) < 40


def test_whoever_cries_birth_without_end_is_answered_now_and_then(broker: Mosquitto, home_assistant: Session) -> None:
    device = Device(broker.port)
    with closing(device.session):
        device.until(Subscribed)
        for _ in range(10):
            say(home_assistant, STATUS, b"online")
            device.until(Received)
            device.after(SPREAD_S)
        assert 1 <= len(device.said) <= 1 + 10 * SPREAD_S / REST_S


@pytest.mark.parametrize("payload", [b"offline", b"", b"ONLINE", b"online" * 10_000, b"\xff"])
def test_what_is_no_birth_is_passed_over(broker: Mosquitto, home_assistant: Session, payload: bytes) -> None:
    device = Device(broker.port)
    with closing(device.session):
        device.until(Subscribed)
        say(home_assistant, STATUS, payload)
        device.until(Received)
        assert device.after(SPREAD_S) == []


def test_a_birth_from_before_we_came_is_none(broker: Mosquitto, home_assistant: Session) -> None:
    say(home_assistant, STATUS, b"online", retain=True)
    device = Device(broker.port)
    with closing(device.session):
        device.until(Received)
        assert device.after(SPREAD_S) == []


def test_leftovers_are_gone_when_it_says_so(broker: Mosquitto, home_assistant: Session) -> None:
    say(home_assistant, OLD, b"{}", retain=True)
    device = Device(broker.port, leftovers=(OLD,))
    with closing(device.session):
        device.until(Subscribed)
        assert device.after(0) == ["cleared"]
        with closing(Listener(broker.port, OLD)) as listener:
            listener.connect()
            listener.collect(0.3)
            assert listener.received == []
        device.greeter.listen()
        device.until(Subscribed)
        assert device.after(0) == ["cleared"]
