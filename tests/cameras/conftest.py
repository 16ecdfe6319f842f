"""What the camera tests share: a clock that obeys, a real RTSP server, a real HTTP server."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest

from tests.cameras.mjpeg_server import MjpegHandler

_RTSP_PACKAGES: Final = (
    "apt-get install gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-base gstreamer1.0-plugins-good"
    " gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly"
)


@dataclass
class Hours:
    """A clock that moves only when somebody waits."""

    now: float = 1000.0
    waits: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
def hours() -> Hours:
    return Hours()


@dataclass(frozen=True)
class RtspServer:
    """A running server."""

    process: subprocess.Popen[str]
    port: int

    def url(self, credentials: str = "", path: str = "/cam") -> str:
        return f"rtsp://{credentials}127.0.0.1:{self.port}{path}"

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop it as a camera stops whose firmware hangs: connected, but silent."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)


@pytest.fixture
def rtsp() -> Iterator[Callable[..., RtspServer]]:
    """Starts RTSP servers with the given arguments, and stops them afterwards."""
    with contextlib.ExitStack() as running:

        def start(*arguments: str) -> RtspServer:
            script = str(Path(__file__).with_name("rtsp_server.py"))
            process = running.enter_context(
                subprocess.Popen(
                    ["/usr/bin/python3", script, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
                )
            )
            running.callback(process.kill)
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            if not port:
                assert process.stderr is not None
                pytest.fail(f"no RTSP server: {process.stderr.read()}\nRun: {_RTSP_PACKAGES}")
            return RtspServer(process, int(port))

        yield start


@pytest.fixture
def http() -> Iterator[str]:
    """Address of an HTTP server that plays the cameras of `mjpeg_server`, such as 127.0.0.1:41234."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), MjpegHandler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
