"""FindFace: tokens, rights, galleries of their own, limits, and browsers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from edged.api.access import Cost, Right
from edged.api.centre import Manners
from edged.api.findface.table import TABLE
from tests.api.findface.desk import Desk, desk, photo
from tests.api.painted import portrait
from tests.api.token_gate import KEY

EVERYWHERE = [
    (method, f"{version}{re.sub('{[^}]+}', '7', path)}")
    for version in ("/v0", "/v1", "")
    for path, methods in TABLE.items()
    for method in methods
]


class TestToken:
    @pytest.mark.parametrize(
        "header",
        [
            *(f"Token {KEY}", f"token {KEY}", f"TOKEN {KEY}", f"Token  {KEY} "),
            *(f"TOK:{KEY}", f"TOK: {KEY}", f"TOK {KEY}", f"tok:{KEY}"),
        ],
    )
    def test_is_accepted_in_every_form(self, hub: Desk, header: str) -> None:
        assert hub.ask("GET", "/v1/faces", token="", headers={"authorization": header}).status_code == 200

    @pytest.mark.parametrize(
        "header", ["", "Token", "Token ", KEY, f"Bearer {KEY}", "Token wrong", f"Token{KEY}", f"Token {KEY} x"]
    )
    def test_is_refused_in_every_other(self, hub: Desk, header: str) -> None:
        headers = {"authorization": header} if header else {}
        answer = hub.ask("GET", "/v1/faces", token="", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "AUTH_FAILED")
        assert answer.headers["www-authenticate"] == "Token"
        assert KEY not in answer.text

    def test_is_needed_on_every_path(self, hub: Desk) -> None:
        nothing = [("GET", "/v1/nothing"), ("PATCH", "/v1/faces"), ("GET", "/v2"), ("GET", "/")]
        for method, path in [*EVERYWHERE, *nothing]:
            for token in ("", "wrong"):
                answer = hub.ask(method, path, token=token)
                assert (answer.status_code, answer.json()["code"]) == (401, "AUTH_FAILED"), (method, path)

    def test_is_asked_for_before_the_body_is_read(self, hub: Desk) -> None:
        answer = hub.ask("POST", "/v1/face", token="", content=b"{", headers={"content-type": "application/json"})
        assert answer.status_code == 401


class TestRight:
    @pytest.mark.parametrize(
        ("right", "allowed"),
        [
            (Right.READ, {"GET /v1/faces", "GET /v1/galleries", "GET /v1/meta", "POST /v1/detect"}),
            (Right.ENROLL, {"POST /v1/face", "POST /v1/galleries/g", "DELETE /v1/faces/meta/x", "POST /v1/detect"}),
            (Right.MATCH, {"POST /v1/identify", "POST /v1/verify", "POST /v1/detect"}),
            (Right.DEVICE, {"POST /v1/detect"}),
        ],
    )
    def test_each_right_allows_its_operations_only(self, hub: Desk, right: Right, allowed: set[str]) -> None:
        token = hub.gate.add("limited", right)
        photos = photo(portrait(1)) | photo(portrait(1), "photo1") | photo(portrait(1), "photo2")
        every = [
            *("GET /v1/faces", "GET /v1/galleries", "GET /v1/meta", "POST /v1/face", "POST /v1/galleries/g"),
            *("DELETE /v1/faces/meta/x", "POST /v1/identify", "POST /v1/verify", "POST /v1/detect"),
        ]
        for line in every:
            method, path = line.split()
            more: dict[str, Any] = {"files": photos} if method == "POST" else {}
            answer = hub.ask(method, path, token=token, **more)
            if line in allowed:
                assert answer.is_success, line
            else:
                assert (answer.status_code, answer.json()["code"]) == (403, "AUTH_FAILED"), line

    def test_admin_has_all(self, hub: Desk) -> None:
        token = hub.gate.add("admin", Right.ADMIN)
        assert hub.ask("GET", "/v1/faces", token=token).status_code == 200
        assert hub.ask("POST", "/v1/face", token=token, files=photo(portrait(1))).status_code == 200

    def test_an_address_of_nothing_is_told_to_every_good_token(self, hub: Desk) -> None:
        token = hub.gate.add("limited", Right.DEVICE)
        assert hub.ask("GET", "/v1/nothing", token=token).status_code == 404

    def test_what_a_request_takes_is_counted(self, hub: Desk) -> None:
        hub.ask("GET", "/v1/faces")
        hub.ask("POST", "/v1/detect", files=photo(portrait(1)))
        hub.ask("GET", "/v1/faces", token="wrong")
        assert hub.gate.counted == [("t1", Cost.READING), ("t1", Cost.LOOKING), ("", Cost.READING)]


class TestGalleryOfATokensOwn:
    @pytest.fixture
    def bound(self, hub: Desk) -> str:
        return hub.gate.add("bound", gallery="mine")

    def test_enrols_into_it(self, hub: Desk, bound: str) -> None:
        face = hub.enrol(1, meta="anna", token=bound)
        assert face["galleries"] == ["default", "mine"]
        assert hub.ask("GET", f"/v1/face/id/{face['id']}").json()["galleries"] == ["default", "mine"]

    def test_may_not_enrol_into_another(self, hub: Desk, bound: str) -> None:
        sent = {"galleries": "mine,theirs"}
        answer = hub.ask("POST", "/v1/face", token=bound, files=photo(portrait(1)), data=sent)
        assert (answer.status_code, answer.json()["code"]) == (403, "AUTH_FAILED")
        assert hub.ask("GET", "/v1/faces").json()["results"] == []

    @pytest.mark.parametrize("path", ["/v1/faces", "/v1/faces/gallery/default", "/v1/faces/gallery/mine"])
    def test_sees_the_faces_in_it_only(self, hub: Desk, bound: str, path: str) -> None:
        assert hub.ask("GET", path, token=bound).json()["results"] == []
        hub.enrol(1, meta="anna", galleries="theirs")
        mine = hub.enrol(2, meta="bob", galleries="mine,theirs")
        (face,) = hub.ask("GET", path, token=bound).json()["results"]
        assert (face["id"], face["galleries"]) == (mine["id"], ["default", "mine"])

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/v1/faces/gallery/theirs"),
            ("GET", "/v1/faces/gallery/theirs/meta/anna"),
            ("DELETE", "/v1/faces/gallery/theirs/meta/anna"),
            ("POST", "/v1/faces/gallery/theirs/identify"),
            ("GET", "/v1/meta/gallery/theirs"),
            ("DELETE", "/v1/galleries/theirs?purge=1"),
            ("GET", "/v1/face/id/{id}"),
            ("PUT", "/v1/face/id/{id}"),
            ("DELETE", "/v1/face/id/{id}"),
        ],
    )
    def test_other_galleries_and_faces_do_not_exist(self, hub: Desk, bound: str, method: str, path: str) -> None:
        face = hub.enrol(1, meta="anna", galleries="theirs")
        more: dict[str, Any] = {"files": photo(portrait(1))} if method == "POST" else {}
        answer = hub.ask(method, path.format(id=face["id"]), token=bound, **more)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
        assert hub.ask("GET", f"/v1/face/id/{face['id']}").json() == face

    def test_lists_its_gallery_and_default(self, hub: Desk, bound: str) -> None:
        hub.ask("POST", "/v1/galleries/theirs")
        assert hub.ask("GET", "/v1/galleries", token=bound).json() == {"results": ["default", "mine"]}

    def test_makes_its_own_gallery_and_no_other(self, hub: Desk, bound: str) -> None:
        assert hub.ask("POST", "/v1/galleries/mine", token=bound).status_code == 201
        assert hub.ask("POST", "/v1/galleries", token=bound, data={"name": "theirs"}).status_code == 403
        assert hub.ask("GET", "/v1/galleries").json() == {"results": ["default", "mine"]}

    def test_identifies_within_it(self, hub: Desk, bound: str) -> None:
        hub.enrol(1, meta="anna", galleries="theirs")
        for path in ("/v1/identify", "/v1/faces/gallery/default/identify", "/v1/faces/gallery/mine/identify"):
            answer = hub.ask("POST", path, token=bound, files=photo(portrait(1)))
            assert list(answer.json()["results"].values()) == [[]]
        hub.enrol(1, token=bound)
        answer = hub.ask("POST", "/v1/identify", token=bound, files=photo(portrait(1)))
        assert [len(some) for some in answer.json()["results"].values()] == [1]

    def test_metas_are_those_in_it(self, hub: Desk, bound: str) -> None:
        hub.enrol(1, 0, meta="anna", token=bound)
        hub.enrol(1, 1, meta="anna")
        hub.enrol(2, meta="bob")
        results = hub.ask("GET", "/v1/meta", token=bound).json()["results"]
        assert [(meta["meta"], meta["count"]) for meta in results] == [("anna", 1)]

    def test_deletes_what_only_it_has_and_lets_go_of_what_others_have_too(self, hub: Desk, bound: str) -> None:
        hub.enrol(1, 0, meta="anna", token=bound)
        shared = hub.enrol(1, 1, meta="anna", galleries="mine,theirs")
        assert hub.ask("DELETE", "/v1/faces/meta/anna", token=bound).status_code == 204
        (left,) = hub.ask("GET", "/v1/faces").json()["results"]
        assert (left["id"], left["galleries"]) == (shared["id"], ["default", "theirs"])

    def test_deletes_a_face_by_its_number_in_the_same_way(self, hub: Desk, bound: str) -> None:
        shared = hub.enrol(1, galleries="mine,theirs")
        assert hub.ask("DELETE", f"/v1/face/id/{shared['id']}", token=bound).status_code == 204
        assert hub.ask("GET", f"/v1/face/id/{shared['id']}", token=bound).status_code == 404
        assert hub.ask("GET", f"/v1/face/id/{shared['id']}").json()["galleries"] == ["default", "theirs"]

    def test_purges_its_own_gallery_in_the_same_way(self, hub: Desk, bound: str) -> None:
        hub.enrol(1, token=bound)
        shared = hub.enrol(2, galleries="mine,theirs")
        assert hub.ask("DELETE", "/v1/galleries/mine?purge=1", token=bound).status_code == 204
        assert [face["id"] for face in hub.ask("GET", "/v1/faces").json()["results"]] == [shared["id"]]
        assert hub.ask("DELETE", "/v1/galleries/mine", token=bound).status_code == 204

    @pytest.mark.parametrize(
        ("change", "galleries"),
        [
            ({"set": []}, ["default", "theirs"]),
            ({"set": ["mine"]}, ["default", "mine", "theirs"]),
            ({"del": ["mine"]}, ["default", "theirs"]),
            ({"add": ["mine"]}, ["default", "mine", "theirs"]),
        ],
    )
    def test_changes_its_own_gallery_only(self, hub: Desk, bound: str, change: Any, galleries: list[str]) -> None:
        face = hub.enrol(1, galleries="mine,theirs")
        assert hub.ask("PUT", f"/v1/face/id/{face['id']}", token=bound, json={"galleries": change}).status_code == 200
        assert hub.ask("GET", f"/v1/face/id/{face['id']}").json()["galleries"] == galleries

    @pytest.mark.parametrize("act", ["add", "del", "set"])
    def test_names_no_other_in_a_change(self, hub: Desk, bound: str, act: str) -> None:
        face = hub.enrol(1, galleries="mine,theirs")
        change = {"galleries": {act: ["theirs"]}}
        assert hub.ask("PUT", f"/v1/face/id/{face['id']}", token=bound, json=change).status_code == 403
        assert hub.ask("GET", f"/v1/face/id/{face['id']}").json() == face

    def test_gives_nobody_elses_face_another_meta(self, hub: Desk, bound: str) -> None:
        shared = hub.enrol(1, meta="anna", galleries="mine,theirs")
        answer = hub.ask("PUT", f"/v1/face/id/{shared['id']}", token=bound, json={"meta": "bob"})
        assert answer.status_code == 403
        own = hub.enrol(1, 1, meta="cleo", token=bound)
        answer = hub.ask("PUT", f"/v1/face/id/{own['id']}", token=bound, json={"meta": "bob"})
        assert answer.json()["meta"] == "bob"

    def test_one_that_is_bound_to_default_sees_all(self, hub: Desk) -> None:
        token = hub.gate.add("default", gallery="default")
        face = hub.enrol(1, galleries="theirs")
        assert hub.ask("GET", f"/v1/face/id/{face['id']}", token=token).json() == face


class TestLimit:
    @pytest.mark.parametrize("path", ["/v1/faces", "/v1/nothing"])
    @pytest.mark.parametrize("token", [KEY, "wrong", ""])
    def test_too_many_requests_say_when_to_come_again(self, hub: Desk, token: str, path: str) -> None:
        hub.gate.wait_s = 7
        answer = hub.ask("GET", path, token=token)
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == "7"
        assert answer.json()["code"] == "TOO_MANY_REQUESTS"


class TestBrowser:
    @pytest.mark.parametrize("path", ["/v1/face", "/v0/faces/id/1", "/identify", "/v1/nothing"])
    def test_a_preflight_is_answered_without_a_token(self, hub: Desk, path: str) -> None:
        asked = {
            "origin": "https://shop.example",
            "access-control-request-method": "PUT",
            "access-control-request-headers": "authorization,cache-control,x-requested-with",
        }
        answer = hub.ask("OPTIONS", path, token="", headers=asked)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["access-control-allow-headers"] == "authorization,cache-control,x-requested-with"
        assert set(answer.headers["access-control-allow-methods"].split(", ")) >= {"GET", "POST", "PUT", "DELETE"}

    @pytest.mark.parametrize("path", ["/v1/faces", "/v1/nothing"])
    @pytest.mark.parametrize("token", [KEY, ""])
    def test_every_answer_may_be_read_by_every_page_and_with_no_cookie(self, hub: Desk, token: str, path: str) -> None:
        answer = hub.ask("GET", path, token=token, headers={"origin": "https://shop.example"})
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers


class TestAddress:
    def test_of_the_photograph_is_the_public_one_where_it_is_known(self, tmp_path: Path) -> None:
        with desk(tmp_path, manners=Manners(public_url="https://faces.example")) as hub:
            assert hub.enrol(1)["photo"].startswith("https://faces.example/v1/face/id/")

    @pytest.mark.parametrize("host", ["x/../y", 'a"b', "a b"])
    def test_a_host_that_is_none_is_not_repeated(self, hub: Desk, host: str) -> None:
        hub.enrol(1)
        answer = hub.ask("GET", "/v1/faces", headers={"host": host})
        assert answer.status_code == 200
        assert host not in answer.json()["results"][0]["photo"]
