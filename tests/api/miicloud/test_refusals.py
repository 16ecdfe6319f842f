"""Who is let in, and how miiCloud says no."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import httpx
import pytest

from edged.api.access import Right
from edged.api.centre import Manners
from edged.api.directory import Choose, Looked
from edged.domain.errors import Corrupt, Unavailable
from tests.api.miicloud.desk import Desk, desk, failed, ok, photo
from tests.api.painted import PaintedEyes, new_face, paint, portrait
from tests.api.token_gate import KEY

BLANK: Final = paint()
"""A photograph of nobody."""

REQUESTS: Sequence[tuple[str, str]] = [
    ("POST", "/person"),
    ("PUT", "/person/7"),
    ("GET", "/person/7"),
    ("DELETE", "/person/7"),
    ("POST", "/match_faces"),
]


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_an_absent_token_and_a_wrong_one_are_answered_alike(hub: Desk, method: str, path: str) -> None:
    answers = [hub.ask(method, path, token=token) for token in ("", "wrong")]
    answers += [
        hub.ask(method, path, token="", headers={"authorization": value}) for value in (KEY, f"Bearer {KEY}", "Token")
    ]
    for answer in answers:
        failed(answer, 401)
        assert answer.headers["www-authenticate"] == "Token"
        assert answer.content == answers[0].content
        assert KEY not in answer.text


@pytest.mark.parametrize("scheme", ["Token", "token", "TOKEN", " Token "])
def test_the_scheme_may_be_written_in_any_case(hub: Desk, scheme: str) -> None:
    failed(hub.ask("GET", "/person/7", token="", headers={"authorization": f"{scheme} {KEY}"}), 404)


@pytest.mark.parametrize(
    ("method", "path", "right"),
    [(*asked, right) for asked, right in zip(REQUESTS, ["enroll", "enroll", "read", "enroll", "match"], strict=True)],
)
def test_each_operation_needs_its_right(hub: Desk, method: str, path: str, right: str) -> None:
    hub.enroll("7", 1)
    without = hub.gate.add("without", *{Right.READ, Right.ENROLL, Right.MATCH, Right.DEVICE} - {Right(right)})
    failed(hub.ask(method, path, token=without), 403)
    only = hub.gate.add("only", Right(right))
    form = {"customer_person_id": "7"}
    files = photo(portrait(1)) if method in {"POST", "PUT"} else None
    ok(hub.ask(method, path, token=only, data=form, files=files))


def test_too_many_requests_are_429_with_the_time_to_wait(hub: Desk) -> None:
    hub.gate.wait_s = 7
    answer = hub.ask("GET", "/person/7")
    failed(answer, 429)
    assert answer.headers["retry-after"] == "7"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/person", {"GET", "POST", "PUT", "DELETE"}),
        ("/person/7", {"GET", "PUT", "DELETE"}),
        ("/enroll", {"POST"}),
        ("/get_person", {"GET"}),
        ("/delete_person", {"DELETE"}),
        ("/match_faces", {"POST"}),
        ("/enroll/face_abcdefg.jpg", {"GET", "HEAD"}),
    ],
)
def test_another_method_is_405_and_says_which_there_are(hub: Desk, path: str, allowed: set[str]) -> None:
    for method in {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"} - allowed:
        answer = hub.ask(method, path)
        failed(answer, 405)
        assert {*answer.headers["allow"].split(", ")} == allowed


def test_an_address_of_nothing_is_404_in_json(hub: Desk) -> None:
    for path in ("", "/", "/people", "/person/7/8", "/person/a%2Fb/c"):
        failed(hub.ask("GET", path), 404)


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "application/*;q=0.1", "text/html, */*;q=0.8", "x"])
def test_a_client_that_takes_json_gets_it(hub: Desk, accept: str) -> None:
    failed(hub.ask("GET", "/person/7", headers={"accept": accept}), 404)


@pytest.mark.parametrize("accept", ["text/html", "image/*, text/plain", "application/json;q=0, */*", "*/*;q=0.0"])
def test_a_client_that_excludes_json_is_told_406_and_nothing_is_done(hub: Desk, accept: str) -> None:
    form = {"customer_person_id": "7"}
    failed(hub.ask("POST", "/person", headers={"accept": accept}, data=form, files=photo(portrait(1))), 406)
    assert hub.directory.person("7") is None


def test_where_all_eyes_are_busy_it_is_503_with_the_time_to_wait(tmp_path: Path) -> None:
    answer = _asked_with(_Failing(Unavailable("all are busy")), tmp_path)
    failed(answer, 503)
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("error", [Corrupt("/secret/model.onnx is damaged"), RuntimeError("secret")])
def test_a_fault_of_ours_is_500_in_json_and_tells_nothing(tmp_path: Path, error: Exception) -> None:
    assert "secret" not in failed(_asked_with(_Failing(error), tmp_path), 500)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"customer_person_id": ', "application/json"),
        (b"[1, 2]", "application/json"),
        (b"null", "application/json"),
        (b"--b\r\nbroken", "multipart/form-data; boundary=b"),
        (b"\xff\xfe%%%&&&=", "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_that_cannot_be_read_is_400(hub: Desk, body: bytes, kind: str) -> None:
    failed(hub.ask("POST", "/person", content=body, headers={"content-type": kind}), 400)


def test_failures_of_content_have_the_status_200_where_that_is_wanted(tmp_path: Path) -> None:
    with desk(tmp_path, manners=Manners(fail_as_200=True)) as hub:
        form = {"customer_person_id": "7"}
        failed(hub.ask("GET", "/person/7"), 200)
        failed(hub.ask("POST", "/person", data=form, files=photo(BLANK)), 200)
        failed(hub.ask("POST", "/person", data=form, files=photo(b"no image")), 200)
        failed(hub.ask("POST", "/person", files=photo(portrait(1))), 200)
        failed(hub.ask("GET", "/person/7", token="wrong"), 401)
        failed(hub.ask("PATCH", "/person/7"), 405)
        failed(hub.ask("GET", "/nothing"), 404)
        failed(hub.ask("GET", "/person/7", headers={"accept": "text/html"}), 406)
        hub.gate.wait_s = 1
        failed(hub.ask("GET", "/person/7"), 429)


def test_a_token_for_an_organisations_photographs_sees_nobody(hub: Desk) -> None:
    hub.enroll("7", 1)
    failed(hub.ask("GET", "/person/7", token=hub.gate.add("org", organisation="acme")), 403)


def test_a_token_bound_to_a_gallery_sees_and_touches_that_gallery_alone(hub: Desk) -> None:
    vip = hub.gate.add("vip", gallery="vip")
    hub.enroll("outside", 1, first_name="Ada")
    hub.enroll("inside", 2, token=vip)
    hub.directory.enroll("both", [new_face(3)], by=hub.gate.tokens[KEY], galleries=["vip", "staff"])
    assert ok(hub.ask("GET", "/person/inside", token=vip))
    assert ok(hub.ask("GET", "/person/both", token=vip))
    assert [hub.match(portrait(who), token=vip)[0]["customer_person_id"] for who in (1, 2, 3)] == ["", "inside", "both"]
    failed(hub.ask("GET", "/person/outside", token=vip), 404)
    failed(hub.ask("DELETE", "/person/outside", token=vip), 404)
    failed(hub.ask("POST", "/match_faces", token=vip, data={"customer_person_id": "outside"}, files=photo(BLANK)), 404)
    for key in ("outside", "both"):
        form = {"customer_person_id": key}
        answer = hub.ask("POST", "/person", token=vip, data=form, files=photo(portrait(2)))
        assert "Ada" not in failed(answer, 403)
    failed(hub.ask("PUT", "/person/both", token=vip, data={"first_name": "X"}), 403)
    failed(hub.ask("DELETE", "/person/both", token=vip), 403)
    ok(hub.ask("PUT", "/person/inside", token=vip, data={}, files=photo(portrait(2, 5))))
    assert len(ok(hub.ask("GET", "/person/inside", token=vip))["images"]) == 2
    assert {face.galleries for face in hub.directory.faces().faces if face.key == "inside"} == {("default", "vip")}
    ok(hub.ask("DELETE", "/person/inside", token=vip))


class _Failing(PaintedEyes):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def look(self, photo: bytes, choose: Choose) -> Looked:
        raise self._error


def _asked_with(eyes: PaintedEyes, folder: Path) -> httpx.Response:
    with desk(folder, eyes=eyes) as hub:
        return hub.ask("POST", "/match_faces", files=photo(portrait(1)))
