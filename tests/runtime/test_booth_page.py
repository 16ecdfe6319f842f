"""A guest at the booth: a real daemon, its page's addresses, its camera, its album."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import httpx

from tests.runtime.daemon import RunningDaemon, running
from tests.runtime.test_booth_intake import event

_PAGE = re.compile(r"the page is at (\S+)/")
ROUNDS = "/api/v1/booth/rounds"


def guest(daemon: RunningDaemon) -> httpx.Client:
    daemon.ready()
    deadline = time.monotonic() + 20
    while (found := _PAGE.search(daemon.log.read_text())) is None:
        assert time.monotonic() < deadline, daemon.log.read_text()
        time.sleep(0.05)
    return httpx.Client(base_url=found[1], headers={"sec-fetch-site": "same-origin"}, timeout=30)


def patiently(client: httpx.Client, path: str, document: dict[str, Any]) -> dict[str, Any]:
    """What is answered once the camera and the event are there."""
    deadline = time.monotonic() + 30
    while (answer := client.post(path, json=document)).status_code != 200:
        assert answer.status_code in {410, 429, 503}, answer.text
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.5)
    told = answer.json()
    assert isinstance(told, dict)
    return told


def test_a_guest_is_photographed_takes_it_back_finds_the_next_and_is_not_in_it_any_more(
    tmp_path: Path, models_dir: Path, astronaut_path: Path
) -> None:
    settings: dict[str, Any] = {
        "photos": {"enabled": True, "guests": {"url": "http://booth.example:8767"}},
        "http": {"enabled": True, "port": 0},
        "cameras": {"booth": {"kind": "demo", "photo": str(astronaut_path), "appear_s": 3600.0}},
    }
    with running(tmp_path, models_dir, **settings) as daemon, guest(daemon) as client:
        page = client.get("/booth")
        assert (page.status_code, "booth.js" in page.text) == (200, True)
        made = event(daemon.config, "create", "gala", "--threshold", "0.5")
        begin = {"event": made["id"], "consent": 1, "purpose": "take"}
        there = f"{ROUNDS}/{patiently(client, ROUNDS, begin)['round']}"

        photo = patiently(client, f"{there}/photographs", {})["photo"]
        assert (photo["width"], photo["height"]) == (640, 480)
        preview = client.get(f"{there}/photographs/{photo['id']}/preview.jpg")
        assert preview.content.startswith(b"\xff\xd8")

        client.post(f"{there}/photographs/{photo['id']}/discard", json={}).raise_for_status()
        assert client.get(f"{there}/photographs/{photo['id']}/preview.jpg").status_code == 404

        assert client.post(f"{there}/search", json={}).status_code == 409, "that is another thing to agree to"
        client.post(f"{there}/agreed", json=begin | {"purpose": "find"}).raise_for_status()
        searches = 1
        while not patiently(client, f"{there}/search", {})["has_face"]:
            searches += 1
            assert searches < 6
            time.sleep(1.0)  # they are still coming in
        photo = patiently(client, f"{there}/photographs", {})["photo"]
        found = patiently(client, f"{there}/search", {})
        assert [one["id"] for one in found["photos"]] == [photo["id"]]
        assert found["code"] is not None
        assert client.post(f"{there}/photographs/{photo['id']}/not-me", json={}).status_code == 200
        assert patiently(client, f"{there}/search", {})["photos"] == []
        told = event(daemon.config, "show", "gala")["tally"]
        assert (told["shown"], told["searches"], told["denials"], told["selfies"]) == (1, searches + 2, 1, 0)

        event(daemon.config, "close", "gala")
        assert client.post(f"{there}/photographs", json={}).status_code == 410
        log = daemon.log.read_text()
        assert there.rpartition("/")[2] not in log
