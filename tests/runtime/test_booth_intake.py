"""A booth without a network: a real daemon, its watched folder, its camera, and 9Pic's clients."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np

from edged.domain.frame import Image
from edged.runtime.mosquitto import Mosquitto
from tests.runtime.asking import asking
from tests.runtime.daemon import RunningDaemon, running
from tests.runtime.test_booth_sync import images, own_token
from tests.runtime.test_interface import client_of

EVENT = "/api/v1/ext/booth/event/gala"


def eventually(what: Callable[[], bool], daemon: RunningDaemon, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, daemon.log.read_text()
        time.sleep(0.1)


def event(daemon_config: Path, *words: str) -> dict[str, Any]:
    """`edged event`, beside the daemon."""
    command = [sys.executable, "-m", "edged", "event", *words, "--json", "--config", str(daemon_config)]
    finished = subprocess.run(command, capture_output=True, check=True, timeout=60)
    told = json.loads(finished.stdout)
    assert isinstance(told, dict)
    return told


def booth(tmp_path: Path, **photos: Any) -> dict[str, Any]:
    folder = tmp_path / "card"
    folder.mkdir(exist_ok=True)
    return {
        "photos": {"enabled": True, "folder": str(folder), **photos},
        "api": {"enabled": True, "port": 0, "tokens": str(tmp_path / "tokens")},
    }


def jpeg(path: Path, image: Image) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image)


def found(client: httpx.Client, key: str, selfie: bytes) -> set[str]:
    """The photographs that a guest finds themselves in."""
    answer = client.post(f"{EVENT}/faces", files={"file": ("me.jpg", selfie)}, headers={"x-api-key": key})
    assert answer.status_code == 200, answer.text
    return {image["image_id"] for image in answer.json()["data"]["images"]}


def test_a_guest_finds_what_came_through_the_folder_and_by_the_booths_camera(
    tmp_path: Path, models_dir: Path, broker: Mosquitto, astronaut_path: Path, astronaut: Image
) -> None:
    key = own_token(tmp_path / "tokens")
    settings = booth(tmp_path) | {
        "mqtt": {"host": "127.0.0.1", "port": broker.port},
        "cameras": {"booth": {"kind": "demo", "photo": str(astronaut_path), "appear_s": 3600.0}},
        "control": {"allow": ["photo", "snapshot"]},
    }
    with (
        asking(broker.port) as asker,
        running(tmp_path, models_dir, **settings) as daemon,
        client_of(daemon, key) as client,
    ):
        asker.next(lambda message: message.topic.endswith("/available") and message.payload == b"online")
        assert asker.refused("photo") == "no_event"
        jpeg(tmp_path / "card/DCIM/her.jpg", astronaut)
        jpeg(tmp_path / "card/DCIM/mirrored.jpg", np.ascontiguousarray(astronaut[:, ::-1]))
        jpeg(tmp_path / "card/DCIM/nobody.jpg", np.full((300, 400, 3), 90, np.uint8))
        made = event(daemon.config, "create", "gala", "--threshold", "0.5")
        eventually(lambda: len(images(client, key, f"{EVENT}/images")) == 3, daemon)
        assert len(found(client, key, astronaut_path.read_bytes())) == 2

        while asker.ask("snapshot")["status"] != "ok":
            time.sleep(0.1)
        time.sleep(4.0)  # until she has come in
        taken = asker.done("photo", transaction="once")
        assert (taken["event"], taken["slug"], taken["shown"]) == (made["id"], "gala", True)
        assert (taken["width"], taken["height"]) == (640, 480)
        again = asker.ask("photo", transaction="once")
        assert (again["again"], again["data"]) == (True, taken)
        assert len(images(client, key, f"{EVENT}/images")) == 4
        assert taken["photo"] in found(client, key, astronaut_path.read_bytes())

        event(daemon.config, "close", "gala")
        assert asker.refused("photo") == "no_event"
        told = event(daemon.config, "show", "gala")
        assert (told["tally"]["shown"], told["folder"]["done"], told["folder"]["waiting"]) == (4, 3, 0)


def test_photographs_of_a_folder_come_in_once_whenever_the_daemon_is_killed(
    tmp_path: Path, models_dir: Path, astronaut: Image
) -> None:
    key = own_token(tmp_path / "tokens")
    settings, count, kills = booth(tmp_path), 15, 3
    for at in range(count):
        jpeg(tmp_path / f"card/{at % 3}/{at}.jpg", np.roll(astronaut, at, axis=1))
    ids = set[str]()
    for kill in range(kills + 1):
        with running(tmp_path, models_dir, **settings) as daemon, client_of(daemon, key) as client:
            if not kill:
                event(daemon.config, "create", "gala")
            wanted = count if kill == kills else min(count, len(ids) + 3)
            address = f"{EVENT}/images?page_size=100"
            eventually(lambda: len(images(client, key, address)) >= wanted, daemon, 120.0)  # noqa: B023  asked at once
            there = images(client, key, address)
            assert len(set(there)) == len(there)
            assert ids <= set(there)
            ids = set(there)
            if kill < kills:
                daemon.process.kill()
                daemon.process.wait()
                (tmp_path / "notify").unlink()
                continue
            eventually(lambda: event(daemon.config, "show", "gala")["folder"]["waiting"] == 0, daemon)
            told = event(daemon.config, "show", "gala")
    assert (told["folder"]["done"], told["folder"]["refused"], told["tally"]["shown"]) == (count, 0, count)
    kept = [path for path in (tmp_path / "state/photos").rglob("*") if path.is_file() and not path.name.startswith(".")]
    assert len(kept) == 3 * count


def test_what_the_folder_brings_stays_within_the_room_that_is_allowed(
    tmp_path: Path, models_dir: Path, astronaut: Image
) -> None:
    key = own_token(tmp_path / "tokens")
    for at in range(6):
        jpeg(tmp_path / f"card/{at}.jpg", np.roll(astronaut, at, axis=1))
    most = 500_000
    with (
        running(tmp_path, models_dir, **booth(tmp_path, max_gb=most / 1e9)) as daemon,
        client_of(daemon, key) as client,
    ):
        event(daemon.config, "create", "gala")
        eventually(lambda: "photos.full" in daemon.log.read_text(), daemon)
        told = event(daemon.config, "show", "gala")
        assert 0 < told["room"]["used_bytes"] <= most
        assert 0 < len(images(client, key, f"{EVENT}/images")) < 6
