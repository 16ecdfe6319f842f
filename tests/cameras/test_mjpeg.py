"""Motion JPEG over real HTTP."""

from __future__ import annotations

import threading
import time
from urllib.parse import quote

import pytest

from edged.cameras.capture import Ended
from edged.cameras.kinds import open_capture
from edged.cameras.mjpeg import MjpegCapture, open_mjpeg
from edged.config.cameras import MjpegCamera
from edged.domain.errors import Unavailable
from tests.cameras.mjpeg_server import PASSWORD, USER


def settings(url: str, **changes: float) -> MjpegCamera:
    return MjpegCamera.model_validate({"kind": "mjpeg", "url": url, "open_timeout_s": 2, "stall_s": 0.5, **changes})


def opened(url: str) -> MjpegCapture:
    return open_mjpeg(settings(url), clock=time.monotonic)


def shades(capture: MjpegCapture) -> list[int]:
    """The brightness of each frame until the stream ends."""
    seen = []
    try:
        while True:
            capture.grab()
            seen.append(round(float(capture.retrieve().mean()) / 20))
    except Unavailable:
        return seen
    finally:
        capture.close()


@pytest.mark.parametrize("camera", ["plain", "chunked", "lengthless"])
def test_reads_what_cameras_of_several_makes_send(http: str, camera: str) -> None:
    assert shades(opened(f"http://{http}/{camera}")) == [1, 2, 3, 4, 5]


def test_decodes_only_the_frame_that_is_asked_for(http: str) -> None:
    capture = opened(f"http://{http}/plain")
    for _ in range(3):
        capture.grab()
    assert round(float(capture.retrieve().mean()) / 20) == 3
    capture.close()


@pytest.mark.parametrize("camera", ["basic", "digest"])
def test_tells_user_and_password_as_the_camera_asks(http: str, camera: str) -> None:
    assert shades(opened(f"http://{USER}:{quote(PASSWORD, safe='')}@{http}/{camera}?channel=1")) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("camera", ["basic", "digest"])
@pytest.mark.parametrize("login", ["", f"{USER}:falsch@"])
def test_says_that_the_password_is_wrong_without_saying_the_password(http: str, camera: str, login: str) -> None:
    with pytest.raises(Unavailable, match="missing or wrong") as failure:
        opened(f"http://{login}{http}/{camera}")
    assert "falsch" not in str(failure.value)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/nothing", "no stream at this path"),
        ("/busy", "too busy"),
        ("/moved", "another address"),
        ("/one.jpg", "'image/jpeg', not a motion-JPEG stream"),
    ],
)
def test_says_what_the_camera_answered(http: str, path: str, words: str) -> None:
    with pytest.raises(Unavailable, match=words):
        opened(f"http://{http}{path}")


def test_says_that_nothing_listens() -> None:
    with pytest.raises(Unavailable, match="connection is refused"):
        opened("http://127.0.0.1:9/stream")


def test_says_that_the_host_is_unknown() -> None:
    with pytest.raises(Unavailable, match="no host of this name"):
        opened("http://camera.invalid/stream")


def test_says_that_encryption_does_not_come_about(http: str) -> None:
    with pytest.raises(Unavailable, match="no encrypted connection"):
        opened(f"https://{http}/plain")


def test_a_silent_camera_is_given_up_after_its_limit(http: str) -> None:
    capture = opened(f"http://{http}/stalls")
    capture.grab()
    begun = time.monotonic()
    with pytest.raises(Unavailable, match=r"no frame within 0\.5 s"):
        capture.grab()
    assert time.monotonic() - begun >= 0.4
    capture.close()
    capture.close()


def test_an_interrupt_frees_a_grab_that_waits(http: str) -> None:
    capture = open_mjpeg(settings(f"http://{http}/stalls", stall_s=60), clock=time.monotonic)
    capture.grab()
    timer = threading.Timer(0.2, capture.interrupt)
    timer.start()
    begun = time.monotonic()
    with pytest.raises(Unavailable, match="broke off"):
        capture.grab()
    assert time.monotonic() - begun < 30
    timer.join()
    capture.close()


def test_a_bomb_is_not_decoded(http: str) -> None:
    capture = opened(f"http://{http}/bomb")
    capture.grab()
    with pytest.raises(Unavailable, match="65000×65000"):
        capture.retrieve()
    capture.close()


def test_a_picture_of_four_gigabytes_is_not_read(http: str) -> None:
    capture = opened(f"http://{http}/endless")
    with pytest.raises(Unavailable, match="not motion JPEG"):
        capture.grab()
    capture.close()


def test_the_end_of_a_stream_is_a_fault_of_a_camera(http: str) -> None:
    capture = open_capture(settings(f"http://{http}/plain"), clock=time.monotonic, wait=time.sleep)
    for _ in range(5):
        capture.grab()
    with pytest.raises(Unavailable) as failure:
        capture.grab()
    assert not isinstance(failure.value, Ended)
    capture.close()
