"""What a device hears of its hub, and what it does not take for that; who may speak there."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edged.config.document import MqttSettings
from edged.measure.sample_broker import SampleBroker
from edged.mqtt.ear import Ear
from edged.mqtt.notice import Notice, Published, Received, Subscribed
from edged.mqtt.session import Session
from edged.runtime.mosquitto import Mosquitto
from edged.wire.feed import Announcement
from edged.wire.topics import announcements
from tests.conftest import ROOT

PATIENCE_S = 15.0
TOPIC = announcements("edged")
NEWS = [Announcement(epoch="e1", revision=number) for number in range(5)]
OTHERS = {
    "no JSON": b"\xff",
    "another payload": b'{"v":1,"state":"online"}',
    "another version": b'{"v":2,"epoch":"e1","revision":9}',
    "a revision below none": b'{"v":1,"epoch":"e1","revision":-1}',
    "a revision that no hub counts to": b'{"v":1,"epoch":"e1","revision":9223372036854775808}',
    "an epoch too long": NEWS[0].encoded().replace(b"e1", b"e" * 65),
    "too long altogether": NEWS[0].encoded() + b" " * 1024,
    "deeply nested": b'{"v":1,"epoch":"e1","revision":1,"more":' + b"[" * 900,
    "nothing": b"",
}


def _settings(port: int, **settings: object) -> MqttSettings:
    return MqttSettings.model_validate({"host": "127.0.0.1", "port": port} | settings)


class Device:
    """A device's session with an ear."""

    def __init__(self, settings: MqttSettings) -> None:
        self.heard: list[Announcement] = []
        self.session = Session.of_device(settings, "door")
        self.ear = Ear(self.session, announcements(settings.prefix), self.heard.append)

    def connect(self) -> None:
        self.session.connect(PATIENCE_S)
        self.ear.listen()
        self.until(Subscribed)

    def until(self, kind: type[Notice]) -> Notice:
        """Heeds what comes, up to the first notice of a kind."""
        while True:
            notice = self.session.next_notice(PATIENCE_S)
            assert notice is not None
            if isinstance(notice, Received | Subscribed):
                self.ear.heed(notice)
            if isinstance(notice, kind):
                self.ear.tell()
                return notice


@pytest.fixture(params=["5", "3.1.1"])
def device(broker: Mosquitto, request: pytest.FixtureRequest) -> Iterator[Device]:
    device = Device(_settings(broker.port, protocol=request.param))
    with closing(device.session):
        yield device


@pytest.fixture
def hub(broker: Mosquitto) -> Iterator[Session]:
    """Somebody who may publish anything."""
    with closing(Session(_settings(broker.port), "hub")) as session:
        session.connect(PATIENCE_S)
        yield session


def _tell(session: Session, payload: bytes, *, retain: bool = True) -> Published:
    """Publishes, and waits for the broker's answer."""
    mid = session.publish(TOPIC, payload, qos=1, retain=retain)
    notice = session.next_notice(PATIENCE_S)
    assert isinstance(notice, Published)
    assert notice.mid == mid
    return notice


def test_what_stands_there_is_heard_and_what_comes(device: Device, hub: Session) -> None:
    _tell(hub, NEWS[1].encoded())
    device.connect()
    device.until(Received)
    _tell(hub, NEWS[2].encoded())
    device.until(Received)
    assert device.heard == NEWS[1:3]


def test_what_was_told_meanwhile_is_heard_after_the_next_connect_once(device: Device, hub: Session) -> None:
    device.connect()
    device.session.close()
    for announcement in NEWS:
        _tell(hub, announcement.encoded())
    device.connect()
    device.until(Received)
    _tell(hub, NEWS[0].encoded())
    device.until(Received)
    assert device.heard == [NEWS[4], NEWS[0]], "the broker keeps no pile for who is away"


def test_of_what_comes_at_once_the_newest_is_passed_on(device: Device, hub: Session) -> None:
    device.connect()
    for announcement in NEWS:
        _tell(hub, announcement.encoded())
    for _ in NEWS:
        notice = device.session.next_notice(PATIENCE_S)
        assert isinstance(notice, Received)
        device.ear.heed(notice)
    device.ear.tell()
    device.ear.tell()
    assert device.heard == [NEWS[4]]


@pytest.mark.parametrize("other", OTHERS)
def test_what_is_no_announcement_is_passed_over(device: Device, hub: Session, other: str) -> None:
    device.connect()
    _tell(hub, OTHERS[other], retain=False)
    device.until(Received)
    _tell(hub, NEWS[3].encoded())
    device.until(Received)
    assert device.heard == [NEWS[3]]
    assert device.ear.passed_over == 1


def test_it_is_logged_once_and_not_quoted(device: Device, hub: Session, caplog: pytest.LogCaptureFixture) -> None:
    device.connect()
    for _ in range(3):
        _tell(hub, b"tell-tale", retain=False)
        device.until(Received)
    assert device.ear.passed_over == 3
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "tell-tale" not in caplog.text


# The access list that scripts/broker sets up


def test_only_the_hub_announces_and_devices_hear_it(tmp_path: Path) -> None:
    broker = SampleBroker(tmp_path, ROOT / "scripts" / "broker")
    door, named_hub = broker.add("device", "door"), broker.add("hub", "hub")
    device = Device(broker.settings(door))
    with (
        broker,
        closing(device.session),
        closing(Session(broker.settings(named_hub), "hub")) as hub,
    ):
        device.connect()
        refused = device.session.publish(TOPIC, NEWS[4].encoded(), qos=1, retain=True)
        assert device.until(Published) == Published(refused, "not authorized")
        hub.connect(PATIENCE_S)
        assert not _tell(hub, NEWS[1].encoded()).refusal
        device.until(Received)
        own = hub.publish("edged/door/event", b"", qos=1, retain=False)
        assert hub.next_notice(PATIENCE_S) == Published(own, "not authorized")
    assert device.heard == [NEWS[1]]
