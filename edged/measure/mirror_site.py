"""The page of the screen at a door in a real browser, before a camera that shows what time it is."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edged.api.assets import Asset
from edged.api.kiosk import Post, kiosk_routes
from edged.api.streams import Streams
from edged.config.kiosk import KioskSettings
from edged.domain.errors import Unavailable, Unsupported
from edged.domain.frame import Frame
from edged.domain.passage import Factor
from edged.domain.screen import Prompt, Screen, Stage
from edged.measure.clock_camera import BITS, HEIGHT
from edged.measure.page_site import Routes, served
from edged.runtime.eye import Eye

_FLAGS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip
_WARM_UP: Final = 50
_PATIENCE_S: Final = 120.0
_TICK: Final = os.sysconf("SC_CLK_TCK")
_SCRIPT: Final = """\
const MOST = %(most)d, WARM_UP = %(warm_up)d, BITS = %(bits)d, HEIGHT = %(height)f;
const mirror = document.getElementById("mirror");
const seen = [];
let drawn = 0;
let before = null;

function clock() {
  const { width, height } = mirror;
  const row = mirror.getContext("2d").getImageData(0, Math.round(height * HEIGHT / 2), width, 1).data;
  let value = 0;
  for (let bit = 0; bit < BITS; bit += 1) {
    value = value * 2 + (row[4 * Math.round((bit + 0.5) * width / BITS)] > 127 ? 1 : 0);
  }
  return value;
}

function tell(path, found) {
  return fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(found) });
}

document.addEventListener("edged-drawn", async ({ detail }) => {
  drawn += 1;
  if (drawn === WARM_UP) await tell("/began", {});
  if (drawn <= WARM_UP || seen.length >= MOST) return;
  const shown = clock();
  const taken = detail.taken;
  requestAnimationFrame(() => {
    const now = Date.now();
    const behind = (now %% 2 ** BITS - shown + 2 ** BITS) %% 2 ** BITS;
    seen.push([behind, now - taken, before === null ? 0 : taken - before]);
    before = taken;
    if (seen.length === MOST) tell("/done", { seen, size: [mirror.width, mirror.height] });
  });
});
"""
"""Reads the time off the picture once it is drawn, and compares it when the browser is about to paint."""


@dataclass(slots=True)
class Watched:
    """What the browser told.

    Attributes:
        seen: of each picture: behind the camera, behind the eye, and after the one before; milliseconds.
        size: of the mirror, in pixels.
        server_s, browser_s, wall_s: processor seconds of this process and of the browser, while `wall_s` went by.
    """

    seen: list[tuple[float, float, float]] = field(default_factory=list)
    size: tuple[int, int] = (0, 0)
    server_s: float = 0.0
    browser_s: float = 0.0
    wall_s: float = 0.0


class _Door:
    """Somebody stands there and is guided; nothing else happens."""

    def __init__(self, eye: Eye) -> None:
        self._eye = eye

    def now(self) -> float:
        return time.time()

    def settings(self) -> KioskSettings:
        return KioskSettings(theme="light")

    def door(self) -> Post:
        return Post("bench")

    def screen(self, door: str) -> Screen:
        return Screen(Stage.GUIDE, Prompt.LOOK_HERE, progress=0.5, door=door, number=1)

    def frame(self, _door: str) -> Frame | None:
        return self._eye.newest

    def present(self, _door: str, _factor: Factor, _code: str) -> None:
        raise Unavailable("nobody listens here")


def watch(eye: Eye, pictures: int, screen: tuple[int, int]) -> Watched:
    """Has a browser of that size look at the mirror of `eye` for so many pictures. Blocks until it has.

    Raises:
        Unsupported: Chromium is not installed.
        Unavailable: the browser shows nothing.
    """
    found = Watched()
    done = threading.Event()
    begun: list[tuple[float, float, float]] = []
    pids: list[int] = []

    async def began(_request: Request) -> Response:
        begun.append((time.process_time(), _group_s(pids[0]), time.monotonic()))
        return Response()

    async def ended(request: Request) -> Response:
        told: dict[str, Any] = json.loads(await request.body())
        spent, browser_s, at = begun[0]
        found.seen = [(float(one), float(two), float(three)) for one, two, three in told["seen"]]
        found.size = (int(told["size"][0]), int(told["size"][1]))
        found.server_s = time.process_time() - spent
        found.browser_s = _group_s(pids[0]) - browser_s
        found.wall_s = time.monotonic() - at
        done.set()
        return Response()

    more = [Route("/began", began, methods=["POST"]), Route("/done", ended, methods=["POST"])]
    with served(_watched(eye, pictures, more)) as url, _browser(f"{url}kiosk", screen) as pid:
        pids.append(pid)
        if not done.wait(_PATIENCE_S):
            raise Unavailable("the browser shows no mirror", "Does chromium --headless run on this machine?")
    return found


def _watched(eye: Eye, pictures: int, more: list[Route]) -> Routes:
    """The page of the door, with a script that watches its mirror."""
    script = _SCRIPT % {"most": pictures, "warm_up": _WARM_UP, "bits": BITS, "height": HEIGHT}

    async def watching(_request: Request) -> Response:
        return Response(script, media_type="text/javascript")

    def routes(assets: Mapping[str, Asset], streams: Streams) -> list[Route]:
        kiosk = assets["kiosk.html"]
        watched = kiosk.body.replace(b"</head>", b'<script type="module" src="/watch.js"></script></head>')
        page = kiosk_routes(_Door(eye), replace(kiosk, body=watched), streams)
        return [Route("/watch.js", watching), *more, *page]

    return routes


@contextmanager
def _browser(url: str, screen: tuple[int, int]) -> Iterator[int]:
    """A Chromium without a window that shows `url`: its process group."""
    program = shutil.which("chromium")
    if program is None:
        raise Unsupported("the mirror is measured in Chromium, which is not installed", "apt-get install chromium")
    with tempfile.TemporaryDirectory(prefix="edged-bench-", ignore_cleanup_errors=True) as profile:
        words = [program, *_FLAGS, f"--user-data-dir={Path(profile)}", f"--window-size={screen[0]},{screen[1]}", url]
        browser = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0
        )
        try:
            yield browser.pid
        finally:
            os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()


def _group_s(group: int) -> float:
    """Processor seconds of all processes of a group, so far."""
    spent = 0
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        if int(fields[2]) == group:
            spent += int(fields[11]) + int(fields[12])
    return spent / _TICK
