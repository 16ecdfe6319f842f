"""What goes on as long as somebody watches: news, and live pictures."""

import time
from contextlib import ExitStack

import cv2
import numpy as np

from edged.api.server import Server
from edged.domain.event import Outcome
from edged.domain.face import Box, Flaw
from edged.measure.sample_event import sample_event
from tests.api.asking import ask, next_message, next_part, streaming
from tests.api.pretend_device import FPS, Face, PretendDevice, a_scene, serving

LIVE = "/api/v1/cameras/front/live.mjpeg"
NEWS = "/api/v1/stream"


def a_noisy_device() -> PretendDevice:
    """One whose pictures do not compress: a few fill every buffer on the way."""
    noise = np.random.default_rng(1).integers(0, 256, (720, 960, 3)).astype(np.uint8)
    return PretendDevice("front", scene=noise)


def test_news_begin_with_what_is_there_and_go_on_with_what_comes() -> None:
    device = PretendDevice("front")
    device.keep(sample_event(1))
    with serving(device) as server, streaming(server, NEWS) as news:
        name, first = next_message(news)
        assert (name, [entry["number"] for entry in first["events"]]) == ("events", [1])
        name, state = next_message(news)
        assert (name, state["info"]["device"]) == ("state", "entrance")
        device.keep(sample_event(2))
        device.keep(sample_event(3))
        name, more = next_message(news)
        while name != "events":
            name, more = next_message(news)
        assert [entry["number"] for entry in more["events"]] == [2, 3]


def test_news_of_a_quiet_device_still_beat() -> None:
    with serving(PretendDevice()) as server, streaming(server, NEWS) as news:
        assert next_message(news) == ("events", {"v": 1, "events": []})
        assert [next_message(news)[0] for _ in range(2)] == ["state", "state"]


def test_a_live_picture_carries_the_faces_found_in_it() -> None:
    device = PretendDevice("front", scene=a_scene(1920, 1080))
    device.faces = (
        Face(4, Box(192.0, 108.0, 384.0, 540.0), Outcome.KNOWN, "Anna Müller"),
        Face(5, Box(-96.0, 0.0, 96.0, 108.0), None, flaw=Flaw.CUT_OFF),
    )
    with serving(device) as server, streaming(server, LIVE) as live:
        parts = [next_part(live) for _ in range(3)]
    assert parts[0].number < parts[1].number < parts[2].number
    known, cut = parts[2].faces
    assert known == {"track": 4, "box": [0.1, 0.1, 0.2, 0.5], "outcome": "known", "name": "Anna Müller", "flaw": None}
    assert (cut["box"][0], cut["outcome"], cut["flaw"]) == (-0.05, None, "cut_off")
    picture = cv2.imdecode(np.frombuffer(parts[2].jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (540, 960, 3)


def test_no_frame_is_asked_for_unless_somebody_watches() -> None:
    device = PretendDevice("front")
    with serving(device) as server:
        ask(server, "/api/v1/state")
        with streaming(server, NEWS) as news:
            next_message(news)
            next_message(news)
        assert device.views == 0
        with streaming(server, LIVE) as live:
            next_part(live)
        time.sleep(0.5)
        watched = device.views
        time.sleep(0.5)
        assert watched > 0
        assert device.views == watched


def test_a_live_picture_ends_when_the_camera_goes_away() -> None:
    device = PretendDevice("front")
    with serving(device) as server, streaming(server, LIVE) as live:
        next_part(live)
        device.take_away("front", "no frame for 5 s", "Look at its cable")
        live.read()


def test_a_slow_reader_misses_pictures_and_does_not_lag() -> None:
    with serving(a_noisy_device()) as server, streaming(server, LIVE, receive_buffer=16_384) as live:
        first = next_part(live).number
        time.sleep(2)
        numbers = [next_part(live).number for _ in range(6)]
        now = int(time.monotonic() * FPS)
    assert now - numbers[-1] < FPS, "what it reads is old"
    assert numbers[-1] - first > 6 + FPS, "nothing was dropped"


def test_a_ninth_stream_is_refused_in_words_and_one_that_ends_makes_room() -> None:
    with serving(PretendDevice("front")) as server, ExitStack() as open_streams:
        for _ in range(7):
            open_streams.enter_context(streaming(server, NEWS)).readline()
        with streaming(server, LIVE) as live:
            next_part(live)
            refused = ask(server, LIVE)
            assert refused.status == 503
            assert refused.headers["Retry-After"] == "5"
            assert "8 live pictures" in refused.document["error"]["what"]
            assert ask(server, "/api/v1/state").status == 200
        _wait_until_served(server)


def test_readers_who_take_nothing_are_cut_off() -> None:
    with serving(a_noisy_device(), stall_s=1.0) as server, ExitStack() as open_streams:
        for _ in range(8):
            open_streams.enter_context(streaming(server, LIVE, receive_buffer=4096))
        assert not _is_served(server)
        _wait_until_served(server)


def _is_served(server: Server) -> bool:
    with streaming(server, LIVE) as live:
        return live.status == 200


def _wait_until_served(server: Server) -> None:
    until = time.monotonic() + 15
    while not _is_served(server):
        assert time.monotonic() < until, "no place became free"
        time.sleep(0.1)
