"""The real daemon, a real Mosquitto, a real face: what somebody who listens gets to hear."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from edged.measure.listener import Listener
from edged.mqtt.notice import Notice, Received
from edged.runtime.mosquitto import Mosquitto
from edged.wire.schemas import schemas
from tests.runtime.daemon import RunningDaemon, running

TOPIC = "edged/testbed"
QUICK = {"leave_s": 0.8, "reentry_s": 1.0}


@pytest.fixture
def walks_in_and_out(astronaut_path: Path) -> dict[str, dict[str, object]]:
    return {"door": {"kind": "demo", "photo": str(astronaut_path), "appear_s": 3.0, "absent_s": 3.0}}


def edged(daemon: RunningDaemon, *words: str) -> dict[str, Any]:
    finished = subprocess.run(
        [sys.executable, "-m", "edged", *words, "--json", "--config", str(daemon.config)],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished
    document = json.loads(finished.stdout)
    assert isinstance(document, dict)
    return document


def is_event(**wanted: object) -> Callable[[Notice], bool]:
    def matches(notice: Notice) -> bool:
        if not isinstance(notice, Received) or notice.topic != f"{TOPIC}/event":
            return False
        event = json.loads(notice.payload)
        return all(event[key] == value for key, value in wanted.items())

    return matches


def events(listener: Listener) -> list[dict[str, Any]]:
    return [json.loads(item.payload) for item in listener.received if item.topic == f"{TOPIC}/event"]


def test_a_stranger_is_enrolled_and_comes_again_by_name(
    tmp_path: Path, models_dir: Path, broker: Mosquitto, astronaut_path: Path, walks_in_and_out: dict[str, Any]
) -> None:
    settings: dict[str, Any] = {
        "mqtt": {"host": "127.0.0.1", "port": broker.port},
        "visits": QUICK,
        "events": {"publish_image": True},
        "cameras": walks_in_and_out,
    }
    with closing(Listener(broker.port, f"{TOPIC}/#")) as listener:
        listener.connect()
        with running(tmp_path, models_dir, **settings) as daemon:
            listener.listen(is_event(type="new", outcome="unknown"), 30)
            listener.listen(is_event(type="end", outcome="unknown"), 30)
            enrolled = edged(daemon, "enroll", "4711", str(astronaut_path), "--name", "Eileen")
            listener.listen(is_event(type="new", outcome="known"), 30)
            listener.listen(is_event(type="end", outcome="known"), 30)
            stranger, gone = events(listener)[:2]
            # Enrolling takes a while: on a slow machine the stranger has come once more by then.
            known, left = [item for item in events(listener) if item["outcome"] == "known"][:2]
            assert stranger["visit"] == gone["visit"] != known["visit"] == left["visit"]
            assert known["person"] == {"id": enrolled["id"], "customer_person_id": "4711", "name": "Eileen"}
            assert stranger["person"] is None
            assert known["similarity"] >= known["threshold"]
            assert [item["seq"] for item in events(listener)] == list(range(1, len(events(listener)) + 1))
            assert not any(item["replayed"] for item in events(listener))

            again = edged(daemon, "replay", known["id"])
            assert again["same"] is True
            assert again["now"]["similarity"] == pytest.approx(known["similarity"], abs=1e-3)

            daemon.signal(signal.SIGTERM)
            assert daemon.process.wait(5) == 0
            listener.until(b"stopped")
    assert any(item.topic == f"{TOPIC}/image/{stranger['id']}" for item in listener.received)
    _obey_their_schemas(listener)


def test_a_stranger_who_comes_again_is_told_apart_on_the_device_and_nowhere_else(
    tmp_path: Path, models_dir: Path, broker: Mosquitto, walks_in_and_out: dict[str, Any]
) -> None:
    settings: dict[str, Any] = {
        "mqtt": {"host": "127.0.0.1", "port": broker.port},
        "visits": QUICK,
        "events": {"publish_image": True},
        "strangers": {"enabled": True},
        "log": {"level": "debug"},
        "cameras": walks_in_and_out,
    }
    with closing(Listener(broker.port, "#")) as listener:
        listener.connect()
        with running(tmp_path, models_dir, **settings) as daemon:
            listener.listen(is_event(type="end"), 30)
            listener.listen(lambda notice: is_event(type="new")(notice) and len(events(listener)) > 2, 30)
            daemon.signal(signal.SIGTERM)
            assert daemon.process.wait(5) == 0
            listener.until(b"stopped")
            told = {event["id"] for event in events(listener)}
            kept = [event for event in edged(daemon, "replay")["events"] if event["id"] in told]
            words = {event["stranger"] for event in kept}
            (word,) = words
            assert len(word) == 9
            assert {event["stranger_visits"] for event in kept} == {1, 2}
            again = edged(daemon, "replay", kept[0]["id"] if kept[0]["type"] == "new" else kept[-1]["id"])
            assert again["stranger"]["pseudonym"] == word
            log = daemon.log.read_text()
    assert len(listener.received) > 8
    for item in listener.received:
        assert word not in item.topic
        assert word.encode() not in item.payload, item.topic
        assert b'"stranger"' not in item.payload, item.topic
    assert word not in log
    _obey_their_schemas(listener)


def _obey_their_schemas(listener: Listener) -> None:
    """Everything that was published is what the published schemas say."""
    documents = schemas()
    for item in listener.received:
        kind = item.topic.removeprefix(TOPIC + "/").split("/")
        name = {"cam": kind[-1], "config": kind[-1], "image": None, "available": None}.get(kind[0], kind[0])
        if name is not None:
            jsonschema.validate(json.loads(item.payload), documents[name])


def test_without_a_broker_it_recognises_and_tells_later_in_order(
    tmp_path: Path, models_dir: Path, broker: Mosquitto, walks_in_and_out: dict[str, Any]
) -> None:
    broker.stop()
    settings: dict[str, Any] = {
        "mqtt": {"host": "127.0.0.1", "port": broker.port},
        "visits": QUICK,
        "cameras": walks_in_and_out,
    }
    with running(tmp_path, models_dir, **settings) as daemon:
        daemon.ready()
        daemon.wait_for("STATUS=ready; cameras 1/1; broker: ")
        shots = tmp_path / "state" / "shots"
        deadline = time.monotonic() + 30
        while len(list(shots.rglob("*.crops"))) < 2:
            assert time.monotonic() < deadline, "nobody was recognised without a broker"
            time.sleep(0.1)
        broker.start()
        with closing(Listener(broker.port, f"{TOPIC}/event")) as listener:
            listener.connect()
            listener.listen(is_event(replayed=False), 40)
            told = events(listener)
    assert told[0]["seq"] == 1
    assert told[0]["replayed"] is True
    assert [item["seq"] for item in told] == list(range(1, len(told) + 1))


def test_killed_it_leaves_offline_behind_and_loses_nothing(
    tmp_path: Path, models_dir: Path, broker: Mosquitto, walks_in_and_out: dict[str, Any]
) -> None:
    settings: dict[str, Any] = {
        "mqtt": {"host": "127.0.0.1", "port": broker.port},
        "visits": QUICK,
        "cameras": walks_in_and_out,
    }
    with closing(Listener(broker.port, f"{TOPIC}/#")) as listener:
        listener.connect()
        with running(tmp_path, models_dir, **settings) as daemon:
            listener.listen(is_event(type="new"), 30)
            daemon.process.kill()
            listener.until(b"offline")
        first_boot = events(listener)[0]["boot"]
        (tmp_path / "notify").unlink()
        with running(tmp_path, models_dir, **settings):
            listener.listen(lambda notice: is_event()(notice) and events(listener)[-1]["boot"] != first_boot, 30)
    assert events(listener)[-1]["seq"] == 1, "a new boot counts from the beginning"


def test_a_damaged_outbox_is_set_aside_and_named(tmp_path: Path, models_dir: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    (state / "events.db").write_bytes(os.urandom(8192))
    with running(tmp_path, models_dir) as daemon:
        daemon.ready()
        assert "outbox.damaged" in daemon.wait_for("STATUS=")
    assert len(list(state.glob("events.db*"))) >= 2


def test_a_recording_is_judged_to_its_end(tmp_path: Path, models_dir: Path, astronaut_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.png").symlink_to(astronaut_path)
    config = tmp_path / "edged.yaml"
    config.write_text(
        json.dumps(
            {
                "device": {"state": str(tmp_path / "state")},
                "models": {"directory": str(models_dir)},
                "mqtt": {"enabled": False},
                "http": {"enabled": False},
                "cameras": {"album": {"kind": "stills", "folder": str(folder), "interval_s": 0.2}},
            }
        )
    )
    finished = subprocess.run(
        [sys.executable, "-m", "edged", "run", "--until-ended", "--config", str(config)], timeout=60, check=False
    )
    assert finished.returncode == 0
    assert len(list((tmp_path / "state" / "shots").rglob("*.picture"))) == 1
