"""What a device is asked for on a real broker, and what it does not hear."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from edged.config.document import MqttSettings
from edged.mqtt.inbox import Heard, Inbox
from edged.mqtt.notice import Received, Subscribed
from edged.mqtt.session import Session
from edged.runtime.mosquitto import Mosquitto
from edged.wire.topics import Topics

PATIENCE_S = 15.0


class Device:
    """A device's session with an inbox."""

    def __init__(self, port: int, protocol: str) -> None:
        settings = MqttSettings.model_validate({"host": "127.0.0.1", "port": port, "protocol": protocol})
        self.groups: list[str] = []
        self.heard: list[Heard] = []
        self.session = Session.of_device(settings, "door")
        self.inbox = self.new_inbox()

    def new_inbox(self) -> Inbox:
        return Inbox(self.session, Topics("edged", "door"), lambda: self.groups, self.heard.append)

    def connect(self) -> None:
        self.session.connect(PATIENCE_S)
        self.inbox.listen()
        self.settle(1 + len(self.groups))

    def settle(self, subscriptions: int) -> None:
        """Heeds what comes until so many subscriptions stand."""
        while subscriptions:
            notice = self.session.next_notice(PATIENCE_S)
            assert notice is not None
            if isinstance(notice, Received | Subscribed):
                self.inbox.heed(notice)
            subscriptions -= isinstance(notice, Subscribed)

    def until(self, count: int) -> list[str]:
        """The payloads of what was heard, when it is so many."""
        while len(self.heard) < count:
            notice = self.session.next_notice(PATIENCE_S)
            assert notice is not None
            if isinstance(notice, Received | Subscribed):
                self.inbox.heed(notice)
        return [item.payload.decode() for item in self.heard]


@pytest.fixture(params=["5", "3.1.1"])
def device(broker: Mosquitto, request: pytest.FixtureRequest) -> Iterator[Device]:
    device = Device(broker.port, request.param)
    with closing(device.session):
        yield device


@pytest.fixture
def admin(broker: Mosquitto) -> Iterator[Session]:
    with closing(Session(MqttSettings(host="127.0.0.1", port=broker.port), "admin")) as session:
        session.connect(PATIENCE_S)
        yield session


def say(session: Session, topic: str, text: str, *, retain: bool = False) -> None:
    session.publish(topic, text.encode(), qos=1, retain=retain)
    session.next_notice(PATIENCE_S)


def test_its_own_requests_and_those_of_its_groups_are_told_apart(device: Device, admin: Session) -> None:
    device.groups = ["doors", "north"]
    device.connect()
    for topic in ("door", "_group/doors", "window", "_group/windows", "_group/north"):
        say(admin, f"edged/{topic}/request/sync", topic)
    say(admin, "edged/door/request/log_tail", "the end")
    assert device.until(4) == ["door", "_group/doors", "_group/north", "the end"]
    assert [item.to for item in device.heard] == ["door", "_group/doors", "_group/north", "door"]
    assert [item.command for item in device.heard] == ["sync", "sync", "sync", "log_tail"]


def test_what_stood_there_before_is_known_by_its_flag(device: Device, admin: Session) -> None:
    say(admin, "edged/door/request/open_door", "an old wish", retain=True)
    device.connect()
    device.until(1)
    say(admin, "edged/door/request/open_door", "a new wish")
    device.until(2)
    assert [item.retained for item in device.heard] == [True, False]


def test_the_broker_keeps_nothing_for_a_device_that_is_away(device: Device, admin: Session) -> None:
    device.connect()
    device.session.close()
    say(admin, "edged/door/request/open_door", "while it was away")
    device.connect()
    say(admin, "edged/door/request/open_door", "now")
    assert device.until(1) == ["now"]


def test_groups_that_change_are_heard_from_the_next_round_on(device: Device, admin: Session) -> None:
    device.groups = ["doors"]
    device.connect()
    device.inbox.tell()
    device.groups = ["north"]
    device.inbox.tell()
    device.settle(2)
    say(admin, "edged/_group/doors/request/sync", "left")
    say(admin, "edged/_group/north/request/sync", "joined")
    assert device.until(1) == ["joined"]


def test_a_group_that_was_left_before_a_restart_is_not_followed(device: Device, admin: Session) -> None:
    device.groups = ["doors"]
    device.connect()
    device.session.close()
    device.groups = []
    device.inbox = device.new_inbox()  # the broker still sends what the former process asked for
    device.connect()
    say(admin, "edged/_group/doors/request/sync", "left")
    say(admin, "edged/door/request/sync", "own")
    assert device.until(1) == ["own"]


def test_of_a_flood_that_nobody_takes_only_so_much_is_held(device: Device, admin: Session) -> None:
    device.connect()
    for number in range(60):
        say(admin, "edged/door/request/sync", f"{number} " + "x" * 250_000)
    say(admin, "edged/door/doctor", "")
    held = 0
    while (notice := device.session.next_notice(1.0)) is not None:
        assert isinstance(notice, Received)
        held += len(notice.payload)
    assert 4 * 2**20 < held < 9 * 2**20
    say(admin, "edged/door/request/sync", "after it")
    assert device.until(1) == ["after it"]
