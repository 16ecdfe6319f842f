"""A small HTTPS server that answers as it is told to: bytes, as they are, or a hand on the connection."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from edged.hub.authority import CERTIFICATE, KEY

Answer = bytes | Callable[[socket.socket], None]


@dataclass
class Stand:
    """Attributes: answers: given one after the other, the last one again and again; requests: whole, as they came."""

    port: int
    answers: list[Answer]
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def heads(self) -> list[str]:
        return [request.partition(b"\r\n\r\n")[0].decode() for request in self.requests]


def answer(body: bytes = b"{}", status: str = "200 OK", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@contextmanager
def stand(*answers: Answer, tls: Path | None) -> Iterator[Stand]:
    """Serves until the block ends; with the certificate of a folder that `make_authority` filled, or without any."""
    context = None
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls / CERTIFICATE, tls / KEY)
    open_sockets: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        site = Stand(listener.getsockname()[1], list(answers))

        def serve(plain: socket.socket) -> None:
            with suppress(OSError):
                connection = context.wrap_socket(plain, server_side=True) if context else plain
                open_sockets.append(connection)
                with connection:
                    while request := _request(connection):
                        site.requests.append(request)
                        given = site.answers.pop(0) if len(site.answers) > 1 else site.answers[0]
                        if callable(given):
                            given(connection)
                            return
                        connection.sendall(given)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    plain, _address = listener.accept()
                    site.connections += 1
                    open_sockets.append(plain)
                    thread = threading.Thread(target=serve, args=(plain,))
                    thread.start()
                    threads.append(thread)

        threads: list[threading.Thread] = []
        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield site
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            accepting.join(10)
            for connection in open_sockets:
                with suppress(OSError):
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)
            for thread in threads:
                thread.join(10)
                assert not thread.is_alive()


def _request(connection: socket.socket) -> bytes:
    """A head and its body; nothing at the end."""
    content = b""
    while b"\r\n\r\n" not in content:
        piece = connection.recv(65_536)
        if not piece:
            return b""
        content += piece
        if content.startswith(b"\x16\x03"):  # somebody who wants to encrypt, where nothing is encrypted
            return content
    head, _, body = content.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        piece = connection.recv(65_536)
        if not piece:
            return b""
        body += piece
    return head + b"\r\n\r\n" + body
