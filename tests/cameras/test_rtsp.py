"""Real RTSP, from a GStreamer server."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edged.cameras.rtsp import RtspCapture, open_rtsp
from edged.config.cameras import RtspCamera
from edged.domain.errors import Unavailable
from tests.cameras.conftest import RtspServer

Start = Callable[..., RtspServer]


def opened(url: str, **changes: float | str) -> RtspCapture:
    settings = RtspCamera.model_validate({"kind": "rtsp", "url": url, "open_timeout_s": 8, "stall_s": 2, **changes})
    return open_rtsp(settings, clock=time.monotonic)


def udp_sockets() -> int:
    """UDP sockets of this machine."""
    return len(Path("/proc/self/net/udp").read_text(encoding="ascii").splitlines())


def read_on(capture: RtspCapture) -> None:
    """Read more frames than there can be."""
    for _ in range(1000):
        capture.grab()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_frames_come_turned_and_live(rtsp: Start) -> None:
    capture = opened(rtsp().url(), rotate=90)
    capture.grab()
    first = capture.retrieve()
    assert first.shape == (320, 240, 3)
    begun = time.monotonic()
    for _ in range(15):
        capture.grab()
    assert time.monotonic() - begun > 0.5, "15 frames of a 15 fps camera came at once: they were old"
    assert (capture.retrieve() != first).any(), "the ball does not move"
    capture.close()
    capture.close()


def test_a_frozen_camera_is_given_up_and_a_new_capture_recovers(rtsp: Start) -> None:
    server = rtsp()
    capture = opened(server.url(), stall_s=1)
    with server.frozen():
        begun = time.monotonic()
        with pytest.raises(Unavailable, match="no frame within 1 s"):
            read_on(capture)
        assert time.monotonic() - begun < 6
        capture.close()
        begun = time.monotonic()
        with pytest.raises(Unavailable, match="no answer"):
            opened(server.url(), open_timeout_s=3)
        assert time.monotonic() - begun < 6
    capture = opened(server.url())
    capture.grab()
    capture.close()


def test_user_and_password_with_special_letters(rtsp: Start) -> None:
    server = rtsp("--user", "admin", "--password", "p@ss:w/rd%")
    capture = opened(server.url("admin:p%40ss%3Aw%2Frd%25@"))
    capture.grab()
    capture.close()
    for login in ("", "admin:geheim@"):
        with pytest.raises(Unavailable, match="missing or wrong") as failure:
            opened(server.url(login))
        assert "geheim" not in str(failure.value)
    with pytest.raises(Unavailable, match="no stream at this path"):
        opened(server.url("admin:p%40ss%3Aw%2Frd%25@", path="/nothing"))


def test_udp_is_used_where_it_is_asked_for(rtsp: Start) -> None:
    server = rtsp()
    before = udp_sockets()
    capture = opened(server.url(), transport="tcp")
    assert udp_sockets() == before
    capture.close()
    capture = opened(server.url(), transport="udp")
    assert udp_sockets() > before
    capture.grab()
    capture.close()


@pytest.mark.parametrize(("wanted", "served"), [("tcp", "udp"), ("udp", "tcp")])
def test_the_other_transport_serves_where_the_camera_has_only_that(rtsp: Start, wanted: str, served: str) -> None:
    capture = opened(rtsp("--transport", served).url(), transport=wanted)
    capture.grab()
    capture.close()


def test_says_why_a_camera_cannot_be_opened(http: str, silent_port: int) -> None:
    with pytest.raises(Unavailable, match="connection is refused"):
        opened("rtsp://admin:geheim@127.0.0.1:9/cam")
    with pytest.raises(Unavailable, match="no host of this name"):
        opened("rtsp://camera.invalid/cam")
    with pytest.raises(Unavailable, match="does not speak RTSP"):
        opened(f"rtsp://{http}/plain")
    with pytest.raises(Unavailable, match="no answer"):
        opened(f"rtsp://127.0.0.1:{silent_port}/cam", open_timeout_s=1)
