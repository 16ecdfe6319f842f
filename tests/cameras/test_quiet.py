"""Neither FFmpeg nor OpenCV tells a password to the journal."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from tests.cameras.conftest import RtspServer

LOOK = """
import sys, time
from edged.cameras.kinds import open_capture
from edged.config.cameras import RtspCamera
from edged.domain.errors import Unavailable

for url in sys.argv[1:]:
    settings = RtspCamera.model_validate({"kind": "rtsp", "url": url, "open_timeout_s": 4, "stall_s": 1})
    try:
        capture = open_capture(settings, clock=time.monotonic, wait=time.sleep)
        capture.grab()
        print("frame")
        time.sleep(float(sys.stdin.readline() or 0))
        while True:
            capture.grab()
    except Unavailable as error:
        print(error)
"""


def test_standard_error_stays_empty(rtsp: Callable[..., RtspServer]) -> None:
    server = rtsp("--user", "admin", "--password", "geheim")
    wrong = [
        server.url("admin:geheimer@"),
        server.url("admin:geheim@", "/nothing"),
        "rtsp://admin:geheim@127.0.0.1:9/x",
    ]
    with subprocess.Popen(
        [sys.executable, "-u", "-c", LOOK, *wrong, server.url("admin:geheim@")],
        env={"PATH": "/usr/bin", "OPENCV_LOG_LEVEL": "WARNING"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as looking:
        assert looking.stdout is not None
        said = [looking.stdout.readline() for _ in range(4)]
        assert said[3] == "frame\n"
        with server.frozen():
            rest, errors = looking.communicate("0\n", timeout=30)
    assert "no frame within" in rest
    assert "geheim" not in "".join(said) + rest
    assert errors == ""
