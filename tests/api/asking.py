"""A plain HTTP client, and readers for the two kinds of streams."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection, HTTPResponse
from typing import Any

from edged.api.server import Server
from tests.api.signed_in import Key


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Message
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


def ask(server: Server, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
    """Asks once and reads the whole answer, signed in where the server has a key for that.

    Underscores in header names become hyphens; of what is empty, nothing is sent.
    """
    key: Key | None = getattr(server, "key", None)
    named = {} if key is None else {"Cookie": key.cookie, "edged-token": key.word}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    named = {name: value for name, value in named.items() if value or name not in {"Cookie", "edged-token"}}
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())


@contextmanager
def streaming(server: Server, path: str, *, receive_buffer: int | None = None) -> Iterator[HTTPResponse]:
    """An answer that is read piece by piece and hung up on at the end."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.sock = socket.socket()
    if receive_buffer is not None:
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.sock.settimeout(10)
    connection.sock.connect(("127.0.0.1", server.port))
    key: Key | None = getattr(server, "key", None)
    connection.request("GET", path, headers={"Cookie": key.cookie} if key else {})
    answer = connection.getresponse()
    try:
        yield answer
    finally:
        answer.close()
        connection.close()


def next_message(stream: HTTPResponse) -> tuple[str, Any]:
    """The next server-sent event: its name and its document."""
    fields: dict[str, str] = {}
    while line := stream.readline().decode():
        name, _, value = line.strip().partition(": ")
        if name:
            fields[name] = value
        elif "event" in fields:
            return fields["event"], json.loads(fields["data"])
        else:
            fields.clear()
    raise EOFError


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a live picture."""

    jpeg: bytes
    number: int
    faces: list[dict[str, Any]]


def next_part(stream: HTTPResponse) -> Part:
    """The next picture."""
    assert stream.readline() == b"--frame\r\n", "the stream ended"
    headers: dict[str, str] = {}
    while (line := stream.readline().strip()) != b"":
        name, _, value = line.decode("ascii").partition(": ")
        headers[name] = value
    jpeg = stream.read(int(headers["Content-Length"]))
    assert stream.readline() == b"\r\n"
    seen = json.loads(headers["Edged-Faces"])
    return Part(jpeg, seen["number"], seen["faces"])
