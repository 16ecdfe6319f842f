"""A whole door: the real daemon, a real broker with a relay on it, a real face, real codes."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from edged.config.layers import load
from edged.domain.passage import Factor
from edged.measure.listener import Listener
from edged.mqtt.notice import Notice, Received
from edged.runtime.mosquitto import Mosquitto
from edged.runtime.state_dir import StateDir
from tests.runtime.asking import asking
from tests.runtime.daemon import RunningDaemon, running
from tests.runtime.test_end_to_end import QUICK, TOPIC, edged

RELAY = "shelly/door/command"
RELAY_SETTINGS = {"kind": "mqtt", "topic": RELAY}


def document(broker: Mosquitto, photo: Path, **door: Any) -> dict[str, Any]:
    return {
        "mqtt": {"host": "127.0.0.1", "port": broker.port},
        "visits": QUICK,
        "control": {"allow": ["open_door"]},
        "cameras": {"porch": {"kind": "demo", "photo": str(photo), "appear_s": 4.0, "absent_s": 2.5}},
        "access": {"doors": {"front": {"camera": "porch", "relay": RELAY_SETTINGS, "pulse_s": 0.5, **door}}},
    }


def said(topic: str, **wanted: object) -> Callable[[Notice], bool]:
    def matches(notice: Notice) -> bool:
        if not isinstance(notice, Received) or notice.topic != topic:
            return False
        message = json.loads(notice.payload)
        return all(message[key] == value for key, value in wanted.items())

    return matches


def switched(word: bytes) -> Callable[[Notice], bool]:
    return lambda notice: isinstance(notice, Received) and notice.topic == RELAY and notice.payload == word


def opened_and_shut(listener: Listener) -> None:
    """Waits until the relay was switched on and, after that, off; that it is off is said at the start, too."""

    def words() -> list[bytes]:
        return [item.payload for item in listener.received if item.topic == RELAY]

    while b"ON" not in words() or words()[-1] != b"OFF":
        listener.listen(lambda notice: isinstance(notice, Received) and notice.topic == RELAY, 10)


def passages(listener: Listener) -> list[dict[str, Any]]:
    return [json.loads(item.payload) for item in listener.received if item.topic == f"{TOPIC}/passage"]


@contextmanager
def door(
    folder: Path, models: Path, broker: Mosquitto, photo: Path, **settings: Any
) -> Iterator[tuple[RunningDaemon, Listener]]:
    with closing(Listener(broker.port, "#")) as listener:
        listener.connect()
        with running(folder, models, **document(broker, photo, **settings)) as daemon:
            daemon.ready()
            listener.listen(said(f"{TOPIC}/door/front", reachable=True), 20)
            yield daemon, listener


def test_it_opens_for_whom_it_knows_says_why_and_for_nobody_else(
    tmp_path: Path, models_dir: Path, broker: Mosquitto, astronaut_path: Path
) -> None:
    with door(tmp_path, models_dir, broker, astronaut_path) as (daemon, listener):
        listener.listen(said(f"{TOPIC}/passage", verdict="refused"), 30)
        assert not any(item.payload == b"ON" for item in listener.received if item.topic == RELAY)
        edged(daemon, "enroll", "4711", str(astronaut_path), "--name", "Eileen")
        listener.listen(said(f"{TOPIC}/passage", verdict="granted"), 30)
        listener.listen(switched(b"OFF"), 10)
        stranger, known = passages(listener)[0], passages(listener)[-1]
        assert (stranger["rule"], stranger["why"], stranger["person"]) == ("known", "not_recognised", None)
        assert known["person"]["customer_person_id"] == "4711"
        assert known["similarity"] > known["threshold"]
        assert [rule["answer"] for rule in known["rules"] if rule["rule"] == "permitted"] == ["yes"]
        assert [item.payload for item in listener.received if item.topic == RELAY].count(b"ON") == 1
        assert known["seq"] == len(passages(listener))


def test_a_second_factor_is_waited_for_and_a_wrong_one_does_not_do(
    tmp_path: Path, models_dir: Path, broker: Mosquitto, astronaut_path: Path
) -> None:
    with door(tmp_path, models_dir, broker, astronaut_path, second_factor=["pin"]) as (daemon, listener):
        edged(daemon, "enroll", "4711", str(astronaut_path))
        loaded = load(daemon.config)
        state = StateDir.of(loaded.document)
        with closing(state.open_people(loaded.document)) as people:
            enrolled = people.find("4711")
            assert enrolled is not None
        with closing(state.open_credentials(loaded.document)) as credentials:
            credentials.set_code(enrolled.person.id, Factor.PIN, "482915")
        listener.listen(said(f"{TOPIC}/passage", verdict="waits", why="factor_wanted"), 40)
        assert not any(item.payload == b"ON" for item in listener.received if item.topic == RELAY)


def test_it_opens_on_request_and_says_who_asked(
    tmp_path: Path, models_dir: Path, broker: Mosquitto, astronaut_path: Path
) -> None:
    with door(tmp_path, models_dir, broker, astronaut_path) as (_daemon, listener), asking(broker.port) as asker:
        answer = asker.done("open_door", {}, by="guard")
        assert answer["door"] == "front"
        listener.listen(said(f"{TOPIC}/passage", cause="operator"), 10)
        opened_and_shut(listener)
        opened = [item for item in passages(listener) if item["cause"] == "operator"]
        assert "guard" in opened[0]["by"]
        state = [item for item in listener.received if item.topic == f"{TOPIC}/door/front"]
        assert json.loads(state[-1].payload)["mode"] == "normal"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_whatever_ends_the_daemon_ends_the_opening(
    number: signal.Signals, tmp_path: Path, models_dir: Path, broker: Mosquitto, astronaut_path: Path
) -> None:
    long = {"pulse_s": 30}
    with door(tmp_path, models_dir, broker, astronaut_path, **long) as (daemon, listener), asking(broker.port) as asker:
        asker.done("open_door", {}, by="guard")
        listener.listen(switched(b"ON"), 10)
        daemon.signal(number)
        daemon.process.wait(10)
        listener.listen(switched(b"OFF"), 5)


def test_a_door_is_given_by_the_configuration_while_it_runs_and_a_restart_opens_nothing(
    tmp_path: Path, models_dir: Path, broker: Mosquitto, astronaut_path: Path
) -> None:
    with door(tmp_path, models_dir, broker, astronaut_path) as (daemon, listener), asking(broker.port) as asker:
        asker.done("open_door", {}, by="guard")
        opened_and_shut(listener)
        daemon.change(access={"doors": {"back": {"relay": {"kind": "none"}}}})
        daemon.signal(signal.SIGHUP)
        deadline = time.monotonic() + 10
        while asker.ask("open_door", {"door": "back"}, by="guard")["status"] != "ok":
            assert time.monotonic() < deadline
        assert asker.refused("open_door", {"door": "front"}, by="guard") == "no_door"
    before = len([item for item in listener.received if item.topic == RELAY and item.payload == b"ON"])
    with closing(Listener(broker.port, RELAY)) as again:
        again.connect()
        (tmp_path / "notify").unlink()
        with running(tmp_path, models_dir, **document(broker, Path("/nowhere.png"))) as daemon:
            daemon.ready()
            time.sleep(1.0)
        assert before == 1
        assert not any(item.payload == b"ON" for item in again.received)
