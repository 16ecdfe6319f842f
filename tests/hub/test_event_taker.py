"""What the hub takes for an event on the broker, what it does not, and who of several hubs takes it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from edged.api.fleet import Fleet, NewEvent
from edged.domain.door import Alarm, DoorAlarm
from edged.domain.frame import Moment
from edged.hub.event_taker import AT_ONCE, EventTaker
from edged.hub.home import HubHome
from edged.hub.settings import AnnounceSettings
from edged.hub.sqlite.fleet import SqliteFleet
from edged.hub.taking import Taking
from edged.hub.turn import Turn
from edged.measure.sample_event import SAMPLE_UTC, sample_event
from edged.measure.sample_passage import sample_passage
from edged.mqtt.notice import Received
from edged.runtime.mosquitto import Mosquitto
from edged.wire.door import AlarmRecord, alarm_of
from edged.wire.event import MAX_EVENT_BYTES, message_of, record_of
from edged.wire.passage import PassageRecord
from edged.wire.record import message_of as record_message
from tests.hub.sqlite_site import open_database
from tests.hub.taking_contract import PATIENCE_S, Device, TakingContract, kept, named, taking


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    with closing(open_database(tmp_path / "hub.db")) as database:
        yield SqliteFleet(database)


class TestOnSqlite(TakingContract):
    """In the hub's own database."""


def payload(number: int = 1, device: str = "door") -> bytes:
    return message_of(
        record_of(sample_event(number)), device=device, boot="b1", seq=number, published=SAMPLE_UTC, replayed=False
    ).encoded()


def changed(**values: Any) -> bytes:
    return json.dumps(json.loads(payload()) | values).encode()


class Taken:
    """A taker whose store is a list of what it was given at once."""

    def __init__(self, prefix: str = "edged") -> None:
        self.batches: list[list[NewEvent]] = []
        self.taker = EventTaker(prefix, lambda events: self.batches.append(list(events)))

    def heed(self, payload: bytes, topic: str = "edged/door/event") -> None:
        self.taker.heed(Received(topic, payload, retained=False))


def test_what_comes_at_once_is_kept_at_once() -> None:
    taken = Taken()
    for number in range(AT_ONCE + 3):
        taken.heed(payload(number, f"door-{number % 3}"), f"edged/door-{number % 3}/event")
    taken.taker.keep()
    taken.taker.keep()
    assert [len(batch) for batch in taken.batches] == [AT_ONCE]
    assert taken.taker.kept == AT_ONCE


def test_passages_and_alarms_are_taken_too_each_under_its_own_topic() -> None:
    def told(record: PassageRecord | AlarmRecord) -> bytes:
        return record_message(record, device="door", boot="b1", seq=1, published=SAMPLE_UTC, replayed=False).encoded()

    alarm = alarm_of(DoorAlarm("a1", "front", Alarm.FORCED, on=True, at=Moment(1.0, SAMPLE_UTC)), "a2")
    taken = Taken()
    taken.heed(told(sample_passage(1)), "edged/door/passage")
    taken.heed(told(alarm), "edged/door/alarm")
    taken.heed(told(sample_passage(2)), "edged/door/event")
    taken.heed(payload(), "edged/door/passage")
    taken.taker.keep()
    ((passage, raised),) = taken.batches
    assert (passage.id, raised.id) == (sample_passage(1).id, "a2")
    assert taken.taker.passed_over == 2


def test_what_a_newer_device_says_beyond_that_is_kept_too() -> None:
    taken = Taken("site/two")
    taken.heed(changed(mood="good", person=None), "site/two/door/event")
    taken.taker.keep()
    ((event,),) = taken.batches
    assert (event.device, event.id) == ("door", sample_event(1).id)
    assert json.loads(event.document)["mood"] == "good"


@pytest.mark.parametrize(
    ("topic", "message"),
    [
        ("edged/door/event", b""),
        ("edged/door/event", b"\xff"),
        ("edged/door/event", b"[]"),
        ("edged/door/event", payload()[:-1]),
        ("edged/door/event", payload() + b" " * MAX_EVENT_BYTES),
        ("edged/door/event", changed(v=2)),
        ("edged/door/event", changed(id="")),
        ("edged/door/event", changed(id="a" * 65)),
        ("edged/door/event", changed(id="a/b")),
        ("edged/door/event", changed(outcome="spectre")),
        ("edged/door/event", changed(more=[[]]).replace(b"[[]]", b"[" * 20_000 + b"]" * 20_000)),
        ("edged/door/event", changed(more=7).replace(b'"more": 7', b'"more": 1e999')),
        ("edged/door/event", changed(more=7).replace(b'"more": 7', b'"more": ' + b"7" * 5000)),
        ("edged/door/event", changed(more=7).replace(b'"more": 7', b'"more": "\\ud800"')),
        ("edged/gate/event", payload(device="door")),
        ("edged/door/event", payload(device="gate")),
    ],
)
def test_what_is_no_event_of_the_topics_device_is_passed_over_and_said_once(
    topic: str, message: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    taken = Taken()
    for _ in range(3):
        taken.heed(message, topic)
    taken.heed(payload(2))
    taken.taker.keep()
    assert [[event.id for event in batch] for batch in taken.batches] == [[sample_event(2).id]]
    assert taken.taker.passed_over == 3
    assert len(caplog.records) == 1
    assert topic.split("/")[1] in caplog.text


@pytest.mark.parametrize(
    "topic", ["edged/a b/event", "edged/\n/event", "edged//event", "edged/_/x/event", "other/door/event", "edged/door"]
)
def test_what_no_device_is_called_is_not_even_named(topic: str, caplog: pytest.LogCaptureFixture) -> None:
    taken = Taken()
    taken.heed(payload(), topic)
    taken.taker.keep()
    assert (taken.batches, caplog.records) == ([], [])


def test_the_log_is_not_filled_by_made_up_devices(caplog: pytest.LogCaptureFixture) -> None:
    taken = Taken()
    for number in range(1000):
        taken.heed(b"", f"edged/d{number}/event")
    assert (taken.taker.passed_over, len(caplog.records)) == (1000, 100)


def test_one_process_has_the_turn_until_it_ends(tmp_path: Path) -> None:
    with closing(Turn(tmp_path / "lock")) as first, closing(Turn(tmp_path / "lock")) as second:
        assert first.is_mine()
        assert not second.is_mine()
        assert first.is_mine()
        first.close()
        assert second.is_mine()


def test_of_two_hubs_on_one_directory_the_other_takes_events_when_the_first_is_gone(
    fleet: Fleet, broker: Mosquitto, tmp_path: Path
) -> None:
    def counted(counts: list[int]) -> Callable[[Sequence[NewEvent]], None]:
        def keep(events: Sequence[NewEvent]) -> None:
            counts.append(len(events))
            fleet.keep_all(events)

        return keep

    ones: list[int] = []
    others: list[int] = []
    with closing(Device(tmp_path, broker.port)) as device, ExitStack() as first, ExitStack() as second:
        device.connect()
        first.enter_context(taking(tmp_path, broker.port, fleet, counted(ones)))
        device.append(1)
        device.drain()
        second.enter_context(taking(tmp_path, broker.port, fleet, counted(others)))
        device.append(2)
        device.drain()
        assert (sum(ones), others) == (2, [])
        first.close()
        device.append(3)
        device.drain()
        assert (sum(ones), sum(others)) == (2, 1)
    assert kept(fleet) == named("door", 1, 2, 3)


def test_hubs_on_two_machines_both_take_every_event_and_the_store_has_it_once(
    fleet: Fleet, broker: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    names = iter(["edged-hub-1", "edged-hub-2"])
    monkeypatch.setattr("tests.hub.taking_contract.Taking", lambda taker, turn, _name: Taking(taker, turn, next(names)))
    with (
        taking(tmp_path / "one", broker.port, fleet) as one,
        taking(tmp_path / "two", broker.port, fleet) as two,
        closing(Device(tmp_path, broker.port)) as device,
    ):
        device.append(1, 2, 3)
        device.connect()
        device.drain()
        deadline = time.monotonic() + PATIENCE_S
        while min(one.kept, two.kept) < 3:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert kept(fleet) == named("door", 1, 2, 3)


def test_a_hub_that_is_not_to_take_events_takes_none(tmp_path: Path) -> None:
    settings = AnnounceSettings.model_validate({"enabled": True})
    assert Taking.of(settings, HubHome(tmp_path), lambda _: None) is None


def test_a_hubs_name_is_the_same_at_each_start_and_another_ones_elsewhere(tmp_path: Path) -> None:
    settings = AnnounceSettings.model_validate({"enabled": True, "events": True})
    names = []
    for folder in (tmp_path / "a", tmp_path / "a", tmp_path / "b"):
        found = Taking.of(settings, HubHome(folder), lambda _: None)
        assert found is not None
        names.append(found.client_id)
    assert names[0] == names[1] != names[2]
    assert len(names[0]) <= 23


def test_a_broker_that_forbids_it_is_named_once(fleet: Fleet, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    (folder / "rules").write_text("topic read #\ntopic write edged/_hub/#\ntopic write edged/+/event\n")
    with (
        Mosquitto(folder, ["allow_anonymous true", f"acl_file {folder}/rules"]) as broker,
        taking(tmp_path, broker.port, fleet),
        closing(Device(tmp_path, broker.port)) as device,
    ):
        device.connect()
        for number in (1, 2):
            device.append(number)
            device.run(lambda number=number: len(kept(fleet)) == number)  # type: ignore[misc]
        deadline = time.monotonic() + PATIENCE_S
        while "does not let us write edged/+/event/ack (not authorized)" not in caplog.text:
            assert time.monotonic() < deadline, caplog.text
            time.sleep(0.05)
        assert device.outbox.counters().pending == 2
    assert caplog.text.count("does not let us") == 1
