"""A team points its client at the kiosk itself: a real daemon, its dialects over HTTP, its camera."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from edged.measure.listener import Listener
from edged.runtime.mosquitto import Mosquitto
from tests.runtime.daemon import RunningDaemon, running
from tests.runtime.test_end_to_end import QUICK, TOPIC, edged, events, is_event

_ADDRESS = re.compile(r"clients are answered at (\S+)/")


def token_for(tokens: Path) -> str:
    finished = subprocess.run(
        [sys.executable, "-m", "edged", "api", "token", "the team", "--json"],
        capture_output=True,
        check=True,
        timeout=60,
    )
    made = json.loads(finished.stdout)
    with tokens.open("a") as file:
        file.write(made["line"] + "\n")
    assert made["token"] not in tokens.read_text()
    return str(made["token"])


@contextmanager
def client_of(daemon: RunningDaemon, token: str) -> Iterator[httpx.Client]:
    daemon.ready()
    deadline = time.monotonic() + 20
    while (found := _ADDRESS.search(daemon.log.read_text())) is None:
        assert time.monotonic() < deadline, daemon.log.read_text()
        time.sleep(0.05)
    with httpx.Client(base_url=found[1], headers={"Authorization": f"Token {token}"}, timeout=30) as client:
        yield client


def test_enrolled_through_one_dialect_and_found_through_the_other_and_by_the_camera(
    tmp_path: Path, models_dir: Path, broker: Mosquitto, astronaut_path: Path
) -> None:
    tokens, photo = tmp_path / "tokens", astronaut_path.read_bytes()
    token = token_for(tokens)
    settings: dict[str, Any] = {
        "mqtt": {"host": "127.0.0.1", "port": broker.port},
        "visits": QUICK,
        "api": {"enabled": True, "port": 0, "tokens": str(tokens)},
        "cameras": {"door": {"kind": "demo", "photo": str(astronaut_path), "appear_s": 3.0, "absent_s": 3.0}},
    }
    with closing(Listener(broker.port, f"{TOPIC}/#")) as listener:
        listener.connect()
        with running(tmp_path, models_dir, **settings) as daemon, client_of(daemon, token) as client:
            form = {"customer_person_id": "4711", "first_name": "Eileen", "last_name": "Collins"}
            enrolled = client.post("/miicloud/person/", data=form, files={"image_path": ("a.png", photo)})
            assert enrolled.status_code == 200, enrolled.text
            assert re.fullmatch(r"enroll/a_\w{7}\.png", enrolled.json()["image"])

            listed = client.get("/v1/faces/meta/4711").json()["results"]
            (face,) = listed
            assert (face["meta"], face["galleries"]) == ("4711", ["default"])
            box = enrolled.json()["bounding_box"]
            assert (face["x1"], face["y1"], face["x2"], face["y2"]) == tuple(box.values())
            identified = client.post("/v1/identify", files={"photo": ("a.png", photo)}).json()["results"]
            ((match,),) = identified.values()
            assert (match["face"]["id"], match["face"]["meta"]) == (face["id"], "4711")
            assert match["confidence"] > 0.9

            listener.listen(is_event(type="new", outcome="known"), 30)
            event = next(item for item in events(listener) if item["outcome"] == "known")
            assert event["person"] == {
                "id": enrolled.json()["miicloud_person_id"],
                "customer_person_id": "4711",
                "name": "Eileen Collins",
            }
            listener.listen(is_event(type="end", outcome="known"), 30)

            assert client.delete(f"/v1/face/id/{face['id']}").status_code == 204
            assert client.get("/miicloud/person/4711").status_code == 404
            nobody = client.post("/v1/identify", files={"photo": ("a.png", photo)}).json()["results"]
            assert list(nobody.values()) == [[]]
            before = len(events(listener))
            listener.listen(
                lambda notice: is_event(type="new", outcome="unknown")(notice) and len(events(listener)) > before, 30
            )
            assert not any(item["outcome"] == "known" for item in events(listener)[before:])
            _wait_for_the_receipt(daemon, enrolled.json()["miicloud_person_id"])
            audit = edged(daemon, "api", "audit")["entries"]
    assert {"enroll", "identify", "delete_face"} <= {entry["act"] for entry in audit}
    assert not any("4711" in entry["about"] for entry in audit), "who is forgotten is struck out"


def _wait_for_the_receipt(daemon: RunningDaemon, person: str) -> None:
    deadline = time.monotonic() + 30
    while not any(receipt["person"] == person for receipt in edged(daemon, "people", "receipts")["receipts"]):
        assert time.monotonic() < deadline, "no receipt"
        time.sleep(0.2)


def test_nobody_without_a_token_and_no_events_of_9pic(tmp_path: Path, models_dir: Path) -> None:
    tokens = tmp_path / "tokens"
    token = token_for(tokens)
    api = {"enabled": True, "port": 0, "tokens": str(tokens)}
    with running(tmp_path, models_dir, api=api) as daemon, client_of(daemon, token) as client:
        wrong = client.get("/v1/faces", headers={"Authorization": "Token " + token[:-1] + "x"})
        assert (wrong.status_code, wrong.json()["code"]) == (401, "AUTH_FAILED")
        events = client.get("/api/v1/ext/org/events", headers={"X-API-Key": token})
        assert (events.status_code, events.json()["responseType"], events.json()["data"]) == (404, "error", None)
        tokens.write_text("# nobody any more\n")
        assert client.get("/v1/faces").status_code == 401


@pytest.mark.parametrize("fault", ["certificate", "port"])
def test_a_door_opens_without_its_interface(tmp_path: Path, models_dir: Path, broker: Mosquitto, fault: str) -> None:
    tokens = tmp_path / "tokens"
    tokens.touch()
    api: dict[str, Any] = {"enabled": True, "port": broker.port, "tokens": str(tokens)}
    if fault == "certificate":
        api |= {"port": 0, "certificate": str(tokens), "key": str(tokens)}
    with running(tmp_path, models_dir, api=api) as daemon:
        daemon.ready()
        assert "api: " in daemon.wait_for("STATUS=")


def test_a_daemon_that_is_not_asked_for_dialects_does_not_load_them() -> None:
    """They would take 3 MB of a small board."""
    program = "import sys, edged.runtime.build; print(sorted(name for name in sys.modules if 'findface' in name))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
