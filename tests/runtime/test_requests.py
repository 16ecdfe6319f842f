"""Requests over MQTT: a real daemon, a real broker, a real face."""

from __future__ import annotations

import json
import signal
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import jsonschema
import numpy as np
import pytest

from edged.config.control import COMMANDS
from edged.runtime.mosquitto import Mosquitto
from edged.vault.receipt import is_genuine
from tests.runtime.asking import Asker, Message, asking, is_answer
from tests.runtime.daemon import RunningDaemon, running

SECRET = "Correct-Horse-7"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("requests")


@pytest.fixture(scope="module")
def standing(folder: Path) -> Iterator[Mosquitto]:
    place = folder / "mosquitto"
    place.mkdir()
    with Mosquitto(place) as mosquitto:
        yield mosquitto


@pytest.fixture(scope="module")
def settings(standing: Mosquitto, astronaut_path: Path) -> dict[str, Any]:
    return {
        "mqtt": {"host": "127.0.0.1", "port": standing.port, "username": "testbed", "password": SECRET},
        "cameras": {
            "door": {"kind": "demo", "photo": str(astronaut_path), "appear_s": 3600.0},
            "dark": {"kind": "rtsp", "url": f"rtsp://admin:{SECRET}@127.0.0.1:9/stream?token={SECRET}x"},
        },
        "control": {"allow": [name for name in COMMANDS if name != "reboot"], "groups": ["doors"]},
    }


@pytest.fixture(scope="module")
def daemon(folder: Path, models_dir: Path, settings: dict[str, Any]) -> Iterator[RunningDaemon]:
    with running(folder, models_dir, **settings) as daemon:
        daemon.ready()
        yield daemon


@pytest.fixture(scope="module")
def client(standing: Mosquitto, daemon: RunningDaemon) -> Iterator[Asker]:
    with asking(standing.port) as asker:
        asker.next(lambda message: message.topic.endswith("/available") and message.payload == b"online")
        deadline = time.monotonic() + 30
        while asker.ask("snapshot", {"camera": "door"})["status"] != "ok":
            assert time.monotonic() < deadline
        yield asker


def test_a_snapshot_is_a_picture_of_the_camera_with_the_face_in_it(client: Asker) -> None:
    taken = client.done("snapshot", {"camera": "door", "side": 320, "boxes": True})
    image = cv2.imdecode(np.frombuffer(b64decode(taken["jpeg"]), np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert (taken["width"], taken["height"]) == (image.shape[1], image.shape[0]) == (320, 240)
    deadline = time.monotonic() + 30
    while not taken["faces"]:
        assert time.monotonic() < deadline
        taken = client.done("snapshot", {"camera": "door", "side": 320, "boxes": True})
    (face,) = taken["faces"]
    assert 20 < face["box"]["x2"] - face["box"]["x1"] < 320
    assert client.done("snapshot", {"camera": "door"})["faces"] is None
    assert client.refused("snapshot", {"camera": "none"}) == "no_such_camera"
    assert client.refused("snapshot") == "which_camera"
    assert client.refused("snapshot", {"camera": "dark"}) == "unavailable"


def test_somebody_is_enrolled_from_the_camera_recognised_listed_and_forgotten(
    client: Asker, astronaut_path: Path
) -> None:
    stranger = client.done("identify", {"camera": "door"})
    assert (stranger["outcome"], stranger["faces"][0]["person"]) == ("unknown", None)
    photo = client.done("identify", {"photo": _jpeg(astronaut_path)})
    assert photo["outcome"] == "unknown"

    enrolled = client.done("enroll", {"customer_person_id": "4711", "name": "Eileen", "camera": "door", "shots": 1})
    assert enrolled["photos"] == 1
    assert enrolled["pictures"][0]["taken"]
    found = client.done("identify", {"camera": "door"})
    assert found["outcome"] == "known"
    (face,) = found["faces"]
    assert face["person"] == {"id": enrolled["id"], "customer_person_id": "4711", "name": "Eileen"}
    assert face["similarity"] >= face["threshold"]
    assert f"{face['threshold']:.2f}" in face["why"]
    assert client.done("identify", {"photo": _jpeg(astronaut_path)})["outcome"] == "known"
    assert client.refused("identify", {"photo": b64encode(b"no picture").decode()}) == "not_an_image"
    assert client.refused("identify", {"photo": "?" * 8}) == "not_base64"

    (entry,) = client.done("people_list")["people"]
    assert client.done("people_get", {"customer_person_id": "4711"}) == {"person": entry}
    assert (entry["name"], entry["photos"], entry["id"]) == ("Eileen", 1, enrolled["id"])

    gone = client.done("people_delete", {"customer_person_id": "4711"})
    assert is_genuine(gone["receipt"])
    assert gone["receipt"]["person"] == enrolled["id"]
    assert client.done("people_list") == {"people": [], "next": None, "total": 0}
    assert client.refused("people_get", {"customer_person_id": "4711"}) == "unknown_person"
    assert client.refused("people_delete", {"customer_person_id": "4711"}) == "unknown_person"
    assert client.done("identify", {"camera": "door"})["outcome"] == "unknown"


def _jpeg(path: Path) -> str:
    image = cv2.imread(str(path))
    assert image is not None
    return b64encode(cv2.imencode(".jpg", image)[1].tobytes()).decode()


def test_what_the_device_has_not_is_said(client: Asker) -> None:
    assert client.refused("open_door") == "no_door"
    assert client.refused("sync") == "no_centre"


def test_a_room_logs_more_for_a_while_and_its_lines_are_published(client: Asker, daemon: RunningDaemon) -> None:
    held = client.done("log_level", {"room": "runtime", "level": "debug", "publish": "debug", "for_s": 30})
    assert (held["document"], held["rooms"], held["publish"]) == ("info", {"runtime": "debug"}, "debug")
    assert held["until"] is not None
    daemon.signal(signal.SIGHUP)
    said = client.next(lambda message: message.topic == "edged/testbed/log")
    jsonschema.validate(said.document, client.schemas["log"])
    assert (said.document["logger"], said.retained) == ("edged.runtime.daemon", False)
    assert not any(f'"{name}"'.encode() in said.payload for name in ("edged.runtime.clerk", "edged.runtime.talker"))
    client.done("log_level", {"room": "mqtt", "level": "warning", "for_s": 1})
    deadline = time.monotonic() + 30
    while "mqtt" in client.done("log_level")["rooms"]:
        assert time.monotonic() < deadline
    back = client.done("log_level", {"room": "runtime", "level": None, "publish": None})
    assert (back["rooms"], back["publish"], back["until"]) == ({}, None, None)
    tail = client.done("log_tail", {"lines": 1000, "room": "runtime"})
    assert any(line["message"].startswith("ready: ") for line in tail["lines"])
    assert {line["logger"].split(".")[1] for line in tail["lines"]} == {"runtime"}
    assert client.done("log_tail", {"lines": 1, "level": "error"})["lines"] == []
    assert client.refused("log_level", {"room": "cellar"}) == "invalid"


def test_the_diagnostics_have_everything_but_secrets(client: Asker) -> None:
    found = client.done("diagnostics", {"lines": 1000})
    assert found["info"]["device"] == "testbed"
    assert found["health"]["cameras"].keys() == {"door", "dark"}
    assert found["config"]["effective"]["mqtt"]["password"] == "********"
    assert found["config"]["provenance"]["mqtt.password"] == "file"
    threads = {name.rsplit(" ", 1)[0] for name in found["threads"]}
    assert {"judge", "keeper", "talker", "clerk", "MainThread", "eye-door"} <= threads
    assert any("deeds/diagnostics.py" in line for stack in found["threads"].values() for line in stack)
    assert found["log"]
    assert SECRET not in json.dumps(found)


def test_models_are_listed_and_one_that_is_not_there_is_not_switched_to(client: Asker) -> None:
    models = {item["name"]: item for item in client.done("models_list")["models"]}
    assert models["sface-2021dec-int8"]["in_use"]
    assert models["sface-2021dec-int8"]["state"] == "built"
    assert not models["sface-2021dec-f32"]["in_use"]
    assert client.refused("models_switch", {"embedder": "no-such"}) == "unavailable"
    assert client.refused("models_switch", {"embedder": "sface-2021dec-int8"}) == "in_use"


def test_requests_that_must_not_be_followed_are_answered(client: Asker) -> None:
    assert client.refused("reboot") == "not_allowed"
    assert client.refused("log_tail", {"lines": 0}) == "invalid"
    problems = client.ask("log_tail", {"lines": 0, "colour": "red"})["error"]["message"]
    assert "data.lines" in problems
    assert "data.colour" in problems
    assert client.refused("log_tail", expires="2026-01-01T00:00:00Z") == "expired"
    assert client.refused("log_tail", to="window") == "other_target"
    assert client.refused("log_tail", order="request/snapshot") == "other_order"
    transaction = client.request("log_tail")
    assert client.answer(transaction)["status"] == "ok"
    assert client.refused("log_tail", transaction=transaction) == "repeated"


def test_what_is_no_request_is_answered_without_a_transaction(client: Asker) -> None:
    for payload in (b"", b"{", b"\xff", b"[]", b'{"transaction": 5}', b'{"a":' * 500, b"x" * 200_000):
        client.say("edged/testbed/request/log_tail", payload, correlation=b"%d" % len(payload))
        message = client.next(lambda message: message.topic == "edged/testbed/response/log_tail")
        answer = message.document
        assert (answer["transaction"], answer["error"]["code"]) == (None, "invalid")
        assert message.correlation == b"%d" % len(payload)
    client.say("edged/testbed/request/dance", {"transaction": "t-dance"})
    assert client.answer("t-dance")["error"]["code"] == "unknown_command"
    client.say("edged/testbed/request/Ŝnap%20#shot".replace("#", ""), {"transaction": "t-odd"})
    odd = client.next(lambda message: b"t-odd" in message.payload and is_answer(message))
    assert odd.topic == "edged/testbed/response/unknown"


def test_the_answer_goes_where_it_is_wanted_and_may_go(client: Asker) -> None:
    wanted = "edged/_reply/anna/1"
    client.say("edged/testbed/request/log_tail", {"transaction": "t-1"}, reply_to=wanted, correlation=b"c1")
    message = client.next(lambda message: message.topic == wanted)
    assert (message.document["status"], message.correlation, message.retained) == ("ok", b"c1", False)
    for elsewhere in ("edged/testbed/event", "edged/other/response/x", "homeassistant/device/x/edged/config"):
        transaction = f"t-{elsewhere.replace('/', '.')}"
        client.say("edged/testbed/request/log_level", {"transaction": transaction}, reply_to=elsewhere)
        message = client.next(lambda message: message.topic == "edged/testbed/response/log_level")
        assert message.document["error"]["code"] == "reply_topic"


def test_groups_are_heard_as_they_are_now(client: Asker, daemon: RunningDaemon, settings: dict[str, Any]) -> None:
    client.say("edged/_group/doors/request/log_tail", {"transaction": "g-1", "to": "_group/doors"})
    assert client.answer("g-1")["status"] == "ok"
    client.say("edged/_group/doors/request/log_tail", {"transaction": "g-2", "to": "testbed"})
    assert client.answer("g-2")["error"]["code"] == "other_target"
    daemon.change(control={**settings["control"], "groups": ["windows"]})
    daemon.signal(signal.SIGHUP)
    deadline = time.monotonic() + 30
    number = 0
    while True:  # until it hears the new group
        number += 1
        client.say("edged/_group/windows/request/log_tail", {"transaction": f"w-{number}"})
        client.say("edged/testbed/request/log_tail", {"transaction": f"d-{number}"})
        assert client.answer(f"d-{number}")["status"] == "ok"
        if any(f'"w-{number}"'.encode() in message.payload for message in client.kept if is_answer(message)):
            break
        assert time.monotonic() < deadline
    client.say("edged/_group/doors/request/log_tail", {"transaction": "g-3"})
    client.done("log_tail")
    assert not any(b"g-3" in message.payload for message in client.kept if is_answer(message))


def test_what_is_allowed_may_change_while_it_runs(
    client: Asker, daemon: RunningDaemon, settings: dict[str, Any]
) -> None:
    daemon.change(control={"allow": ["log_tail"]})
    daemon.signal(signal.SIGHUP)
    deadline = time.monotonic() + 30
    while client.ask("snapshot", {"camera": "door"})["status"] == "ok":
        assert time.monotonic() < deadline
    assert client.refused("snapshot", {"camera": "door"}) == "not_allowed"
    daemon.change(control=settings["control"])
    daemon.signal(signal.SIGHUP)
    while client.ask("snapshot", {"camera": "door"})["status"] != "ok":
        assert time.monotonic() < deadline


def test_a_flood_stops_neither_events_nor_answers(client: Asker, daemon: RunningDaemon) -> None:
    before = client.done("diagnostics", {"lines": 0})["health"]
    for number in range(10_000):
        client.say("edged/testbed/request/log_tail", {"transaction": f"f-{number}", "data": {"lines": 1}})
    deadline = time.monotonic() + 60
    asked: set[str] = set()
    while True:  # in a flood some are not even told that the device is busy
        assert time.monotonic() < deadline
        asked.add(client.request("diagnostics", {"lines": 0}))
        time.sleep(0.3)
        client.hear()
        answers = [message.document for message in client.kept if message.topic.endswith("/response/diagnostics")]
        done = [answer for answer in answers if answer["status"] == "ok" and answer["transaction"] in asked]
        if done:
            break
    after = done[0]["data"]["health"]
    assert after["cameras"]["door"]["looked"] > before["cameras"]["door"]["looked"]
    assert after["rss_mb"] < before["rss_mb"] + 40
    assert daemon.process.poll() is None
    codes = [
        message.document.get("error") and message.document["error"]["code"]
        for message in client.kept
        if b'"f-' in message.payload and is_answer(message)
    ]
    assert set(codes) <= {None, "busy"}
    assert len(codes) < 2000, "a flood of requests is no flood of answers"


def test_a_request_is_done_once_also_across_a_restart(client: Asker) -> None:
    wish = {"customer_person_id": "7", "camera": "door", "shots": 1}
    first = client.ask("enroll", wish, transaction="once")
    assert first["status"] == "ok"
    assert client.ask("enroll", wish, transaction="once") == {**first, "again": True}
    assert client.refused("enroll", {**wish, "customer_person_id": "8"}, transaction="once") == "repeated"
    before = client.done("diagnostics", {"lines": 0})["info"]["boot"]
    client.say(
        "edged/testbed/request/restart", {"transaction": "back"}, reply_to="edged/_reply/anna/2", correlation=b"c2"
    )
    message = client.next(lambda message: message.topic == "edged/_reply/anna/2")
    back = message.document
    jsonschema.validate(back, client.schemas["response/restart"])
    assert (back["status"], message.correlation) == ("ok", b"c2")
    assert back["data"]["boot"] != before
    assert client.done("diagnostics", {"lines": 0})["info"]["boot"] == back["data"]["boot"]
    assert client.ask("restart", transaction="back") == {**back, "again": True}
    assert client.ask("enroll", wish, transaction="once") == {**first, "again": True}
    assert client.done("people_list")["total"] == 1


def test_another_embedder_is_switched_to_without_enrolling_again(client: Asker) -> None:
    switched = client.done("models_switch", {"embedder": "sface-2021dec-f32"})
    assert (switched["former"], switched["people"], switched["left_out"]) == ("sface-2021dec-int8", 1, [])

    def uses_it(message: Message) -> bool:
        return message.topic == "edged/testbed/info" and b"sface-2021dec-f32" in message.payload

    client.next(uses_it)
    client.next(
        lambda message: message.topic == "edged/testbed/config/reported" and b'"status":"applied"' in message.payload
    )
    deadline = time.monotonic() + 30
    while client.done("identify", {"camera": "door"})["outcome"] != "known":
        assert time.monotonic() < deadline
