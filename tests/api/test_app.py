"""What the device answers over HTTP."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from edged.api.port import DeviceState
from edged.api.server import Server
from edged.domain.errors import Unavailable
from edged.domain.event import Outcome
from edged.measure.sample_event import sample_event
from edged.wire.device import LifeState
from edged.wire.event import EventRecord
from tests.api.asking import ask
from tests.api.pretend_device import PretendDevice, serving


@pytest.fixture
def device() -> PretendDevice:
    return PretendDevice("front", "back")


@pytest.fixture
def server(device: PretendDevice) -> Iterator[Server]:
    with serving(device) as server:
        yield server


def test_the_state_is_what_the_broker_is_told(device: PretendDevice, server: Server) -> None:
    device.take_away("back", "no frame for 5 s", "Look at its cable")
    answer = ask(server, "/api/v1/state")
    state = DeviceState.model_validate_json(answer.body)
    assert state.info.encoded() == device.state_now.info.encoded()
    assert state.cameras["back"].reason == "no frame for 5 s"
    assert [condition.remedy for condition in state.health.conditions] == ["Look at its cable"]


def test_events_come_oldest_first_with_their_explanation(device: PretendDevice, server: Server) -> None:
    device.keep(sample_event(1), device.scene)
    device.keep(sample_event(2, outcome=Outcome.KNOWN))
    first, second = ask(server, "/api/v1/events").document["events"]
    assert (first["number"], second["number"]) == (1, 2)
    assert EventRecord.model_validate(second["event"]) == device.kept[1].record
    assert second["event"]["best"]["person"]["name"] == "Anna Müller"
    assert second["picture"] is None
    assert first["picture"] == f"/api/v1/events/{sample_event(1).id}/picture.jpg"


def test_only_the_newest_hundred_events_are_told(device: PretendDevice, server: Server) -> None:
    for number in range(1, 131):
        device.keep(sample_event(number))
    numbers = [entry["number"] for entry in ask(server, "/api/v1/events").document["events"]]
    assert numbers == list(range(31, 131))


def test_a_picture_is_the_bytes_that_were_kept(device: PretendDevice, server: Server) -> None:
    device.keep(sample_event(1), device.scene)
    answer = ask(server, ask(server, "/api/v1/events").document["events"][0]["picture"])
    assert answer.headers["Content-Type"] == "image/jpeg"
    picture = cv2.imdecode(np.frombuffer(answer.body, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (480, 640, 3)


def test_what_is_not_there_is_said_in_words(server: Server) -> None:
    for path in (
        "/api/v1/events/019b796d-d600-7000-8000-000000000001/picture.jpg",
        "/api/v1/events/..%2f..%2fetc%2fpasswd/picture.jpg",
        "/api/v1/cameras/garden/live.mjpeg",
        "/api/v1/cameras/front%2f..%2fback/live.mjpeg",
        "/api/v1/",
        "/api/v2/state",
        "/favicon.ico",
        "/static/",
        "/static/no.js",
    ):
        answer = ask(server, path)
        assert answer.status == 404, path
        assert answer.document["error"]["what"], path


def test_a_camera_that_is_away_has_no_live_picture(device: PretendDevice, server: Server) -> None:
    device.take_away("back", "no frame for 5 s", "Look at its cable")
    answer = ask(server, "/api/v1/cameras/back/live.mjpeg")
    assert answer.status == 503
    assert "back" in answer.document["error"]["what"]


def test_supervisors_are_told_whether_it_lives_and_whether_it_works(device: PretendDevice, server: Server) -> None:
    assert (ask(server, "/healthz").status, ask(server, "/readyz").status) == (200, 200)
    device.change_health(state=LifeState.STARTING)
    answer = ask(server, "/readyz")
    assert (ask(server, "/healthz").status, answer.status) == (200, 503)
    assert "starting" in answer.document["error"]["what"]
    assert answer.document["missing"] == [{"name": "life", "what": "edged is starting"}]


def test_supervisors_are_told_who_makes_no_progress_and_what_is_missing(device: PretendDevice, server: Server) -> None:
    device.stuck, device.missing = ("judge", "talker"), {"judge": "nobody is recognised"}
    alive, ready = ask(server, "/healthz"), ask(server, "/readyz")
    assert (alive.status, alive.document["stuck"]) == (503, ["judge", "talker"])
    assert "judge, talker" in alive.document["error"]["what"]
    assert (ready.status, ready.document["missing"]) == (503, [{"name": "judge", "what": "nobody is recognised"}])


def test_supervisors_do_not_wait_for_the_disk(
    device: PretendDevice, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise Unavailable("the disk does not answer")

    monkeypatch.setattr(device, "state", fail)
    device.complain("broker", "the broker does not answer", "")
    device.take_away("front", "no frame for 5 s", "")
    assert (ask(server, "/healthz").status, ask(server, "/readyz").status) == (200, 200)


def test_trouble_behind_the_page_is_passed_on_in_words(
    device: PretendDevice, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: int) -> None:
        raise Unavailable("the disk does not answer", "Look at the journal of the kernel")

    monkeypatch.setattr(device, "events", fail)
    answer = ask(server, "/api/v1/events")
    assert answer.status == 503
    error = {"what": "the disk does not answer", "remedy": "Look at the journal of the kernel"}
    assert answer.document == {"error": error}


def test_a_bug_is_answered_without_its_inside(
    device: PretendDevice, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(device, "state", fail)
    answer = ask(server, "/api/v1/state")
    assert answer.status == 500
    assert b"secret" not in answer.body
    assert "journalctl" in answer.document["error"]["remedy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_page_is_asked_for_again_but_sent_only_when_it_changed(server: Server) -> None:
    first = ask(server, "/")
    assert b"<!doctype html>" in first.body
    again = ask(server, "/", If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert ask(server, "/static/page.js").headers["Content-Type"].startswith("text/javascript")
