"""What existing clients send, byte for byte as their libraries write it, to a real server."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPResponse
from typing import Any, Final

import pytest

from tests.api.miicloud.desk import Desk
from tests.api.painted import portrait
from tests.api.serving import serving
from tests.api.token_gate import KEY

PHOTO: Final = portrait(1)
_AUTHORIZATION: Final = b"Authorization: Token %s" % KEY.encode()


@pytest.fixture
def port(hub: Desk) -> Iterator[int]:
    with serving(hub.app) as number:
        yield number


def _ask(port: int, request: bytes, body: bytes = b"", *, waits: bool = False) -> tuple[int, Any]:
    """Sends a request; status and document. With `waits`, the body only when the server has said to go on."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        if waits:
            assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        return _answer(connection)


def _answer(connection: socket.socket) -> tuple[int, Any]:
    with closing(HTTPResponse(connection)) as response:
        response.begin()
        return response.status, json.loads(response.read())


def _head(line: bytes, *fields: bytes) -> bytes:
    return b"\r\n".join((line + b" HTTP/1.1", b"Host: hub.example", _AUTHORIZATION, *fields, b"", b""))


def _form(boundary: bytes, *parts: tuple[bytes, bytes]) -> bytes:
    """Parts of head lines and content."""
    body = b"".join(b"--%s\r\n%s\r\n\r\n%s\r\n" % (boundary, head, content) for head, content in parts)
    return body + b"--%s--\r\n" % boundary


def _length(body: bytes) -> bytes:
    return b"Content-Length: %d" % len(body)


def _file(name: bytes, *more: bytes) -> tuple[bytes, bytes]:
    """The photograph under a name, with further head lines."""
    return b"\r\n".join((b'Content-Disposition: form-data; name="image_path"; filename="%s"' % name, *more)), PHOTO


def _text(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    return b'Content-Disposition: form-data; name="%s"' % name, value


def test_python_requests_enrols(port: int) -> None:
    boundary = b"2f0c8a1d5b7e4f3c9a6d8e7b1c2d3e4f"
    body = _form(
        boundary,
        _text(b"customer_person_id", b"7"),
        _text(b"first_name", "Zoë".encode()),
        _file(b"face.jpg"),
    )
    head = _head(
        b"POST /miicloud/person/",
        b"User-Agent: python-requests/2.22.0",
        b"Accept-Encoding: gzip, deflate",
        b"Accept: */*",
        b"Connection: keep-alive",
        _length(body),
        b"Content-Type: multipart/form-data; boundary=" + boundary,
    )
    status, document = _ask(port, head, body)
    assert (status, document["status"], document["first_name"]) == (200, "success", "Zoë")
    assert document["image"].startswith("enroll/face_")


def test_php_curl_enrols_after_100_continue(port: int) -> None:
    boundary = b"------------------------8f3a1c5e7b9d2f46"
    body = _form(
        boundary,
        _text(b"customer_person_id", b"7"),
        _file(b"/var/www/uploads/face.jpg", b"Content-Type: application/octet-stream"),
    )
    head = _head(
        b"POST /miicloud/enroll",
        b"Accept: */*",
        _length(body),
        b"Expect: 100-continue",
        b"Content-Type: multipart/form-data; boundary=" + boundary,
    )
    status, document = _ask(port, head, body, waits=True)
    assert (status, document["customer_person_id"]) == (200, "7")
    assert document["image"].startswith("enroll/face_")


def test_dot_net_enrols_with_bare_names_and_a_quoted_boundary(port: int) -> None:
    boundary = b"6c1b0d4e-2f0a-4c6b-9a4e-0f5d3c2b1a09"
    body = _form(
        boundary,
        (
            b"Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name=customer_person_id",
            b"7",
        ),
        (
            b"Content-Disposition: form-data; name=image_path; filename=face.jpg; filename*=utf-8''face.jpg",
            PHOTO,
        ),
    )
    head = _head(
        b"POST /miicloud/person", b'Content-Type: multipart/form-data; boundary="%s"' % boundary, _length(body)
    )
    assert _ask(port, head, body)[0] == 200


def test_java_enrols_in_chunks_with_a_multipart_type_on_the_file_part(port: int) -> None:
    boundary = b"===1575312345678==="
    body = _form(
        boundary,
        (
            b'Content-Disposition: form-data; name="customer_person_id"\r\nContent-Type: text/plain; charset=UTF-8',
            b"7",
        ),
        _file(b"face.jpg", b"Content-Type: multipart/form-data", b"Content-Transfer-Encoding: binary"),
    )
    pieces = [body[at : at + 100] for at in range(0, len(body), 100)]
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    head = _head(
        b"POST /miicloud/person",
        b"Content-Type: multipart/form-data; boundary=" + boundary,
        b"User-Agent: Java/1.8.0_191",
        b"Accept: text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
        b"Transfer-Encoding: chunked",
    )
    assert _ask(port, head, chunked)[0] == 200


def test_a_text_part_with_a_local_path_before_the_file_of_the_same_name(port: int) -> None:
    boundary = b"b0"
    body = _form(
        boundary,
        _text(b"image_path", b"C:\\fakepath\\face.jpg"),
        _text(b"customer_person_id", b"7"),
        _file(b"face.jpg", b"Content-Type: image/png"),
    )
    head = _head(b"POST /miicloud/person", _length(body), b"Content-Type: multipart/form-data; boundary=b0")
    assert _ask(port, head, body)[0] == 200


def test_go_matches_one_to_one(port: int, hub: Desk) -> None:
    hub.enroll("7", 1)
    boundary = b"d1f0a3b5c7e9d1f0a3b5c7e9d1f0a3b5c7e9d1f0a3b5c7e9d1f0a3b5c7e9"
    body = _form(
        boundary,
        _text(b"customer_person_id", b"7"),
        _file(b"face.jpg", b"Content-Type: application/octet-stream"),
    )
    head = _head(
        b"POST /miicloud/match_faces",
        b"User-Agent: Go-http-client/1.1",
        _length(body),
        b"Content-Type: multipart/form-data; boundary=" + boundary,
        b"Accept-Encoding: gzip",
    )
    status, document = _ask(port, head, body)
    assert (status, document["faces"][0]["match_status"]) == (200, "known")


@pytest.mark.parametrize("path", [b"/miicloud/person/7", b"/miicloud/person"])
def test_an_urlencoded_put_changes_somebody(port: int, hub: Desk, path: bytes) -> None:
    hub.enroll("7", 1, phone="1")
    body = b"customer_person_id=7&first_name=Ada+M.&last_name=&email=ada%40example.org"
    head = _head(b"PUT " + path, b"Content-Type: application/x-www-form-urlencoded", _length(body))
    status, document = _ask(port, head, body)
    assert status == 200
    assert (document["first_name"], document["email"], document["phone"]) == ("Ada M.", "ada@example.org", "")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"customer_person_id=7", b"Content-Type: application/x-www-form-urlencoded"),
        (b'{"customer_person_id": "7"}', b"Content-Type: application/json"),
        (b'{"customer_person_id": "7"}', b"Accept: application/json"),  # Ruby's Net::HTTP without a type
    ],
)
def test_a_get_or_delete_has_its_id_in_a_body(port: int, hub: Desk, body: bytes, kind: bytes) -> None:
    hub.enroll("7", 1)
    for line in (b"GET /miicloud/get_person", b"DELETE /miicloud/delete_person"):
        status, document = _ask(port, _head(line, kind, _length(body)), body)
        assert (status, document["customer_person_id"]) == (200, "7")


def test_a_client_that_is_refused_before_it_has_sent_its_file_reads_why(port: int) -> None:
    request = b"POST /miicloud/person HTTP/1.1\r\nHost: hub.example\r\nAuthorization: Token wrong\r\n"
    status, document = _ask(port, request + b"Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n")
    assert (status, document["status"]) == (401, "fail")


def test_requests_on_one_connection_are_answered_one_after_the_other(port: int, hub: Desk) -> None:
    hub.enroll("7", 1)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for _ in range(3):
            connection.sendall(_head(b"GET /miicloud/person/7/"))
            assert _answer(connection)[1]["customer_person_id"] == "7"
