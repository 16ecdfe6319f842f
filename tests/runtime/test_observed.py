"""What a real daemon tells whoever watches over it: Prometheus, a supervisor, and the journal."""

from __future__ import annotations

import json
import re
import signal
import time
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from edged.domain.frame import Moment
from edged.runtime.rounds import Rounds
from tests.api.exposition import read_exposition
from tests.api.signed_in import accounts_in, signed_in
from tests.runtime.daemon import RunningDaemon, running
from tests.runtime.hand_clock import HandClock
from tests.runtime.test_journal import read

PATIENCE_S = 60.0
FORGED = 'x\n<2>msg="the disk burns".jpg'


def ask(url: str, path: str, cookie: str = "") -> tuple[int, bytes]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def lines(daemon: RunningDaemon) -> list[tuple[int, dict[str, str]]]:
    """Those of the journal that are complete."""
    return [read(line) for line in daemon.log.read_text().split("\n")[:-1]]


def waited_for(daemon: RunningDaemon, **wanted: str) -> dict[str, str]:
    """The pairs of the first line that has these."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        for _priority, pairs in lines(daemon):
            if wanted.items() <= pairs.items():
                return pairs
        assert time.monotonic() < deadline, daemon.log.read_text()
        time.sleep(0.2)


def test_a_daemon_is_watched_by_prometheus_a_supervisor_and_the_journal(
    tmp_path: Path, models_dir: Path, astronaut_path: Path
) -> None:
    stills = tmp_path / "stills"
    stills.mkdir()
    (stills / FORGED.replace("/", "_")).write_bytes(b"no picture")
    cameras: dict[str, dict[str, Any]] = {
        "door": {"kind": "demo", "photo": str(astronaut_path), "appear_s": 30.0, "absent_s": 1.0},
        "yard": {"kind": "stills", "folder": str(stills)},
    }
    settings: dict[str, Any] = {
        "http": {"port": 0},
        "mqtt": {"host": "127.0.0.1", "port": 1},
        "objectives": {"min_fps": 1.0},
    }
    with running(tmp_path, models_dir, journal=True, cameras=cameras, **settings) as daemon:
        daemon.ready()
        page = next(pairs["msg"] for _, pairs in lines(daemon) if pairs.get("msg", "").startswith("the page is at "))
        url = page.removeprefix("the page is at ")
        visit = waited_for(daemon, room="runtime.visit_log", camera="door")
        assert visit["outcome"] in {"unknown", "undecided"}
        assert {"event", "visit", "ms", "similarity", "threshold", "frames", "index"} <= visit.keys()
        assert "astronaut" not in " ".join(visit.values())
        condition = waited_for(daemon, condition="camera.yard")
        assert condition["camera"] == "yard"

        assert ask(url, "/healthz") == (200, b'{"ok":true}')
        assert ask(url, "/readyz") == (200, b'{"ok":true,"state":"ready"}'), "neither broker nor cameras are part of it"
        figures = read_exposition(ask(url, "/metrics")[1])
        assert [figures.value("edged_camera_up", camera=camera) for camera in ("door", "yard")] == [1, 0]
        assert figures.value("edged_camera_frames_looked_total", camera="door") > 0
        assert figures.value("edged_camera_stage_seconds_count", camera="door", stage="decide") >= 1
        assert figures.value("edged_condition", name="camera.yard") == 1
        assert figures.value("edged_condition", name="broker") == 1
        assert figures.value("edged_broker_connected") == 0
        assert figures.value("edged_events_pending") >= 1
        assert figures.value("edged_process_resident_memory_bytes") > 20e6
        with closing(accounts_in(tmp_path / "state")) as accounts:
            key = signed_in(accounts, urlsplit(url).port or 0)
        health = json.loads(ask(url, "/api/v1/state", key.cookie)[1])["health"]
        assert health["cameras"]["door"]["stages"].keys() >= {"wait", "look", "decide"}
        assert health["cameras"]["yard"]["stages"] == {}

        daemon.signal(signal.SIGTERM)
        assert daemon.process.wait(10) == 0
        heads = [line for line in daemon.log.read_text().splitlines() if re.match(r"<\d>msg=", line)]
        assert not any(line.startswith("<2>") for line in heads), "the picture's name wrote a line of its own"
        told = " ".join(pairs.get("msg", "") + pairs.get("more", "") for _priority, pairs in lines(daemon))
        assert "the disk burns" in told, "and yet it can be read which picture it was"


class Worker:
    """Came round last at this moment."""

    def __init__(self, alive: Moment) -> None:
        self.alive = alive


def test_who_has_not_come_round_for_ten_seconds_is_stuck() -> None:
    clock = HandClock()
    judge, keeper = Worker(clock.now()), Worker(clock.now())
    rounds = Rounds(clock, {"judge": judge, "keeper": keeper, "talker": None}, main=clock.now)
    assert rounds.stuck() == ()
    clock.advance(10.5)
    keeper.alive = clock.now()
    assert rounds.stuck() == ("judge",)
    assert Rounds(clock, {"keeper": keeper}, main=lambda: judge.alive).stuck() == ("main",)
