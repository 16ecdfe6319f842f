"""A real daemon with a real broker and one camera, watched from outside."""

from __future__ import annotations

import http.client
import json
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from edged.config.document import Document
from edged.domain.event import Outcome
from edged.domain.progress import Progress
from edged.measure.camera_feed import command
from edged.measure.few_cores import few_cores
from edged.measure.latency import EMPTY_S, SHOWN_S, Latency, measure_latency
from edged.measure.memory import Memory, read_memory
from edged.runtime.mosquitto import Mosquitto
from edged.runtime.stage import Broker, enroll, set_up

SIZE: Final = (640, 480)
FPS: Final = 15.0
_VISITS: Final = {"leave_s": 0.3, "reentry_s": 0.0}
"""Each time the face comes is a visit of its own."""
_HOLD_S: Final = 0.5
"""The motion gate closes while the picture is empty, so that the face has to open it each time."""
_LIVE_BYTES: Final = 200_000


@dataclass(frozen=True, slots=True)
class DaemonTrial:
    """What was seen of a daemon.

    Attributes:
        latencies: of strangers, then of somebody enrolled.
        memory: when the page had been loaded and left alone for `idle_s` seconds.
    """

    latencies: tuple[Latency, ...]
    memory: Memory
    idle_s: float


def try_daemon(document: Document, photo: Path, appearances: int, idle_s: float, progress: Progress) -> DaemonTrial:
    """Runs a daemon on one camera of 640 × 480 at 15 frames a second, with Mosquitto, all on two cores.

    A face comes `appearances` times as a stranger, is enrolled, and comes as often again. Then the page is loaded, and
    the daemon left to watch the camera for `idle_s` seconds. Blocks for about two seconds an appearance of either.

    Args:
        document: names the models; everything else is as by default, but for short visits.
        photo: whose face is shown.

    Raises:
        Unsupported: Mosquitto is not installed.
        Unavailable: something did not start, or no events came.
    """

    def step(begin: float, end: float) -> Progress:
        return lambda doing, share: progress(doing, begin + share * (end - begin))

    with tempfile.TemporaryDirectory(prefix="edged-bench-") as name, few_cores(), Mosquitto(Path(name)) as mosquitto:
        diary = Path(name) / "diary"
        broker = Broker(mosquitto.port, "Mosquitto", "5")
        with set_up(Path(name), _camera(photo, diary), _settings(document), lambda _: None, broker) as stage:
            latencies = [measure_latency(stage, diary, appearances, Outcome.UNKNOWN, step(0.0, 0.45))]
            enroll(stage, "astronaut", "", photo)
            latencies.append(measure_latency(stage, diary, appearances, Outcome.KNOWN, step(0.45, 0.9)))
            _load(stage.way_in())
            for second in range(round(idle_s)):
                progress(f"letting the page rest for {idle_s:.0f} s", 0.9 + 0.1 * second / idle_s)
                time.sleep(1.0)
            memory = read_memory(stage.daemon.pid)
    progress("the daemon was watched", 1.0)
    return DaemonTrial(tuple(latencies), memory, idle_s)


def _camera(photo: Path, diary: Path) -> dict[str, Any]:
    width, height = SIZE
    argv = command(photo, diary, fps=FPS, size=SIZE, shown_s=SHOWN_S, empty_s=EMPTY_S)
    motion = {"hold_s": _HOLD_S}
    return {"kind": "command", "argv": argv, "width": width, "height": height, "fps": FPS, "motion": motion}


def _settings(document: Document) -> dict[str, Any]:
    return {"models": document.models.model_dump(mode="json"), "visits": _VISITS}


def _load(way_in: str) -> None:
    """Signs in, asks for what the page asks for when somebody opens it, and for some pictures of the camera; then hangs
    up.
    """
    wanted = {"/": None, "/api/v1/state": None, "/api/v1/events": None, "/api/v1/cameras/demo/live.mjpeg": _LIVE_BYTES}
    address = urlsplit(way_in)
    with closing(http.client.HTTPConnection(address.netloc, timeout=30)) as connection:
        body = json.dumps({"link": address.fragment.removeprefix("once=")})
        headers = {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}
        connection.request("POST", "/api/v1/sign-in/link", body, headers)
        answer = connection.getresponse()
        answer.read()
        cookies = [value.partition(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
    for path, most in wanted.items():
        with closing(http.client.HTTPConnection(address.netloc, timeout=30)) as connection:
            connection.request("GET", path, headers={"Cookie": "; ".join(cookies)})
            connection.getresponse().read(most)
