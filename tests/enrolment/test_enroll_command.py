"""`edged enroll`, from photographs, a camera and past events."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from edged.cli import main
from edged.domain.event import BestShot, Outcome
from edged.domain.frame import Image, Moment
from edged.gallery.shots import ShotStore
from edged.measure.sample_event import SAMPLE_UTC, sample_event
from edged.mqtt.outbox import Outbox
from edged.vault.vault import Vault
from tests.enrolment.conftest import Edged

Enrolled = Callable[[], dict[str, int]]


@pytest.fixture
def photo(tmp_path: Path, photographs: dict[str, bytes]) -> Callable[[str], str]:
    def write(name: str) -> str:
        path = tmp_path / f"{name}.jpg"
        path.write_bytes(photographs[name])
        return str(path)

    return write


def _change(config: Path, **settings: Any) -> None:
    config.write_text(json.dumps(json.loads(config.read_text()) | settings))


def test_a_double_is_enrolled_and_named(edged: Edged, enrolled: Enrolled, photo: Callable[[str], str]) -> None:
    assert edged("enroll", "4711", photo("front"), "--name", "Anna")[0] == 0
    code, document = edged("enroll", "4712", photo("left"))
    assert code == 0
    assert enrolled() == {"4711": 1, "4712": 1}
    (warning,) = document["photos"][0]["warnings"]
    assert warning["reason"] == "resembles_other"
    assert "Anna (4711)" in warning["what"]


def test_a_wrong_photograph_is_named_among_several(edged: Edged, photo: Callable[[str], str]) -> None:
    code, document = edged("enroll", "4711", photo("front"), photo("else"), photo("left"))
    assert code == 0
    assert [[item["reason"] for item in photo["warnings"]] for photo in document["photos"]] == [
        [],
        ["unlike_others"],
        [],
    ]


def test_strict_refuses_what_is_doubtful(edged: Edged, enrolled: Enrolled, photo: Callable[[str], str]) -> None:
    edged("enroll", "4711", photo("front"), photo("left"))
    code, document = edged("enroll", "4711", photo("else"), "--strict")
    assert (code, document["id"]) == (1, None)
    assert document["photos"][0]["reason"] == "unlike_others"
    assert enrolled() == {"4711": 2}


def test_warnings_in_words(config: Path, photo: Callable[[str], str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["enroll", "4711", photo("front"), photo("else"), photo("left"), "--config", str(config)]) == 0
    assert "? the face does not look like the person's other 2 photographs" in capsys.readouterr().out


def test_an_unfit_id_is_refused_before_anything_is_loaded(edged: Edged, photo: Callable[[str], str]) -> None:
    code, document = edged("enroll", " 4711", photo("front"))
    assert (code, document["error"]["reason"]) == (1, "customer_person_id")


@pytest.mark.parametrize("words", [[], ["a.jpg", "--camera", "door"], ["--camera", "door", "--event", "0199"]])
def test_one_source_at_a_time(config: Path, words: list[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(["enroll", "4711", *words, "--config", str(config)])
    assert leaving.value.code == 2


def test_from_a_camera_of_its_own(
    config: Path, edged: Edged, enrolled: Enrolled, photo: Callable[[str], str], tmp_path: Path
) -> None:
    folder = tmp_path / "stills"
    folder.mkdir()
    for number, name in enumerate(("two", "front", "blurred", "left")):
        Path(photo(name)).rename(folder / f"{number}.jpg")
    _change(config, cameras={"door": {"kind": "stills", "folder": str(folder), "interval_s": 0.1}})
    code, document = edged("enroll", "4711", "--camera", "door", "--shots", "2", "--seconds", "30")
    assert code == 0
    assert [item["photo"] for item in document["photos"]] == ["door 1", "door 2"]
    assert enrolled() == {"4711": 2}


def test_a_camera_that_shows_nobody(config: Path, edged: Edged, photo: Callable[[str], str], tmp_path: Path) -> None:
    (tmp_path / "stills").mkdir()
    Path(photo("two")).rename(tmp_path / "stills" / "1.jpg")
    _change(config, cameras={"door": {"kind": "stills", "folder": str(tmp_path / "stills"), "interval_s": 0.1}})
    code, document = edged("enroll", "4711", "--camera", "door", "--seconds", "2")
    assert (code, document["error"]["reason"]) == (1, "no_good_frame")
    assert "2 faces were found" in document["error"]["what"]


def test_a_camera_nobody_has(edged: Edged) -> None:
    code, document = edged("enroll", "4711", "--camera", "dor")
    assert (code, document["error"]["reason"]) == (1, "no_such_camera")


@contextmanager
def _live_picture(jpeg: bytes) -> Iterator[int]:
    """What a running daemon serves, at a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/api/v1/cameras/door/live.mjpeg" else 404)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            try:
                for _ in range(200):
                    self.wfile.write(head.encode() + jpeg + b"\r\n")
            except OSError:
                return

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_from_a_camera_that_the_daemon_has(
    config: Path, edged: Edged, enrolled: Enrolled, photographs: dict[str, bytes]
) -> None:
    cameras = {"door": {"kind": "v4l2", "device": "/dev/video-of-nobody"}}
    with _live_picture(photographs["front"]) as port:
        _change(config, cameras=cameras, http={"enabled": True, "port": port})
        code, _document = edged("enroll", "4711", "--camera", "door", "--shots", "1")
    assert code == 0
    assert enrolled() == {"4711": 1}


@pytest.fixture
def events(tmp_path: Path, astronaut: Image) -> list[str]:
    """Two events of one visit, the second without a picture."""
    state = tmp_path / "state"
    state.mkdir()
    both = [replace(sample_event(number), visit=sample_event(1).visit) for number in (1, 2)]
    outbox = Outbox.open(state / "events.db", "b1", now=SAMPLE_UTC)
    outbox.append(both)
    outbox.close()
    shots = ShotStore(state / "shots", Vault.open(state).seal_for("shots"))
    shots.save(both[0].id, BestShot((), astronaut, Moment(0, SAMPLE_UTC)), Outcome.UNKNOWN)
    return [event.id for event in both]


def test_from_the_picture_of_an_event(edged: Edged, enrolled: Enrolled, events: list[str]) -> None:
    code, document = edged("enroll", "4711", "--event", events[0])
    assert (code, document["photos"][0]["photo"]) == (0, f"event {events[0]}")
    assert enrolled() == {"4711": 1}


def test_an_event_without_a_picture_is_refused_and_the_other_is_taken(edged: Edged, events: list[str]) -> None:
    code, document = edged("enroll", "4711", "--event", events[0], "--event", events[1])
    assert code == 1
    assert [photo.get("reason") for photo in document["photos"]] == [None, "no_shot"]


def test_an_event_nobody_knows(edged: Edged, events: list[str]) -> None:
    code, document = edged("enroll", "4711", "--event", "ffff")
    assert (code, document["error"]["reason"]) == (1, "no_such_event")
