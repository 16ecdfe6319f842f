"""What the talker hears of the hub, on a real broker. What it says is in test_end_to_end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from edged.config.document import MqttSettings
from edged.gallery.shots import ShotStore
from edged.measure.listener import Listener
from edged.mqtt.ear import Ear
from edged.mqtt.outbox import Outbox
from edged.mqtt.outbox_reader import Counters
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
    folder: Path, broker: Mosquitto, heard: Callable[[Announcement], None] | None, settings: Mapping[str, str]
) -> Iterator[Talker]:
    """A talker that runs until the block ends."""
    with closing(Outbox.open(folder / "events.db", "b1", now=CLOCK.now().utc)):
        talker = Talker(
            MqttSettings.model_validate({"host": "127.0.0.1", "port": broker.port, **settings}),
            "door",
            pulse=Still(),
            outbox=folder / "events.db",
            shots=ShotStore(folder / "shots", Vault(bytes(32)).seal_for("shots")),
            acknowledge=lambda _: None,
            publish_image=lambda: False,
            clock=CLOCK,
            conditions=Conditions(CLOCK),
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


def tell(broker: Mosquitto, payload: bytes) -> None:
    """As somebody who may write there."""
    with closing(Session(MqttSettings(host="127.0.0.1", port=broker.port), "hub")) as session:
        session.connect(PATIENCE_S)
        session.publish(TOPIC, payload, qos=1, retain=True)
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
