"""Which screens are answered, by their addresses."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from edged.api.assets import Asset
from edged.api.screens import Endpoint, Screens, may_show


@pytest.mark.parametrize(
    ("address", "screens"),
    [
        ("127.0.0.1", ["127.0.0.1"]),
        ("::1", ["127.0.0.1", "::1"]),
        ("0:0:0:0:0:0:0:1", ["::1"]),
        ("192.168.4.17", ["192.168.4.0/24"]),
        ("192.168.4.17", ["192.168.4.1/24"]),
        ("::ffff:192.168.4.17", ["192.168.4.0/24"]),
        ("::ffff:c0a8:0411", ["192.168.4.17"]),
        ("fd00::7", ["fd00::/8"]),
        ("fe80::7%eth0", ["fe80::/10"]),
        ("192.0.2.7", ["nonsense", "192.0.2.7"]),
    ],
)
def test_a_screen_that_is_named_is_answered(address: str, screens: list[str]) -> None:
    assert may_show(address, screens)


@pytest.mark.parametrize(
    ("address", "screens"),
    [
        ("127.0.0.1", []),
        ("127.0.0.1", ["::1"]),
        ("192.168.5.17", ["192.168.4.0/24"]),
        ("::ffff:192.168.5.17", ["192.168.4.0/24"]),
        ("::192.168.4.17", ["192.168.4.0/24"]),
        ("192.168.4.17", ["::/0"]),
        ("::1", ["0.0.0.0/0"]),
        ("2001:db8::1", ["fd00::/8"]),
        ("192.0.2.7", ["192.0.2.7/99", "nonsense", ""]),
        ("", ["0.0.0.0/0", "::/0"]),
        ("booth.example", ["0.0.0.0/0", "::/0"]),
        ("127.0.0.1.evil.example", ["127.0.0.0/8"]),
    ],
)
def test_nobody_else_is(address: str, screens: list[str]) -> None:
    assert not may_show(address, screens)


async def hello(_request: Request) -> Response:
    return PlainTextResponse("hello")


def asked_from(address: str) -> Request:
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "headers": [], "client": (address, 1)}
    return Request(scope)


def test_who_is_none_of_them_is_told_under_which_address_they_came_and_as_text() -> None:
    allowed = ["192.0.2.7"]
    screens = Screens(lambda: allowed, Asset(b"<p>You came from {address}</p>", "text/html", '"1"'))

    def answer(endpoint: Endpoint, address: str) -> Response:
        return anyio.run(endpoint, asked_from(address))

    data, page = screens.only(hello), screens.only_page(hello)
    for guarded in (data, page):
        assert answer(guarded, "192.0.2.7").body == b"hello"
        refused = answer(guarded, "192.0.2.8")
        assert refused.status_code == 403
        assert b"192.0.2.8" in bytes(refused.body)
        assert b"hello" not in bytes(refused.body)
    assert b"&lt;b&gt;192.0.2.8" in bytes(answer(page, "<b>192.0.2.8").body)
    allowed.append("192.0.2.8")
    assert answer(data, "192.0.2.8").body == b"hello"
