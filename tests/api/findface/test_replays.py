"""What existing clients of FindFace send, byte for byte as their libraries write it, to a real server."""

from __future__ import annotations

import json
import socket
from collections.abc import Collection, Iterator
from http.client import HTTPResponse
from typing import Any, Final

import pytest

from tests.api.findface.desk import Desk
from tests.api.painted import crowd, portrait
from tests.api.serving import serving
from tests.api.token_gate import KEY

PHOTO: Final = portrait(1)


@pytest.fixture
def port(hub: Desk) -> Iterator[int]:
    with serving(hub.app) as number:
        yield number


def _ask(port: int, head: bytes, body: bytes = b"", *, waits: bool = False) -> tuple[int, Any]:
    """Sends a request; status and document.

    Args:
        head: request line and headers, one a line; the token and, unless there is a Transfer-Encoding, the length of
            the body are added.
        waits: the body goes only when the server has said to go on.
    """
    lines = [line.strip() for line in head.strip().splitlines()]
    if b"authorization" not in head.lower():
        lines.append(b"Authorization: Token " + KEY.encode())
    if b"transfer-encoding" not in head.lower() and body:
        lines.append(b"Content-Length: %d" % len(body))
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"\r\n".join(lines) + b"\r\n\r\n")
        if waits:
            assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        method = lines[0].split()[0].decode()
        response = HTTPResponse(connection, method=method)
        response.begin()
        content = response.read()
        return response.status, json.loads(content) if content else None


def _form(boundary: bytes, *parts: tuple[bytes, bytes]) -> bytes:
    """A multipart body of headers (one a line) and contents."""
    pieces = []
    for headers, content in parts:
        lines = b"\r\n".join(line.strip() for line in headers.strip().splitlines())
        pieces.append(b"--" + boundary + b"\r\n" + lines + b"\r\n\r\n" + content + b"\r\n")
    return b"".join(pieces) + b"--" + boundary + b"--\r\n"


def _chunked(body: bytes, size: int = 777) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def test_curl_with_a_form_waits_for_the_server_to_go_on(port: int) -> None:
    head = b"""
        POST /v0/face/ HTTP/1.1
        Host: 127.0.0.1
        User-Agent: curl/7.29.0
        Accept: */*
        Expect: 100-continue
        Content-Type: multipart/form-data; boundary=----------------------------2a8ae6ad4f02
    """
    body = _form(
        b"----------------------------2a8ae6ad4f02",
        (b'Content-Disposition: form-data; name="meta"', b"Sam Berry"),
        (
            b"""Content-Disposition: form-data; name="photo"; filename="sam.jpg"
                Content-Type: image/jpeg""",
            PHOTO,
        ),
        (b'Content-Disposition: form-data; name="galleries"', b'["gal1", "niceppl"]'),
    )
    status, document = _ask(port, head, body, waits=True)
    assert status == 200
    assert document["results"][0]["meta"] == "Sam Berry"
    assert document["results"][0]["galleries"] == ["default", "gal1", "niceppl"]


def test_curl_with_data_and_no_json_content_type(port: int) -> None:
    head = b"""
        POST /v1/galleries HTTP/1.1
        Host: 127.0.0.1
        User-Agent: curl/7.88.1
        Accept: */*
        Content-Type: application/x-www-form-urlencoded
    """
    assert _ask(port, head, b'{"name": "staff"}') == (201, {"name": "staff"})
    assert _ask(port, head, b"name=visitors") == (201, {"name": "visitors"})


def test_curl_with_chunks_and_http_expect(port: int) -> None:
    head = b"""
        POST /v1/detect HTTP/1.1
        Host: 127.0.0.1
        Transfer-Encoding: chunked
        Content-Type: multipart/form-data; boundary=------------------------d74496d66958873e
        Expect: 100-continue
    """
    body = _form(
        b"------------------------d74496d66958873e",
        (
            b"""Content-Disposition: form-data; name="photo"; filename="-"
                Content-Type: application/octet-stream""",
            PHOTO,
        ),
    )
    status, document = _ask(port, head, _chunked(body), waits=True)
    assert (status, len(document["faces"])) == (200, 1)


def test_python_requests_with_two_files_and_no_types(port: int) -> None:
    head = b"""
        POST /v1/verify/ HTTP/1.1
        Host: 127.0.0.1
        User-Agent: python-requests/2.9.1
        Accept-Encoding: gzip, deflate
        Accept: */*
        Connection: keep-alive
        Content-Type: multipart/form-data; boundary=9f2d2c7f52b1454cae5d2cc2cc0ebd4b
    """
    body = _form(
        b"9f2d2c7f52b1454cae5d2cc2cc0ebd4b",
        (b'Content-Disposition: form-data; name="threshold"', b"0.75"),
        (b'Content-Disposition: form-data; name="photo1"; filename="a.jpg"', PHOTO),
        (b'Content-Disposition: form-data; name="photo2"; filename="photo2"', portrait(1, 1)),
    )
    status, document = _ask(port, head, body)
    assert (status, document["verified"]) == (200, True)


def test_python_requests_with_json_and_a_query(hub: Desk, port: int) -> None:
    face = hub.enrol(1, meta="anna")
    head = b"""
        PUT /v0/face/id/%d/?meta=query HTTP/1.1
        Host: 127.0.0.1
        User-Agent: python-requests/2.31.0
        Content-Type: application/json
    """ % (face["id"])
    status, document = _ask(port, head, b'{"meta": "body", "galleries": {"add": ["vip"]}}')
    assert (status, document["meta"], document["galleries"]) == (200, "body", ["default", "vip"])


def test_python_requests_with_lists_in_a_form(port: int) -> None:
    head = b"""
        POST /v1/face HTTP/1.1
        Host: 127.0.0.1
        Content-Type: multipart/form-data; boundary=b
    """
    body = _form(
        b"b",
        (b'Content-Disposition: form-data; name="galleries[]"', b"a"),
        (b'Content-Disposition: form-data; name="galleries[]"', b"b"),
        (b'Content-Disposition: form-data; name="bbox[][]"', b"70"),
        (b'Content-Disposition: form-data; name="bbox[][]"', b"20"),
        (b'Content-Disposition: form-data; name="bbox[][]"', b"116"),
        (b'Content-Disposition: form-data; name="bbox[][]"', b"76"),
        (b'Content-Disposition: form-data; name="photo"; filename="x.jpg"', crowd(1, 3)),
    )
    status, document = _ask(port, head, body)
    assert (status, document["results"][0]["x1"]) == (200, 70)
    assert document["results"][0]["galleries"] == ["a", "b", "default"]


def test_php_curl_with_a_file_and_a_wrong_type(port: int) -> None:
    head = b"""
        POST /v1/faces/gallery/default/identify HTTP/1.1
        Host: 127.0.0.1
        Accept: */*
        Content-Type: multipart/form-data; boundary=------------------------4ebf00fbcf09cf5a
        Expect: 100-continue
    """
    body = _form(
        b"------------------------4ebf00fbcf09cf5a",
        (b'Content-Disposition: form-data; name="mf_selector"', b"all"),
        (b'Content-Disposition: form-data; name="threshold"', b"Strict"),
        (
            b"""Content-Disposition: form-data; name="photo"; filename="/var/www/uploads/me.jpg"
                Content-Type: multipart/form-data""",
            PHOTO,
        ),
    )
    assert _ask(port, head, body, waits=True) == (200, {"results": {"[100, 60, 200, 180]": []}})


def test_php_http_build_query_with_numbered_lists(hub: Desk, port: int) -> None:
    face = hub.enrol(1)
    head = b"""
        PUT /v1/faces/id/%d HTTP/1.1
        Host: 127.0.0.1
        Content-Type: application/x-www-form-urlencoded
    """ % (face["id"])
    status, document = _ask(
        port, head, b"galleries%5Badd%5D%5B0%5D=ppl&galleries%5Badd%5D%5B1%5D=vip&meta=J%C3%BCrgen+M"
    )
    assert status == 200
    assert (document["galleries"], document["meta"]) == (["default", "ppl", "vip"], "Jürgen M")


def test_php_with_a_local_path_before_the_file_of_the_same_name(port: int) -> None:
    head = b"""
        POST /v0/detect HTTP/1.1
        Host: 127.0.0.1
        Content-Type: multipart/form-data; boundary=x
    """
    body = _form(
        b"x",
        (b'Content-Disposition: form-data; name="photo"', b"@/tmp/php4Jx8.jpg"),
        (
            b"""Content-Disposition: form-data; name="photo"; filename="me.jpg"
                Content-Type: image/gif""",
            PHOTO,
        ),
    )
    status, document = _ask(port, head, body)
    assert (status, len(document["faces"])) == (200, 1)


def test_ruby_with_nested_names_in_a_form(hub: Desk, port: int) -> None:
    face = hub.enrol(1)
    head = b"""
        PUT /v0/face/id/%d HTTP/1.1
        Accept: */*; q=0.5, application/xml
        Accept-Encoding: gzip, deflate
        User-Agent: Ruby
        Host: 127.0.0.1
        Content-Type: application/x-www-form-urlencoded
    """ % (face["id"])
    status, document = _ask(port, head, b"galleries[add][]=ppl&galleries[add][]=vip")
    assert (status, document["galleries"]) == (200, ["default", "ppl", "vip"])


def test_ruby_rest_client_with_a_file(port: int) -> None:
    head = b"""
        POST /face HTTP/1.1
        Accept: */*; q=0.5, application/xml
        User-Agent: Ruby
        Host: 127.0.0.1
        Content-Type: multipart/form-data; boundary=----RubyFormBoundaryQx9vZ2t4sXoW1dV3
    """
    body = _form(
        b"----RubyFormBoundaryQx9vZ2t4sXoW1dV3",
        (
            b"""Content-Disposition: form-data; name="photo"; filename="me.jpg"
                Content-Type: image/jpeg""",
            PHOTO,
        ),
        (b'Content-Disposition: form-data; name="meta"', b"anna"),
    )
    status, document = _ask(port, head, body)
    assert (status, document["meta"]) == (200, "anna")


def test_go_with_chunks_and_octets(port: int) -> None:
    boundary = b"3c8b9d0f6a5e4d7c2b1a0f9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b3a2f1e"
    head = (
        b"""
        POST /v1/identify?mf_selector=biggest&n=5 HTTP/1.1
        Host: 127.0.0.1
        User-Agent: Go-http-client/1.1
        Transfer-Encoding: chunked
        Content-Type: multipart/form-data; boundary=%s
        Accept-Encoding: gzip
    """
        % boundary
    )
    body = _form(
        boundary,
        (
            b"""Content-Disposition: form-data; name="photo"; filename="me.jpg"
                Content-Type: application/octet-stream""",
            PHOTO,
        ),
    )
    assert _ask(port, head, _chunked(body)) == (200, {"results": {"[100, 60, 200, 180]": []}})


def test_go_with_a_body_of_null(port: int) -> None:
    head = b"""
        POST /v1/identify HTTP/1.1
        Host: 127.0.0.1
        User-Agent: Go-http-client/1.1
        Content-Type: application/json
    """
    status, document = _ask(port, head, b"null")
    assert (status, document["code"], document["param"]) == (400, "BAD_PARAM", "photo")


def test_csharp_with_a_quoted_boundary_and_unquoted_names(port: int) -> None:
    head = b"""
        POST /v1/face HTTP/1.1
        Host: 127.0.0.1
        Content-Type: multipart/form-data; boundary="4d0c1a5e-7c4b-4b0e-9a3f-1f6b6f1f0c11"
    """
    body = _form(
        b"4d0c1a5e-7c4b-4b0e-9a3f-1f6b6f1f0c11",
        (
            b"""Content-Type: text/plain; charset=utf-8
                Content-Disposition: form-data; name=meta""",
            "Jürgen".encode(),
        ),
        (
            b"""Content-Type: text/plain; charset=utf-8
                Content-Disposition: form-data; name=mf_selector""",
            b"reject",
        ),
        (b"Content-Disposition: form-data; name=photo; filename=me.jpg; filename*=utf-8''me.jpg", PHOTO),
    )
    status, document = _ask(port, head, body)
    assert (status, document["results"][0]["meta"]) == (200, "Jürgen")


def test_java_apache_with_transfer_encodings(port: int) -> None:
    boundary = b"xYzAbCdEfGhIjKlMnOpQrStUvWx_-12"
    head = (
        b"""
        POST /v0/verify HTTP/1.1
        Content-Type: multipart/form-data; boundary=%s
        Host: 127.0.0.1
        Connection: Keep-Alive
        User-Agent: Apache-HttpClient/4.5.2 (Java/1.8.0_91)
        Accept-Encoding: gzip,deflate
    """
        % boundary
    )
    file = b"""Content-Disposition: form-data; name="%s"; filename="me.jpg"
               Content-Type: application/octet-stream
               Content-Transfer-Encoding: binary"""
    text = b"""Content-Disposition: form-data; name="mf_selector"
               Content-Type: text/plain; charset=ISO-8859-1
               Content-Transfer-Encoding: 8bit"""
    body = _form(boundary, (file % b"photo1", PHOTO), (file % b"photo2", portrait(2)), (text, b"all"))
    status, document = _ask(port, head, body)
    assert (status, document["verified"]) == (200, False)


def test_java_okhttp_with_lengths_in_the_parts(port: int) -> None:
    head = b"""
        POST /v1/detect HTTP/1.1
        Content-Type: multipart/form-data; boundary=6f5b0a44-1c1d-4c0e-8a9b-0d6a3a6a4e0f
        Host: 127.0.0.1
        Connection: Keep-Alive
        Accept-Encoding: gzip
        User-Agent: okhttp/3.4.1
    """
    body = _form(
        b"6f5b0a44-1c1d-4c0e-8a9b-0d6a3a6a4e0f",
        (
            b"""Content-Disposition: form-data; name="emotions"
                Content-Length: 4""",
            b"true",
        ),
        (
            b"""Content-Disposition: form-data; name="photo"; filename="me.jpg"
                Content-Type: image/jpg
                Content-Length: %d"""
            % len(PHOTO),
            PHOTO,
        ),
    )
    status, document = _ask(port, head, body)
    assert (status, len(document["faces"])) == (200, 1)


def test_a_browser_asks_whether_it_may_and_then_does(port: int) -> None:
    preflight = b"""
        OPTIONS /v1/detect/ HTTP/1.1
        Host: 127.0.0.1
        Access-Control-Request-Method: POST
        Access-Control-Request-Headers: authorization
        Origin: https://shop.example
        Authorization:
    """
    assert _ask(port, preflight) == (200, None)
    head = b"""
        POST /v1/detect/ HTTP/1.1
        Host: 127.0.0.1
        Origin: https://shop.example
        Sec-Fetch-Site: cross-site
        Content-Type: multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW
    """
    body = _form(
        b"----WebKitFormBoundary7MA4YWxkTrZu0gW",
        (
            b"""Content-Disposition: form-data; name="photo"; filename="blob"
                Content-Type: image/png""",
            PHOTO,
        ),
    )
    assert _ask(port, head, body)[0] == 200


@pytest.mark.parametrize("method", [b"GET", b"DELETE"])
def test_a_json_type_without_a_body_is_no_body(port: int, method: bytes) -> None:
    head = (
        b"""
        %s /v1/faces/meta/anna/ HTTP/1.1
        Host: 127.0.0.1
        Content-Type: application/json
    """
        % method
    )
    assert _ask(port, head)[0] in (200, 204)


def test_http_1_0_without_a_host(port: int) -> None:
    status, document = _ask(port, b"GET /v0/faces/?/ HTTP/1.0")
    assert (status, document["results"]) == (200, [])


class TestPhotographByAddress:
    """With hosts that photographs may come from; what is fetched from there is painted."""

    URL: Final = "http://photos.example/two.jpg"

    @pytest.fixture
    def fetched(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        asked: list[str] = []

        async def fetch(url: str, allowed: Collection[str], max_bytes: int, network: object) -> bytes:
            asked.append(url)
            return portrait(1, 2)

        monkeypatch.setattr("edged.api.photo_parameter.fetch_photo", fetch)
        return asked

    def test_as_a_text_part(self, port: int, fetched: list[str]) -> None:
        head = b"""
            POST /v1/detect HTTP/1.1
            Host: 127.0.0.1
            Content-Type: multipart/form-data; boundary=x
        """
        body = _form(b"x", (b'Content-Disposition: form-data; name="photo"', self.URL.encode()))
        status, document = _ask(port, head, body)
        assert (status, len(document["faces"])) == (200, 1)
        assert fetched == [self.URL]

    def test_in_json_with_the_rest_in_the_query(self, hub: Desk, port: int, fetched: list[str]) -> None:
        hub.enrol(1, meta="anna")
        head = b"""
            POST /v1/identify/?mf_selector=all&n=2&threshold=low HTTP/1.1
            Host: 127.0.0.1
            Content-Type: application/json; charset=utf-8
        """
        status, document = _ask(port, head, json.dumps({"photo": self.URL}).encode())
        (found,) = document["results"]["[100, 60, 200, 180]"]
        assert (status, found["face"]["meta"]) == (200, "anna")

    def test_urlencoded_or_in_the_query(self, port: int, fetched: list[str]) -> None:
        head = b"""
            POST /v1/face HTTP/1.1
            Host: 127.0.0.1
            Content-Type: application/x-www-form-urlencoded
        """
        status, document = _ask(port, head, b"photo=http%3A%2F%2Fphotos.example%2Ftwo.jpg&meta=anna")
        assert (status, document["results"][0]["meta"]) == (200, "anna")
        head = b"""
            POST /v1/detect?photo=http%3A%2F%2Fphotos.example%2Ftwo.jpg HTTP/1.1
            Host: 127.0.0.1
            Content-Length: 0
        """
        assert _ask(port, head)[0] == 200
        assert fetched == [self.URL] * 2

    def test_beside_a_file(self, port: int, fetched: list[str]) -> None:
        head = b"""
            POST /v1/verify HTTP/1.1
            Host: 127.0.0.1
            Content-Type: multipart/form-data; boundary=x
        """
        body = _form(
            b"x",
            (b'Content-Disposition: form-data; name="photo1"; filename="a.jpg"', PHOTO),
            (b'Content-Disposition: form-data; name="photo2"', self.URL.encode()),
        )
        status, document = _ask(port, head, body)
        assert (status, document["verified"]) == (200, True)
