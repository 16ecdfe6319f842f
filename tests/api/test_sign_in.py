"""Who is let in to what, how one signs in, and what is told of it."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edged.accounts.account import Account, Role
from edged.api.entrance import account_of, needs
from edged.api.sign_in_pace import SignInPace
from tests.api.asking import Answer, ask, streaming
from tests.api.pretend_device import PretendDevice, Served, serving

WORDS = "a long password of words"
PAGES = ["/", "/review", "/health", "/cameras", "/accounts"]


@needs(Role.INSTALLER)
async def _set(request: Request) -> Response:
    account = account_of(request)
    return JSONResponse({"by": account.name if account else None})


async def _public(request: Request) -> Response:
    return JSONResponse({"by": account_of(request) is not None})


ROOMS = [
    Route("/api/v1/console/thing", _set, methods=["POST", "DELETE"]),
    Route("/api/v1/kiosk/screen", _public, methods=["GET", "POST"]),
    Route("/kiosk", _public),
]


class Notes(list[tuple[str, str, dict[str, Any]]]):
    """What was told to the audit."""

    def __call__(self, act: str, *, by: str, about: Mapping[str, str | int | float | bool | None]) -> None:
        self.append((act, by, dict(about)))


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def server(notes: Notes) -> Iterator[Served]:
    with serving(PretendDevice("front"), rooms=ROOMS, note=notes) as server:
        yield server


def post(server: Served, path: str, document: object, **headers: str) -> Answer:
    usual = {"Content_Type": "application/json", "Sec_Fetch_Site": "same-origin"}
    return ask(server, path, "POST", json.dumps(document).encode(), **(usual | headers))


def sign_in(server: Served, name: str, password: str, cookie: str = "", **more: object) -> Answer:
    return post(server, "/api/v1/sign-in", {"name": name, "password": password, **more}, Cookie=cookie)


def cookies(answer: Answer) -> dict[str, str]:
    """Name and value of each cookie that was set, with its attributes."""
    return {text.partition("=")[0]: text for text in answer.headers.get_all("Set-Cookie") or ()}


def test_without_a_session_there_is_nothing_but_the_way_in(server: Served) -> None:
    for path in PAGES:
        answer = ask(server, path, Cookie="")
        assert answer.status == 303
        assert answer.headers["Location"] == ("/sign-in" if path == "/" else f"/sign-in?next=%2F{path[1:]}")
        assert ask(server, path).status == 200
    for path in ["/sign-in", "/static/shell.js", "/healthz", "/readyz", "/kiosk", "/api/v1/kiosk/screen"]:
        assert ask(server, path, Cookie="").status == 200
    closed = ["state", "events", "stream", "cameras/front/live.mjpeg", "review", "me", "accounts", "nothing"]
    for path in [*(f"/api/v1/{name}" for name in closed), "/nothing", "/staticx", "/api/v1/kiosk", "/sign-in/", "/%2e"]:
        for cookie in ("", "edged=x", f"{server.key.cookie}x", server.key.cookie.replace("edged-", "edgod-")):
            answer = ask(server, path, Cookie=cookie)
            assert answer.status == 401, path
            assert b"entrance" not in answer.body


def test_who_signed_out_is_out_of_what_was_open_too(server: Served, notes: Notes) -> None:
    with streaming(server, "/api/v1/stream") as stream:
        assert stream.status == 200
        assert post(server, "/api/v1/sign-out", {}).status == 200
        assert ask(server, "/api/v1/state").status == 401
        until = time.monotonic() + 20
        while stream.readline():
            assert time.monotonic() < until, "the stream goes on"
    assert notes == [("sign_out", "tester", {})]


def test_a_role_may_what_it_may(notes: Notes) -> None:
    found = {}
    for role in Role:
        with serving(PretendDevice("front"), rooms=ROOMS, note=notes, role=role) as server:
            answer = post(server, "/api/v1/console/thing", {})
            found[role] = (answer.status, ask(server, "/api/v1/accounts").status)
            if answer.status == 200:
                assert answer.document == {"by": "tester"}
            else:
                assert "guard" in answer.document["error"]["what"]
    assert found == {Role.GUARD: (403, 403), Role.INSTALLER: (200, 403), Role.ADMINISTRATOR: (200, 200)}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "none"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "multipart/form-data; boundary=x"}, 200),
        ({"edged_token": ""}, 403),
        ({"edged_token": "guess"}, 403),
        ({"edged_token": "ü".encode().decode("latin-1")}, 403),
        ({"Cookie": ""}, 401),
    ],
)
def test_a_change_takes_a_page_of_ours(server: Served, headers: dict[str, str], status: int) -> None:
    assert post(server, "/api/v1/console/thing", {}, **headers).status == status


def test_the_word_of_one_session_is_not_that_of_another(server: Served) -> None:
    other = server.accounts.redeem(server.accounts.link("tester"))
    assert post(server, "/api/v1/console/thing", {}, edged_token=other.session.word).status == 403
    assert ask(server, "/api/v1/me").document["word"] == server.key.word


def test_the_public_posts_at_the_kiosk_from_its_own_page_only(server: Served) -> None:
    assert post(server, "/api/v1/kiosk/screen", {}, Cookie="", edged_token="").status == 200
    assert post(server, "/api/v1/kiosk/screen", {}, Cookie="", Sec_Fetch_Site="cross-site").status == 403
    assert post(server, "/api/v1/kiosk/screen", {}, Cookie="", Content_Type="text/plain").status == 415


def test_signing_in_gives_cookies_that_no_script_reads(server: Served, notes: Notes) -> None:
    server.accounts.add(Account("Anna", Role.GUARD), WORDS)
    answer = sign_in(server, "anna", WORDS)
    assert (answer.status, answer.document) == (200, {"name": "Anna", "role": "guard"})
    given = cookies(answer)
    assert given.keys() == {f"edged-{server.port}", f"edged-known-{server.port}"}
    for text in given.values():
        assert {"httponly", "samesite=strict", "path=/"} <= {part.strip().lower() for part in text.split(";")}
        assert "domain" not in text.lower()
    session = given[f"edged-{server.port}"]
    assert "max-age" not in session.lower(), "it ends with the browser"
    cookie = session.partition(";")[0]
    assert ask(server, "/api/v1/me", Cookie=cookie).document["name"] == "Anna"
    assert notes == [("sign_in", "Anna", {"address": "127.0.0.1", "by": "password"})]
    kept = cookies(sign_in(server, "anna", WORDS, remember=True))[f"edged-{server.port}"]
    assert "max-age=2592000" in kept.lower()


def test_a_refused_sign_in_says_and_tells_little(server: Served, notes: Notes) -> None:
    server.accounts.add(Account("Anna", Role.GUARD), WORDS)
    answers = [sign_in(server, name, word) for name, word in [("Anna", "no"), ("nobody", "no"), (WORDS, "Anna")]]
    assert {(answer.status, answer.body) for answer in answers} == {(403, answers[0].body)}
    assert all(not cookies(answer) for answer in answers)
    told = ("refused_sign_in", "", {"address": "127.0.0.1"})
    assert notes == [("refused_sign_in", "Anna", {"address": "127.0.0.1"}), told, told]


@pytest.mark.parametrize(
    "document", [{}, {"name": "a"}, {"name": "a", "password": 1}, [], {"name": "a" * 600, "password": "x"}]
)
def test_what_is_no_sign_in_is_refused(server: Served, document: object) -> None:
    assert post(server, "/api/v1/sign-in", document, Cookie="").status == 400


def test_guessing_is_slowed_down_and_keeps_nobody_out(server: Served) -> None:
    server.accounts.add(Account("Anna", Role.GUARD), WORDS)
    known = "; ".join(text.partition(";")[0] for text in cookies(sign_in(server, "anna", WORDS)).values())
    statuses = [sign_in(server, "ANNA", "guess").status for _ in range(7)]
    assert statuses == [403] * 5 + [429] * 2, "six tries a minute, whoever tries"
    assert sign_in(server, "Anna", WORDS).status == 429
    waiting = sign_in(server, "anna", WORDS)
    assert int(waiting.headers["Retry-After"]) <= 10
    assert "edged account link" in waiting.document["error"]["what"] + waiting.document["error"]["remedy"]
    assert sign_in(server, "anna", WORDS, known).status == 200, "a browser that has been in before"
    assert sign_in(server, "ben", "guess", known).status == 403, "it is an unknown one for another name"


def test_links_open_once(server: Served, notes: Notes) -> None:
    link = server.accounts.link("tester")
    assert post(server, "/api/v1/sign-in/link", {"link": link}, Cookie="").status == 200
    assert post(server, "/api/v1/sign-in/link", {"link": link}, Cookie="").status == 403
    assert [act for act, *_ in notes] == ["sign_in", "refused_sign_in"]
    assert link not in str(notes)


def test_the_accounts_are_kept_by_administrators_and_told_to_the_audit(server: Served, notes: Notes) -> None:
    at = "/api/v1/accounts"
    assert post(server, f"{at}/add", {"name": "Ben", "role": "guard", "password": WORDS}).status == 200
    assert post(server, f"{at}/add", {"name": "Ben", "role": "owner"}).status == 400
    assert post(server, f"{at}/role", {"name": "Ben", "role": "installer"}).status == 200
    link = post(server, f"{at}/link", {"name": "Ben"}).document["link"]
    listed = ask(server, at).document["accounts"]
    assert [(one["name"], one["role"], one["password"]) for one in listed] == [
        ("Ben", "installer", True),
        ("tester", "administrator", False),
    ]
    assert WORDS not in str(listed)
    assert post(server, f"{at}/remove", {"name": "tester"}).status == 400, "the last administrator"
    assert post(server, f"{at}/remove", {"name": "Ben"}).status == 200
    assert post(server, "/api/v1/sign-in/link", {"link": link}, Cookie="").status == 403
    assert [(by, about.get("change")) for act, by, about in notes if act == "account"] == [
        ("tester", change) for change in ("added", "role", "link", "removed")
    ]
    assert WORDS not in str(notes)


def test_a_password_is_changed_by_whoever_knows_the_old_one(server: Served) -> None:
    assert post(server, "/api/v1/me/password", {"new": WORDS}).status == 200, "there was none"
    assert post(server, "/api/v1/me/password", {"new": WORDS + "!"}).status == 400
    assert post(server, "/api/v1/me/password", {"old": WORDS, "new": WORDS + "!"}).status == 200
    assert ask(server, "/api/v1/me").status == 200, "one stays signed in"
    assert server.accounts.fits("tester", WORDS + "!")


def test_figures_are_open_on_this_machine(server: Served) -> None:
    assert ask(server, "/metrics", Cookie="").status == 200


def test_a_cookie_without_an_end_is_not_read(server: Served) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        cookie = server.key.cookie + "; x=" + "a" * 8000
        head = f"GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(100).split(b" ")[1] == b"401"


def test_many_addresses_guess_no_faster_than_one() -> None:
    now = [0.0]
    pace = SignInPace(lambda: now[0])
    assert [pace.wait_s(f"192.0.2.{number}", "Anna", "") > 0 for number in range(8)] == [False] * 6 + [True] * 2
    assert [pace.wait_s("198.51.100.1", f"name {number}", "") > 0 for number in range(12)] == [False] * 10 + [True] * 2
    assert [pace.wait_s(f"2001:db8::{number}", f"n{number}", "") > 0 for number in range(12)].count(False) == 10
    assert pace.wait_s("203.0.113.9", "anna", "her browser") == 0
    now[0] += 10
    assert pace.wait_s("203.0.113.9", "anna", "") == 0
    assert pace.wait_s("203.0.113.9", "anna", "") > 0


def test_a_flood_from_everywhere_keeps_no_familiar_browser_out() -> None:
    pace = SignInPace(lambda: 0.0)
    let = sum(pace.wait_s(f"10.0.{number // 250}.{number % 250}", f"n{number}", "") == 0 for number in range(500))
    assert let == 60
    assert pace.wait_s("192.0.2.1", "anna", "her browser") == 0
