"""What the talker hears of the hub, on a real broker. What it says is in test_end_to_end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from edged.config.document import MqttSettings
from edged.domain.frame import Moment
from edged.gallery.shots import ShotStore
from edged.measure.listener import Listener
from edged.measure.sample_event import sample_event
from edged.mqtt.ear import Ear
from edged.mqtt.notice import Notice, Received
from edged.mqtt.outbox import Outbox
from edged.mqtt.outbox_reader import Counters
from edged.mqtt.publisher import Publisher
from edged.mqtt.session import Session
from edged.runtime.clock import SystemClock
from edged.runtime.conditions import Conditions
from edged.runtime.mosquitto import Mosquitto
from edged.runtime.pulse import Pulse
from edged.runtime.stages import Stages
from edged.runtime.stop import Stop
from edged.runtime.talker import Talker
from edged.vault.vault import Vault
from edged.wire.camera import CameraStatus
from edged.wire.device import Health, Index, IndexModel, Info, LifeState
from edged.wire.event_ack import EventAck
from edged.wire.feed import Announcement
from edged.wire.payload import instant

PATIENCE_S = 30.0
TOPIC = "edged/_hub/revision"
CLOCK = SystemClock()


class Still(Pulse):
    """Of a device without cameras and models."""

    def __init__(self) -> None:
        pass

    def info(self) -> Info:
        return Info(
            device="door",
            boot="b1",
            started=instant(0),
            versions={},
            models=(),
            capabilities=(),
            config="",
            config_schema="",
            restart_required=False,
        )

    def index(self) -> Index:
        model = IndexModel(name="toy", digest="", dimension=8)
        return Index(version=0, digest="", persons=0, templates=0, model=model)

    def cameras(self) -> dict[str, CameraStatus]:
        return {}

    def health(self, counters: Counters, queues: Mapping[str, int]) -> Health:
        return Health(
            at=instant(0),
            state=LifeState.READY,
            uptime_s=0,
            conditions=(),
            cameras={},
            stages={},
            queues={"events": counters.pending, **queues},
            events_dropped=0,
            faces_refused={},
            rss_mb=0,
            cpu_percent=0,
            temperature_c=None,
            disk_free_mb=0,
            clock_synchronised=None,
        )


@contextmanager
def talking(
    folder: Path,
    broker: Mosquitto,
    heard: Callable[[Announcement], None] | None,
    settings: Mapping[str, str],
    acknowledge: Callable[[Sequence[int]], None] = lambda _: None,
    conditions: Conditions | None = None,
) -> Iterator[Talker]:
    """A talker that runs until the block ends."""
    with closing(Outbox.open(folder / "events.db", "b1", now=CLOCK.now().utc)) as outbox:
        outbox.append([sample_event(1), sample_event(2)])
        talker = Talker(
            MqttSettings.model_validate({"host": "127.0.0.1", "port": broker.port, **settings}),
            "door",
            pulse=Still(),
            outbox=folder / "events.db",
            shots=ShotStore(folder / "shots", Vault(bytes(32)).seal_for("shots")),
            acknowledge=acknowledge,
            publish_image=lambda: False,
            clock=CLOCK,
            conditions=conditions or Conditions(CLOCK),
            stages=Stages(),
            hearers=lambda session: [] if heard is None else [Ear(session, TOPIC, heard)],
        )
        stop = Stop()
        thread = threading.Thread(target=talker.run, args=(stop,), name="talker")
        thread.start()
        try:
            yield talker
        finally:
            stop.set()
            talker.wake()
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


def tell(broker: Mosquitto, payload: bytes, topic: str = TOPIC, *, retain: bool = True) -> None:
    """As somebody who may write there."""
    with closing(Session(MqttSettings(host="127.0.0.1", port=broker.port), "hub")) as session:
        session.connect(PATIENCE_S)
        session.publish(topic, payload, qos=1, retain=retain)
        session.next_notice(PATIENCE_S)


def wait(truth: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not truth():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_what_the_hub_announces_is_heard_on_the_talkers_own_thread(
    tmp_path: Path, broker: Mosquitto, protocol: str
) -> None:
    heard: list[tuple[int, str]] = []

    def hear(announcement: Announcement) -> None:
        heard.append((announcement.revision, threading.current_thread().name))

    tell(broker, Announcement(epoch="e1", revision=7).encoded())
    with talking(tmp_path, broker, hear, {"protocol": protocol}):
        wait(lambda: len(heard) == 1)
        tell(broker, b"no announcement")
        tell(broker, Announcement(epoch="e1", revision=8).encoded())
        wait(lambda: len(heard) == 2)
    assert heard == [(7, "talker"), (8, "talker")]


def test_what_stands_there_is_heard_again_when_the_broker_is_back(tmp_path: Path, broker: Mosquitto) -> None:
    heard: list[int] = []
    with talking(tmp_path, broker, lambda announcement: heard.append(announcement.revision), {}) as talker:
        tell(broker, Announcement(epoch="e1", revision=7).encoded())
        wait(lambda: heard == [7])
        broker.stop()
        wait(lambda: not talker.connected)
        broker.start()
        wait(lambda: heard == [7, 7])


def test_a_device_without_a_hub_asks_for_nothing(tmp_path: Path) -> None:
    with (
        Mosquitto(tmp_path, ["allow_anonymous true", "log_type subscribe"]) as broker,
        closing(Listener(broker.port, "edged/door/available")) as listener,
    ):
        listener.connect()
        with talking(tmp_path, broker, None, {}):
            listener.until(b"online")
        log = (tmp_path / "mosquitto.log").read_text()
    assert "edged/door/available" in log
    assert TOPIC not in log


class Endless(Session):
    """A session with a broker that never stops sending."""

    def __init__(self) -> None:
        super().__init__(MqttSettings(), "endless")
        self.given = 0

    def next_notice(self, timeout: float) -> Notice:
        self.given += 1
        assert self.given < 10_000, "nothing else is done any more"
        return Received("edged/door/request/sync", b"{}", retained=False)


class Nothing(Publisher):
    """Events, of which there are none."""

    def __init__(self) -> None:
        pass

    def step(self, now: Moment) -> None:
        pass


def test_a_flood_of_messages_gives_everything_else_its_turn(
    tmp_path: Path, broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    with talking(tmp_path, broker, None, {}) as talker:
        pass  # made, and ended
    flood = Endless()
    monkeypatch.setattr(talker, "_session", flood)
    talker._round(Nothing(), 0.25)
    assert flood.given > 1


def test_the_brokers_word_is_enough_where_nobody_elses_is_asked_for(tmp_path: Path, broker: Mosquitto) -> None:
    settled: list[int] = []
    with talking(tmp_path, broker, None, {}, settled.extend) as talker:
        wait(lambda: settled == [1, 2])
        assert dict(talker.queues) == {}


def test_where_the_hubs_word_is_asked_for_the_brokers_is_not_enough(
    tmp_path: Path, broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edged.mqtt.hub_publisher.LATE_S", 0.5)
    settled: list[int] = []
    conditions = Conditions(CLOCK)
    settings = {"acknowledged_by": "hub"}

    def is_said() -> bool:
        return any(condition.name == "hub.events" for condition in conditions.current())

    with talking(tmp_path, broker, None, settings, settled.extend, conditions) as talker:
        wait(lambda: talker.queues == {"events_unacknowledged": 2})
        wait(is_said)
        assert settled == []
        ack = EventAck(ids=(sample_event(1).id, sample_event(2).id)).encoded()
        tell(broker, ack, "edged/door/event/ack", retain=False)
        wait(lambda: settled == [1, 2])
        wait(lambda: not is_said())
        assert talker.queues == {"events_unacknowledged": 0}
