"""What every store makes of events that devices hand in on a broker. The device's side is the real one, too."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from edged.api.fleet import Fleet, NewEvent
from edged.config.document import MqttSettings
from edged.domain.errors import Unavailable
from edged.domain.frame import Moment
from edged.hub.announcer import announcing
from edged.hub.event_taker import EventTaker
from edged.hub.settings import AnnounceSettings
from edged.hub.taking import Taking
from edged.hub.turn import Turn
from edged.measure.listener import Listener
from edged.measure.sample_event import SAMPLE_UTC, sample_event
from edged.mqtt.hub_publisher import HubPublisher
from edged.mqtt.notice import Disconnected, Published, Received, Subscribed
from edged.mqtt.outbox import Outbox
from edged.mqtt.session import Session
from edged.runtime.mosquitto import Mosquitto
from edged.wire.topics import Topics

PATIENCE_S = 30.0


class Device:
    """An outbox and the session that drains it, on the test's own thread."""

    def __init__(self, folder: Path, port: int, name: str = "door", protocol: str = "5") -> None:
        self.topics = Topics("edged", name)
        self.outbox = Outbox.open(folder / f"{name}.db", "b1", now=SAMPLE_UTC, reserve_bytes=65_536)
        settings = MqttSettings.model_validate({"host": "127.0.0.1", "port": port, "protocol": protocol})
        self.session = Session.of_device(settings, name)
        self.publisher = HubPublisher(self.outbox, self.session, self.topics, self.outbox.acknowledge, lambda _: None)

    def append(self, *numbers: int) -> None:
        self.outbox.append([sample_event(number) for number in numbers])

    def connect(self) -> None:
        self.session.connect(PATIENCE_S)
        self.publisher.start_over()
        for hearer in self.publisher.hearers:
            hearer.listen()

    def run(self, enough: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not enough():
            assert time.monotonic() < deadline, self.outbox.counters()
            self.publisher.step(Moment(time.monotonic(), time.time()))
            match self.session.next_notice(0.1):
                case Published() as answer:
                    self.publisher.heed(answer)
                case Received() | Subscribed() as notice:
                    for hearer in self.publisher.hearers:
                        hearer.heed(notice)
                case Disconnected(reason):
                    raise Unavailable(reason)
        self.publisher.step(Moment(time.monotonic(), time.time()))

    def drain(self) -> None:
        self.run(lambda: self.outbox.counters().pending == 0)

    def sent(self) -> None:
        """Runs until the broker has everything."""
        newest = self.outbox.newest()
        self.run(lambda: self.publisher.queues["events_unacknowledged"] == newest and not self.publisher.under_way)

    def close(self) -> None:
        self.session.close()
        self.outbox.close()


@contextmanager
def taking(
    folder: Path, port: int, fleet: Fleet, keep: Callable[[Sequence[NewEvent]], None] | None = None, **more: object
) -> Iterator[EventTaker]:
    """A hub that takes events until the block ends; at the next start the broker knows it again."""
    settings = AnnounceSettings.model_validate(
        {"enabled": True, "events": True, "host": "127.0.0.1", "port": port} | more
    )
    taker = EventTaker(settings.prefix, keep or fleet.keep_all)
    with (
        closing(Turn(folder / "events.lock")) as turn,
        announcing(settings, fleet.newest, Taking(taker, turn, "edged-hub-test")),
    ):
        yield taker


def kept(fleet: Fleet) -> list[tuple[str, str]]:
    return [(record.device, record.id) for record in fleet.events(0, 1000)]


def told(acks: Listener) -> set[str]:
    """What was acknowledged in somebody's hearing."""
    return {own_id for message in acks.received for own_id in json.loads(message.payload)["ids"]}


def named(device: str, *numbers: int) -> list[tuple[str, str]]:
    return [(device, sample_event(number).id) for number in numbers]


class TakingContract:
    """For a class with a fixture `fleet`."""

    @pytest.mark.parametrize("protocol", ["5", "3.1.1"])
    def test_an_event_leaves_the_outbox_when_the_store_has_it(
        self, fleet: Fleet, broker: Mosquitto, tmp_path: Path, protocol: str
    ) -> None:
        with (
            taking(tmp_path, broker.port, fleet, protocol=protocol),
            closing(Device(tmp_path, broker.port, protocol=protocol)) as device,
        ):
            device.connect()
            device.append(*range(1, 301))
            device.drain()
        assert kept(fleet) == named("door", *range(1, 301))
        event = json.loads(fleet.events(0, 1)[0].document)
        assert (event["device"], event["seq"], event["person"]) == ("door", 1, None)

    def test_nothing_is_acknowledged_before_the_store_has_it(
        self, fleet: Fleet, broker: Mosquitto, tmp_path: Path
    ) -> None:
        tries: list[int] = []

        def keep(events: Sequence[NewEvent]) -> None:
            tries.append(len(events))
            if len(tries) == 1:
                assert kept(fleet) == []
                raise Unavailable("another process holds the store")
            fleet.keep_all(events)
            assert acks.received == []

        with (
            closing(Listener(broker.port, "edged/+/event/ack")) as acks,
            taking(tmp_path, broker.port, fleet, keep),
            closing(Device(tmp_path, broker.port)) as device,
        ):
            acks.connect()
            device.connect()
            device.append(1)
            device.drain()
            acks.listen(lambda notice: isinstance(notice, Received))
        assert len(tries) >= 2
        assert kept(fleet) == named("door", 1)

    def test_what_comes_twice_is_kept_once_and_acknowledged_again(
        self, fleet: Fleet, broker: Mosquitto, tmp_path: Path
    ) -> None:
        for _ in range(2):  # the second time with an outbox that knows nothing of the first
            with taking(tmp_path, broker.port, fleet), closing(Device(tmp_path, broker.port)) as device:
                device.append(1, 2, 3)
                device.connect()
                device.drain()
            (tmp_path / "door.db").unlink()
        assert kept(fleet) == named("door", 1, 2, 3)

    def test_what_came_while_the_hub_was_away_is_taken_at_its_next_start(
        self, fleet: Fleet, broker: Mosquitto, tmp_path: Path
    ) -> None:
        with closing(Device(tmp_path, broker.port)) as device:
            device.connect()
            with taking(tmp_path, broker.port, fleet):
                device.append(1)
                device.drain()
            device.append(2, 3)
            device.run(lambda: device.publisher.queues["events_unacknowledged"] == 2 and not device.publisher.under_way)
            assert kept(fleet) == named("door", 1)
            with taking(tmp_path, broker.port, fleet):
                device.drain()
        assert kept(fleet) == named("door", 1, 2, 3)

    def test_each_device_hears_of_its_own(self, fleet: Fleet, broker: Mosquitto, tmp_path: Path) -> None:
        with (
            taking(tmp_path, broker.port, fleet),
            closing(Device(tmp_path, broker.port, "door")) as door,
            closing(Device(tmp_path, broker.port, "gate")) as gate,
            closing(Listener(broker.port, "edged/gate/event/ack")) as acks,
        ):
            acks.connect()
            door.append(1, 2)
            gate.append(2, 3)
            for device in (door, gate):
                device.connect()
                device.drain()
            own = {own_id for _device, own_id in named("gate", 2, 3)}
            acks.listen(lambda _: told(acks) >= own)
        assert sorted(kept(fleet)) == named("door", 1, 2) + named("gate", 2, 3)
        assert told(acks) == own
