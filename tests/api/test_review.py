"""What the page may change, and that nobody else may."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from edged.accounts.account import Role
from edged.api.port import Unknown
from edged.domain.errors import Refused
from edged.domain.identity import uuid7
from tests.api.asking import Answer, ask
from tests.api.pretend_device import PretendDevice, PretendReviewer, Served, serving

UTC = 1_767_268_800.0
ENROLL, DISMISS = "/api/v1/console/review/enroll", "/api/v1/console/review/dismiss"
EVENTS = [uuid7(UTC + number, bytes(10)) for number in range(3)]
EVE = {"customer_person_id": "4711", "name": "Eve", "groups": ["staff"], "events": EVENTS[:1]}


@pytest.fixture
def reviewer() -> PretendReviewer:
    first, second, third = (Unknown(event, UTC + index, "door") for index, event in enumerate(EVENTS))
    return PretendReviewer((third, first), (second,))


@pytest.fixture
def server(reviewer: PretendReviewer) -> Iterator[Served]:
    with serving(PretendDevice("door"), reviewer=reviewer) as server:
        yield server


def post(server: Served, path: str, document: Any, **headers: str) -> Answer:
    """As the page sends it, but for the headers given; an empty one is left out."""
    usual = {
        "Content_Type": "application/json",
        "Sec_Fetch_Site": "same-origin",
        "Origin": f"http://127.0.0.1:{server.port}",
        "edged_token": server.key.word,
    }
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    sent = {name: value for name, value in (usual | headers).items() if value or name == "edged_token"}
    return ask(server, path, "POST", body, **sent)


def test_unknown_visits_are_listed_in_their_groups(server: Served, reviewer: PretendReviewer) -> None:
    reviewer.waiting = [7]
    document = ask(server, "/api/v1/console/review").document
    assert document["waiting"] == 7
    assert [[visit["event"] for visit in group["visits"]] for group in document["groups"]] == [
        [EVENTS[2], EVENTS[0]],
        [EVENTS[1]],
    ]
    visit = document["groups"][1]["visits"][0]
    assert visit["captured"] == "2026-01-01T12:00:01.000Z"
    assert visit["picture"] == f"/api/v1/events/{EVENTS[1]}/picture.jpg"


def test_the_page_may_enrol(server: Served, reviewer: PretendReviewer) -> None:
    answer = post(server, ENROLL, {**EVE, "groups": ["staff", " "]})
    assert (answer.status, answer.document) == (200, {"v": 1, "name": "Eve", "pictures": 1, "refused": []})
    ((person, events, known),) = reviewer.enrolled
    assert (person.id, person.customer_person_id, person.name, person.groups) == ("", "4711", "Eve", ("staff",))
    assert (events, known) == (EVENTS[:1], False)


def test_the_page_may_put_visits_aside_and_take_them_back(server: Served, reviewer: PretendReviewer) -> None:
    assert post(server, DISMISS, {"events": EVENTS[1:2]}).status == 200
    assert post(server, DISMISS, {"events": EVENTS[1:2], "undo": True}).status == 200
    assert reviewer.dismissed == [(EVENTS[1:2], False), (EVENTS[1:2], True)]


def test_a_refusal_says_why_in_words(server: Served, reviewer: PretendReviewer) -> None:
    reviewer.refusal = Refused("blurred", "the face is blurred", "Use another picture")
    answer = post(server, ENROLL, EVE)
    assert answer.status == 400
    assert answer.document == {"error": {"what": "the face is blurred", "remedy": "Use another picture"}}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Sec_Fetch_Site": "none"}, 403),
        ({"Sec_Fetch_Site": "", "Origin": "http://evil.example"}, 403),
        ({"Sec_Fetch_Site": "", "Origin": "http://127.0.0.1:1"}, 403),
        ({"Sec_Fetch_Site": "", "Origin": "null"}, 403),
        ({"Sec_Fetch_Site": "", "Origin": ""}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content_Type": ""}, 415),
        ({"edged_token": "guess"}, 403),
        ({"edged_token": ""}, 403),
        ({"Host": "evil.example"}, 421),
    ],
)
@pytest.mark.parametrize("path", [ENROLL, DISMISS])
def test_nobody_else_may(
    server: Served, reviewer: PretendReviewer, path: str, headers: dict[str, str], status: int
) -> None:
    answer = post(server, path, EVE, **headers)
    assert answer.status == status
    assert set(answer.document["error"]) == {"what", "remedy"}
    assert answer.headers["Access-Control-Allow-Origin"] is None
    assert (reviewer.enrolled, reviewer.dismissed) == ([], [])


def test_an_old_browser_is_told_by_its_origin(server: Served) -> None:
    assert post(server, DISMISS, {"events": EVENTS[:1]}, Sec_Fetch_Site="").status == 200


def test_another_site_cannot_ask_whether_it_may(server: Served) -> None:
    answer = ask(
        server,
        ENROLL,
        "OPTIONS",
        Origin="http://evil.example",
        Access_Control_Request_Method="POST",
        Access_Control_Request_Headers="content-type,edged-token",
    )
    assert answer.status == 405
    assert answer.headers["Access-Control-Allow-Origin"] is None


@pytest.mark.parametrize(
    "path", ["/", "/review", "/api/v1/console/review", "/api/v1/state", "/api/v1/console/review/", "//api"]
)
def test_nothing_else_can_be_posted_to(server: Served, path: str) -> None:
    assert post(server, path, EVE).status == (404 if path in {"/api/v1/console/review/", "//api"} else 405)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b"{" * 5000,
        b"\xff",
        {**EVE, "events": []},
        {**EVE, "events": ["../../etc/passwd"]},
        {**EVE, "events": EVENTS * 9},
        {**EVE, "customer_person_id": "   "},
        {**EVE, "customer_person_id": 4711},
        {**EVE, "name": "n" * 300},
        {**EVE, "known": "yes"},
        {**EVE, "admin": True},
    ],
)
def test_what_is_no_enrolment_is_refused(server: Served, reviewer: PretendReviewer, document: Any) -> None:
    answer = post(server, ENROLL, document)
    assert answer.status == 400
    assert answer.document["error"]["what"]
    assert reviewer.enrolled == []


def test_a_long_body_is_not_read_to_its_end(server: Served, reviewer: PretendReviewer) -> None:
    answer = post(server, ENROLL, {**EVE, "name": "n" * 20_000})
    assert answer.status == 400
    assert "16 KB" in answer.document["error"]["what"]
    head = (
        f"POST {ENROLL} HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nedged-token: {server.key.word}\r\n"
        f"Cookie: {server.key.cookie}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(head.encode())
        for _ in range(17):
            connection.sendall(b"400\r\n" + b"x" * 1024 + b"\r\n")
        assert connection.recv(4096).split(b" ")[1] == b"400"
    assert reviewer.enrolled == []


@pytest.mark.parametrize(("path", "status"), [(ENROLL, 403), (DISMISS, 200)])
def test_a_guard_puts_aside_and_does_not_enrol(reviewer: PretendReviewer, path: str, status: int) -> None:
    with serving(PretendDevice("door"), reviewer=reviewer, role=Role.GUARD) as server:
        answer = post(server, path, EVE if path == ENROLL else {"events": EVENTS[:1]})
    assert answer.status == status
    assert reviewer.enrolled == []


def test_where_there_is_no_review_it_is_said_why_and_nothing_can_be_posted() -> None:
    with serving(PretendDevice("door")) as server:
        answer = ask(server, "/api/v1/console/review")
        assert answer.status == 403
        assert answer.document["error"] == {"what": "the review is switched off", "remedy": "Set http.review to true"}
        for path in (ENROLL, DISMISS):
            assert post(server, path, {}).status == 404


def test_the_review_can_be_linked_to_and_not_embedded(server: Served) -> None:
    answer = ask(server, "/review", Sec_Fetch_Site="cross-site")
    assert answer.status == 200
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert ask(server, "/api/v1/console/review", Sec_Fetch_Site="cross-site").status == 403
