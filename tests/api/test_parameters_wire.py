"""Requests byte by byte as clients of other languages write them, through the real server."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.echo import MAX_BYTES, exchange, serving

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00 not \r\n--really\r\n a picture"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving() as port:
        yield port


def request(*lines: str, body: bytes = b"", length: bool = True, target: str = "POST /v1/face") -> bytes:
    """Lines of a head, and a body with its length."""
    head = [f"{target} HTTP/1.1", "Host: edged", "Connection: close", *lines]
    if length:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def answered(answer: bytes) -> tuple[int, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def lines(*of_form: bytes) -> bytes:
    return b"\r\n".join(of_form) + b"\r\n"


CURL = lines(
    b"--------------------------d74496d66958873e",
    b'Content-Disposition: form-data; name="meta"',
    b"",
    b"Sam Berry",
    b"--------------------------d74496d66958873e",
    b'Content-Disposition: form-data; name="photo"; filename="my \\"best\\" face.jpg"',
    b"Content-Type: image/jpeg",
    b"",
    JPEG,
    b"--------------------------d74496d66958873e--",
)
CLIENTS: dict[str, tuple[str, bytes]] = {
    "curl": ("multipart/form-data; boundary=------------------------d74496d66958873e", CURL),
    "PHP's cURL with a type that it was told": (
        "multipart/form-data; boundary=------------------------5e",
        lines(
            b"--------------------------5e",
            b'Content-Disposition: form-data; name="meta"',
            b"",
            b"Sam Berry",
            b"--------------------------5e",
            b'Content-Disposition: form-data; name="photo"; filename="/var/www/face.jpg"',
            b"Content-Type: multipart/form-data",
            b"",
            JPEG,
            b"--------------------------5e--",
        ),
    ),
    "Python's requests": (
        "multipart/form-data; boundary=1bd0c5b3fa1c4b2f",
        lines(
            b"--1bd0c5b3fa1c4b2f",
            b'Content-Disposition: form-data; name="meta"',
            b"",
            b"Sam Berry",
            b"--1bd0c5b3fa1c4b2f",
            b'Content-Disposition: form-data; name="photo"; filename="photo"',
            b"",
            JPEG,
            b"--1bd0c5b3fa1c4b2f--",
        ),
    ),
    "an old requests with a name in German": (
        "multipart/form-data; boundary=1bd",
        lines(
            b"--1bd",
            b"Content-Disposition: form-data; name=\"photo\"; filename*=utf-8''J%C3%BCrgen.jpg",
            b"",
            JPEG,
            b"--1bd",
            b'Content-Disposition: form-data; name="meta"',
            b"",
            b"Sam Berry",
            b"--1bd--",
        ),
    ),
    "Java's MultipartEntityBuilder": (
        "multipart/form-data; boundary=Zk8Nd_y-1; charset=ISO-8859-1",
        lines(
            b"--Zk8Nd_y-1",
            b'Content-Disposition: form-data; name="meta"',
            b"Content-Type: text/plain; charset=ISO-8859-1",
            b"Content-Transfer-Encoding: 8bit",
            b"",
            b"Sam Berry",
            b"--Zk8Nd_y-1",
            b'Content-Disposition: form-data; name="photo"; filename="face.jpg"',
            b"Content-Type: application/octet-stream",
            b"Content-Transfer-Encoding: binary",
            b"",
            JPEG,
            b"--Zk8Nd_y-1--",
        ),
    ),
    "a Java program that writes the form itself, without the last line end": (
        "multipart/form-data;boundary=*****",
        lines(
            b"--*****",
            b'Content-Disposition: form-data; name="meta"',
            b"",
            b"Sam Berry",
            b"--*****",
            b'content-disposition: form-data; name="photo";filename="face.jpg"',
            b"",
            JPEG,
            b"--*****--",
        ).removesuffix(b"\r\n"),
    ),
    "C#'s MultipartFormDataContent": (
        'multipart/form-data; boundary="6b8f3c1e-4a66-4b0c-9a57-0a5b8f9d2f10"',
        lines(
            b"--6b8f3c1e-4a66-4b0c-9a57-0a5b8f9d2f10",
            b"Content-Type: text/plain; charset=utf-8",
            b"Content-Disposition: form-data; name=meta",
            b"",
            b"Sam Berry",
            b"--6b8f3c1e-4a66-4b0c-9a57-0a5b8f9d2f10",
            b"Content-Disposition: form-data; name=photo; filename=face.jpg; filename*=utf-8''face.jpg",
            b"",
            JPEG,
            b"--6b8f3c1e-4a66-4b0c-9a57-0a5b8f9d2f10--",
        ),
    ),
    "C# with a path of Windows": (
        "multipart/form-data; boundary=---------------------------8d1",
        b"\r\n"
        + lines(
            b"-----------------------------8d1",
            b'Content-Disposition: form-data; name="meta"',
            b"",
            b"Sam Berry",
            b"-----------------------------8d1",
            b'Content-Disposition: form-data; name="photo"; filename="C:\\Users\\sam\\new\\face.jpg"',
            b"Content-Type: image/jpg",
            b"",
            JPEG,
            b"-----------------------------8d1--",
        ),
    ),
    "Ruby's rest-client": (
        "multipart/form-data; boundary=----RubyFormBoundaryx0A",
        lines(
            b"------RubyFormBoundaryx0A",
            b'Content-Disposition: form-data; name="meta"',
            b"",
            b"Sam Berry",
            b"------RubyFormBoundaryx0A",
            b'Content-Disposition: form-data; name="photo"; filename="face.jpg"',
            b"Content-Type: text/plain",
            b"",
            JPEG,
            b"------RubyFormBoundaryx0A--",
        ),
    ),
    "Go's mime/multipart": (
        "multipart/form-data; boundary=5b0d9c0e8b7a",
        lines(
            b"--5b0d9c0e8b7a",
            b'Content-Disposition: form-data; name="photo"; filename="face.jpg"',
            b"Content-Type: application/octet-stream",
            b"",
            JPEG,
            b"--5b0d9c0e8b7a",
            b'Content-Disposition: form-data; name="meta"',
            b"",
            b"Sam Berry",
            b"--5b0d9c0e8b7a--",
        ),
    ),
    "JavaScript that sets the type by hand and so loses the boundary": (
        "multipart/form-data",
        CURL.replace(b"--------------------------d74496d66958873e", b"------WebKitFormBoundaryA1b2"),
    ),
    "a text with the path, then the file": (
        "multipart/form-data; boundary=b",
        lines(
            b"--b",
            b'Content-Disposition: form-data; name="meta"',
            b"",
            b"Sam Berry",
            b"--b",
            b'Content-Disposition: form-data; name="photo"',
            b"",
            b"/home/sam/face.jpg",
            b"--b",
            b'Content-Disposition: form-data; name="photo"; filename="face.jpg"',
            b"",
            JPEG,
            b"--b--",
        ),
    ),
}


@pytest.mark.parametrize("client", CLIENTS)
def test_a_form_is_read_as_this_client_writes_it(port: int, client: str) -> None:
    media, body = CLIENTS[client]
    status, found = answered(exchange(port, request(f"Content-Type: {media}", body=body)))
    assert status == 200
    assert found["values"] == {"meta": "Sam Berry"}
    assert found["uploads"]["photo"][1].encode("latin-1") == JPEG


@pytest.mark.parametrize(
    ("client", "name"),
    [
        ("curl", 'my "best" face.jpg'),
        ("an old requests with a name in German", "Jürgen.jpg"),
        ("C#'s MultipartFormDataContent", "face.jpg"),
        ("C# with a path of Windows", "C:\\Users\\sam\\new\\face.jpg"),
    ],
)
def test_the_name_of_a_file_is_as_its_client_called_it(port: int, client: str, name: str) -> None:
    media, body = CLIENTS[client]
    _, found = answered(exchange(port, request(f"Content-Type: {media}", body=body)))
    assert found["uploads"]["photo"][0] == name


def test_a_form_with_bare_line_feeds_is_read(port: int) -> None:
    body = CURL.replace(JPEG, b"picture").replace(b"\r\n", b"\n")
    _, found = answered(exchange(port, request(f"Content-Type: {CLIENTS['curl'][0]}", body=body)))
    assert found["values"] == {"meta": "Sam Berry"}
    assert found["uploads"]["photo"][1] == "picture"


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_a_chunked_body_is_read(port: int, size: int) -> None:
    pieces = [CURL[at : at + size] for at in range(0, len(CURL), size)]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    head = request(f"Content-Type: {CLIENTS['curl'][0]}", "Transfer-Encoding: chunked", length=False)
    status, found = answered(exchange(port, head, chunks))
    assert status == 200
    assert found["uploads"]["photo"][1].encode("latin-1") == JPEG


def test_a_client_that_waits_for_100_continue_is_told_to_go_on(port: int) -> None:
    head = request(
        f"Content-Type: {CLIENTS['curl'][0]}", "Expect: 100-continue", f"Content-Length: {len(CURL)}", length=False
    )
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head)
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(CURL)
        answer = connection.makefile("rb").read()
    assert answered(answer)[1]["values"] == {"meta": "Sam Berry"}


def test_a_client_that_waits_with_too_much_is_refused_before_it_sends(port: int) -> None:
    head = request("Content-Type: image/jpeg", "Expect: 100-continue", "Content-Length: 99999999999", length=False)
    status, found = answered(exchange(port, head))
    assert (status, found["reason"]) == (400, "too_large")


def test_a_chunked_body_without_an_end_is_refused_at_the_limit(port: int) -> None:
    head = request("Content-Type: multipart/form-data; boundary=b", "Transfer-Encoding: chunked", length=False)
    start = b'--b\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n' + JPEG
    chunks = (b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (start, bytes(MAX_BYTES)))
    status, found = answered(exchange(port, head, *chunks))
    assert (status, found["reason"]) == (400, "too_large")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_bodies_of_every_method_are_read(port: int, method: str) -> None:
    _, found = answered(
        exchange(port, request("Content-Type: application/json", body=b'{"id": 7}', target=f"{method} /person?a=b"))
    )
    assert found["values"] == {"id": 7, "a": "b"}


def test_no_body_at_all_is_no_parameters(port: int) -> None:
    _, found = answered(exchange(port, request("Content-Type: application/json", target="GET /faces?/", length=False)))
    assert found == {"values": {}, "uploads": {}, "body": None}


def test_what_curl_sends_by_itself_as_a_form_is_json(port: int) -> None:
    media = "Content-Type: application/x-www-form-urlencoded"
    _, found = answered(exchange(port, request(media, body=b'{"photo": "http://host/a.jpg?x=1&y=2"}')))
    assert found["values"] == {"photo": "http://host/a.jpg?x=1&y=2"}
