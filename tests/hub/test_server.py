"""The hub's server against clients that take their time."""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from edged.api.patience import Patience
from edged.domain.errors import Unavailable
from edged.hub.authority import fingerprint, make_authority, renew
from edged.hub.server import HubServer, listening
from edged.hub.settings import ServeSettings


async def _length(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers how long the body is."""
    body = await Request(scope, receive).body()
    await JSONResponse({"length": len(body)})(scope, receive, send)


@contextmanager
def _serving(settings: ServeSettings, *, head_s: float = 5.0, piece_s: float = 5.0) -> Iterator[tuple[HubServer, int]]:
    with listening(settings) as listener:
        server = HubServer(Patience(_length, piece_s=piece_s), listener, settings, head_s=head_s)
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            yield server, listener.getsockname()[1]
        finally:
            server.stop()
            thread.join(15)
            assert not thread.is_alive()


def _closed_after_s(connection: socket.socket, within_s: float) -> float:
    began = time.monotonic()
    connection.settimeout(within_s)
    while connection.recv(4096):
        pass
    return time.monotonic() - began


def _trickle(connection: socket.socket, for_s: float) -> None:
    end = time.monotonic() + for_s
    while time.monotonic() < end:
        connection.sendall(b"G")
        time.sleep(0.05)


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n"])
def test_a_client_that_never_ends_its_head_is_let_go(sent: bytes) -> None:
    with (
        _serving(ServeSettings(port=0), head_s=0.5) as (_, port),
        socket.create_connection(("127.0.0.1", port)) as slow,
    ):
        slow.sendall(sent)
        assert _closed_after_s(slow, 5) < 4


def test_a_client_that_sends_its_second_head_byte_by_byte_is_let_go() -> None:
    with (
        _serving(ServeSettings(port=0), head_s=0.5) as (_, port),
        socket.create_connection(("127.0.0.1", port)) as slow,
    ):
        slow.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert slow.recv(4096).startswith(b"HTTP/1.1 200")
        with pytest.raises(OSError, match=r"reset|[Bb]roken pipe"):
            _trickle(slow, 5.0)


@pytest.mark.parametrize("sent", [b"\x16\x03\x01\x02\x00 TLS?\r\n\r\n", b"GET / HTTP/9\r\n\r\n", b"G" * 70_000])
def test_bytes_that_are_no_http_are_answered_in_json(sent: bytes) -> None:
    with _serving(ServeSettings(port=0)) as (_, port), socket.create_connection(("127.0.0.1", port), 5) as client:
        client.sendall(sent)
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert json.loads(body)["error"]["reason"] == "bad_request"


def test_a_body_that_stops_coming_is_given_up() -> None:
    settings = ServeSettings(port=0)
    with _serving(settings, piece_s=0.5) as (_, port), socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
        assert _closed_after_s(slow, 5) < 4


def test_a_body_that_comes_slowly_but_steadily_is_read() -> None:
    def slowly() -> Iterator[bytes]:
        for _ in range(6):
            time.sleep(0.2)
            yield b"abc"

    with _serving(ServeSettings(port=0), head_s=0.5, piece_s=0.8) as (_, port):
        answer = httpx.post(f"http://127.0.0.1:{port}/", content=slowly(), trust_env=False)
    assert answer.json() == {"length": 18}


def test_expect_100_continue_and_chunks_are_understood() -> None:
    with _serving(ServeSettings(port=0)) as (_, port), socket.create_connection(("127.0.0.1", port), 5) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 100")
        client.sendall(b"3\r\nabc\r\n0\r\n\r\n")
        client.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := client.recv(4096):
            answer += piece
    assert json.loads(answer.rpartition(b"\r\n\r\n")[2]) == {"length": 3}


def test_a_renewed_certificate_is_taken_over_without_a_restart(tmp_path: Path) -> None:
    make_authority(tmp_path, ["localhost"], time.time())
    settings = ServeSettings(port=0, certificate=tmp_path / "hub.crt", key=tmp_path / "hub.key")
    with _serving(settings) as (server, port):
        before = _shown(port)
        renew(tmp_path, [], time.time())
        assert server.reload_certificate()
        assert _shown(port) == fingerprint(tmp_path / "hub.crt") != before
        shutil.copy(tmp_path / "ca.key", tmp_path / "hub.key")
        assert not server.reload_certificate()
        assert _shown(port) == fingerprint(tmp_path / "hub.crt"), "what does not fit is not used"


def _shown(port: int) -> str:
    """The fingerprint of the certificate that a server shows."""
    import hashlib  # noqa: PLC0415
    import ssl  # noqa: PLC0415

    pem = ssl.get_server_certificate(("localhost", port), timeout=5)
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).digest().hex(":").upper()


def test_a_port_that_is_taken_is_named() -> None:
    with listening(ServeSettings(port=0)) as first:
        port = first.getsockname()[1]
        with pytest.raises(Unavailable, match=f"127.0.0.1:{port}: another program does"):
            listening(ServeSettings(port=port))
