"""Whom the device does not answer, and what it forbids the browser."""

import json
import socket
from collections.abc import Iterator

import pytest

from tests.api.asking import ask
from tests.api.pretend_device import PretendDevice, Served, serving

_EVERYWHERE = ["/", "/static/page.js", "/api/v1/state", "/healthz", "/nothing"]


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with serving(PretendDevice("front")) as server:
        yield server


def _ask_raw(server: Served, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(4096), b""))


@pytest.mark.parametrize("path", _EVERYWHERE)
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "localhost.evil.example", "127.0.0.1.nip.io", ""]
)
def test_a_foreign_name_for_this_device_is_refused(server: Served, path: str, host: str) -> None:
    answer = ask(server, path, Host=host)
    assert answer.status == 421
    assert b"entrance" not in answer.body


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8765", "127.0.0.1:1", "[::1]:8765", "[::1]"])
def test_its_own_names_are_answered(server: Served, host: str) -> None:
    assert ask(server, "/api/v1/state", Host=host).status == 200


def test_two_names_at_once_are_refused(server: Served) -> None:
    answer = _ask_raw(
        server, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    )
    assert answer.split(b" ")[1] in {b"400", b"421"}


def test_an_absolute_address_does_not_replace_the_name(server: Served) -> None:
    answer = _ask_raw(
        server, b"GET http://localhost/healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    )
    assert answer.split(b" ")[1] == b"421"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_sites_may_link_to_the_page_and_nothing_else(server: Served, site: str) -> None:
    assert ask(server, "/", Sec_Fetch_Site=site).status == 200
    for path in _EVERYWHERE[1:]:
        assert ask(server, path, Sec_Fetch_Site=site).status == 403
    assert ask(server, "/api/v1/state", Sec_Fetch_Site="same-origin").status == 200


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
@pytest.mark.parametrize("path", ["/", "/api/v1/state", "/api/v1/stream"])
def test_nothing_can_be_changed_where_things_are_read(server: Served, method: str, path: str) -> None:
    foreign = ask(server, path, method, Origin="http://evil.example", Access_Control_Request_Method="POST")
    assert foreign.status == (405 if method in {"HEAD", "OPTIONS"} else 403)
    assert foreign.headers["Access-Control-Allow-Origin"] is None
    ours = ask(server, path, method, b"{}", Content_Type="application/json", Sec_Fetch_Site="same-origin")
    assert ours.status == 405
    assert ours.headers["Allow"].startswith("GET")


@pytest.mark.parametrize(
    "path",
    [
        "/static/../pages.py",
        "/static/%2e%2e/pages.py",
        "/static/..%2fpages.py",
        "/static/..%5cpages.py",
        "/static//etc/passwd",
        "/static/%00",
        "/../../etc/passwd",
    ],
)
def test_no_path_leads_out_of_the_pages(server: Served, path: str) -> None:
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {server.key.cookie}\r\nConnection: close\r\n\r\n"
    answer = _ask_raw(server, head.encode())
    assert answer.split(b" ")[1] == b"404"
    assert b"PAGES" not in answer
    assert b"root:" not in answer


@pytest.mark.parametrize("path", _EVERYWHERE)
def test_every_answer_is_protected(server: Served, path: str) -> None:
    headers = ask(server, path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Access-Control-Allow-Origin"] is None
    assert headers["Server"] is None
    assert headers["Cache-Control"] == ("no-cache" if path in {"/", "/static/page.js"} else "no-store")


def test_an_endless_head_is_cut_off(server: Served) -> None:
    answer = _ask_raw(server, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 20_000)
    assert answer.split(b" ")[1] == b"400"


def test_errors_are_one_shape(server: Served) -> None:
    answers = (
        ask(server, "/nothing"),
        ask(server, "/nothing", Cookie=""),
        ask(server, "/", "POST"),
        ask(server, "/", Host="evil.example"),
    )
    for answer in answers:
        assert set(json.loads(answer.body)["error"]) == {"what", "remedy"}
