"""The screen at a door, as its page asks for it: what is told, what is not, and to how many."""

import json
import logging
import time
from contextlib import ExitStack
from http.client import HTTPResponse

import cv2
import numpy as np
import pytest

from edged.api.kiosk import Post
from edged.api.port import Closed
from edged.api.server import Server
from edged.domain.face import Box
from edged.domain.passage import Factor
from edged.domain.screen import Prompt, Stage
from tests.api.asking import Answer, ask, next_message, streaming
from tests.web.scripted_door import FPS, ScriptedDoor, guarded

STATE = "/api/v1/kiosk/state"
MIRROR = "/api/v1/kiosk/mirror"
CODE = "/api/v1/kiosk/code"


def next_picture(stream: HTTPResponse) -> tuple[dict[str, str], bytes]:
    assert stream.readline() == b"--mirror\r\n", "the stream ended"
    headers = {}
    while (line := stream.readline().decode().strip()) != "":
        name, _, value = line.partition(": ")
        headers[name] = value
    jpeg = stream.read(int(headers["Content-Length"]))
    assert stream.readline() == b"\r\n"
    return headers, jpeg


def post(server: Server, document: object, **headers: str) -> Answer:
    given = {"Sec_Fetch_Site": "same-origin", "Content_Type": "application/json", **headers}
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return ask(server, CODE, "POST", body, **{name: value for name, value in given.items() if value})


def test_the_screen_is_told_at_once_and_whenever_it_changes() -> None:
    door = ScriptedDoor()
    with guarded(door) as server, streaming(server, STATE) as news:
        name, look = next_message(news)
        assert (name, look["language"], look["has_camera"], look["mirrored"]) == ("look", "en", True, False)
        name, screen = next_message(news)
        assert (name, screen["stage"], screen["number"]) == ("screen", "rest", 1)
        door.show(
            Stage.GUIDE,
            prompt=Prompt.COME_CLOSER,
            progress=0.25,
            face=Box(0.1, 0.2, 0.3, 0.4),
            accepts=frozenset({Factor.FACE, Factor.QR, Factor.PIN}),
            until=time.time() + 30,
        )
        name, screen = next_message(news)
        assert name == "screen"
        assert 29 < screen.pop("left_s") <= 30
        assert screen == {
            "v": 1, "number": 2, "door": "front", "stage": "guide", "prompt": "closer", "progress": 0.25, "step": 0,
            "steps": 0, "name": "", "reason": "", "face": [0.1, 0.2, 0.3, 0.4], "accepts": ["pin", "qr"],
        }  # fmt: skip


def test_a_door_at_which_nothing_happens_is_heard_each_second() -> None:
    with guarded(ScriptedDoor()) as server, streaming(server, STATE) as news:
        assert [next_message(news)[0] for _ in range(4)] == ["look", "screen", "alive", "alive"]


@pytest.mark.parametrize(
    ("stage", "show_names", "told"),
    [(Stage.GRANTED, True, "Anna"), (Stage.GRANTED, False, ""), (Stage.REFUSED, True, ""), (Stage.GUIDE, True, "")],
)
def test_a_name_is_told_to_whom_the_door_was_opened_for(*, stage: Stage, show_names: bool, told: str) -> None:
    door = ScriptedDoor()
    door.look = door.look.model_copy(update={"show_names": show_names})
    door.show(stage, name="Anna")
    with guarded(door) as server, streaming(server, STATE) as news:
        next_message(news)
        assert next_message(news)[1]["name"] == told


def test_a_screen_without_a_door_is_told_why_each_time() -> None:
    door = ScriptedDoor()
    door.post = Closed("no door is set up", "Add one")
    with guarded(door) as server, streaming(server, STATE) as news:
        assert next_message(news) == ("closed", {"v": 1, "what": "no door is set up", "remedy": "Add one"})
        door.post = Post("front", has_camera=False)
        assert next_message(news)[1]["has_camera"] is False
        assert next_message(news)[0] == "screen"
        door.post = Closed("no door is set up", "Add one")
        assert next_message(news)[0] == "closed"
        assert ask(server, MIRROR).status == 503
        assert post(server, {"factor": "pin", "code": "1"}).status == 409


def test_the_mirror_shows_the_newest_picture_and_nothing_of_who_is_in_it() -> None:
    door = ScriptedDoor()
    with guarded(door) as server, streaming(server, f"{MIRROR}?side=600") as mirror:
        pictures = [next_picture(mirror) for _ in range(4)]
        taken = [float(headers["Edged-Taken"]) / 1000 for headers, _ in pictures]
        assert taken == sorted(set(taken))
        assert {frozenset(headers) for headers, _ in pictures} == {
            frozenset({"Content-Type", "Content-Length", "Edged-Taken"})
        }
        picture = cv2.imdecode(np.frombuffer(pictures[-1][1], np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        assert picture.shape == (360, 640, 3)
        door.scene = None
        while mirror.readline():
            pass  # it ends when the camera has been away for a while
        assert ask(server, MIRROR).status == 503


@pytest.mark.parametrize(("side", "width"), [("", 960), ("?side=1", 640), ("?side=961", 1280), ("?side=-7", 960)])
def test_the_mirror_has_a_few_sizes(side: str, width: int) -> None:
    with guarded(ScriptedDoor()) as server, streaming(server, f"{MIRROR}{side}") as mirror:
        picture = cv2.imdecode(np.frombuffer(next_picture(mirror)[1], np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        assert picture.shape[1] == width


def test_a_slow_screen_misses_pictures_and_sees_none_late() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (720, 960, 3)).astype(np.uint8)
    with guarded(ScriptedDoor(noise)) as server, streaming(server, MIRROR, receive_buffer=16384) as mirror:
        next_picture(mirror)
        time.sleep(2.0)
        waiting = [next_picture(mirror)[0] for _ in range(6)]
    behind = [time.time() - float(headers["Edged-Taken"]) / 1000 for headers in waiting]
    assert min(behind) < 1.0
    gaps = np.diff([float(headers["Edged-Taken"]) for headers in waiting])
    assert max(gaps) > 3 * 1000 / FPS, "pictures were left out"


def test_two_screens_are_served_and_no_third() -> None:
    with guarded(ScriptedDoor()) as server:
        for path in (STATE, MIRROR):
            with ExitStack() as open_ones:
                for _ in range(2):
                    open_ones.enter_context(streaming(server, path)).readline()
                assert ask(server, path).status == 503
                assert ask(server, "/healthz").status == 200


def test_a_code_goes_to_the_door() -> None:
    door = ScriptedDoor()
    with guarded(door) as server:
        for factor in ("pin", "card", "qr"):
            answer = post(server, {"factor": factor, "code": "4711-a"})
            assert (answer.status, answer.document) == (202, {"ok": True})
        assert door.codes == [(Factor.PIN, "4711-a"), (Factor.CARD, "4711-a"), (Factor.QR, "4711-a")]
        door.crowded = True
        answer = post(server, {"factor": "pin", "code": "4711"})
        assert answer.status == 429
        assert "Wait a minute" in answer.document["error"]["remedy"]


@pytest.mark.parametrize(
    "body",
    [
        {"factor": "face", "code": "4711"}, {"factor": "pin", "code": ""}, {"factor": "pin", "code": 4711},
        {"factor": "pin", "code": "4711", "door": "back"}, {"factor": "pin", "code": "47\n11"}, {"code": "4711"},
        {"factor": "pin", "code": "4" * 600}, {"factor": "pin", "code": "4" * 4096}, [], b"{", b"\xff", b"",
    ],
)  # fmt: skip
def test_what_is_no_code_is_refused_and_not_repeated(body: object, caplog: pytest.LogCaptureFixture) -> None:
    door = ScriptedDoor()
    with caplog.at_level(logging.DEBUG), guarded(door) as server:
        answer = post(server, body)
    assert answer.status == 400
    assert door.codes == []
    assert b"47" not in answer.body
    assert b"444" not in answer.body
    assert "4711" not in caplog.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec_Fetch_Site": "cross-site"}, 403), ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Sec_Fetch_Site": "none"}, 403),
        ({"Sec_Fetch_Site": ""}, 403), ({"Sec_Fetch_Site": "", "Origin": "http://evil.example"}, 403),
        ({"Content_Type": "text/plain"}, 415), ({"Content_Type": ""}, 415), ({"Host": "evil.example"}, 421),
    ],
)  # fmt: skip
def test_only_our_own_page_may_send_a_code(headers: dict[str, str], status: int) -> None:
    door = ScriptedDoor()
    with guarded(door) as server:
        assert post(server, {"factor": "pin", "code": "4711"}, **headers).status == status
        assert door.codes == []
        own = {"Sec_Fetch_Site": "", "Origin": f"http://127.0.0.1:{server.port}"}
        assert post(server, {"factor": "pin", "code": "4711"}, **own).status == 202


def test_a_code_is_not_written_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), guarded(ScriptedDoor()) as server:
        assert post(server, {"factor": "pin", "code": "90210-secret"}).status == 202
    assert "90210" not in caplog.text
