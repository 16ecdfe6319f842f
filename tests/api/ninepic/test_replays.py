"""Requests byte for byte as clients send them, over a real connection; written by us, from protocols.md."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.ninepic.site import EVENT, LIMIT, Site, data, failed, replay
from tests.api.painted import portrait
from tests.api.serving import serving

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
HEAD = b"Host: hub.example\r\nX-API-Key: key\r\nConnection: close\r\n"


@pytest.fixture
def port(site: Site) -> Iterator[int]:
    site.add(portrait(1, 2))
    with serving(site.app) as port:
        yield port


def post(path: str, body: bytes, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", *headers, f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n" + HEAD + b"\r\n" + body


def form(*parts: bytes, boundary: bytes = b"XX") -> bytes:
    return b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"


def file_part(headers: bytes, content: bytes | None = None) -> bytes:
    return headers + b"\r\n\r\n" + (portrait(1) if content is None else content)


FILE = b'Content-Disposition: form-data; name="file"; filename="selfie.jpg"'
REQUEST_ID = b'Content-Disposition: form-data; name="request_id"\r\n\r\n' + ID.encode()
FORM = "Content-Type: multipart/form-data; boundary=XX"


@pytest.mark.parametrize(
    "content_type",
    [
        b"\r\nContent-Type: image/jpeg",
        b"\r\nContent-Type: application/octet-stream",
        b"\r\nContent-Type: multipart/form-data",
        b"\r\ncontent-type: text/plain; charset=utf-8",
        b"",
    ],
)
def test_the_content_type_of_the_file_part_may_be_anything(port: int, content_type: bytes) -> None:
    body = form(REQUEST_ID, file_part(FILE + content_type))
    found = data(replay(port, post(f"{EVENT}/faces?page=1&page_size=20", body, FORM)))
    assert (found["request_id"], len(found["images"])) == (ID, 1)
    assert found["pagination"]["page_size"] == 20


def test_a_text_part_and_a_file_of_one_name_the_file_counts(port: int) -> None:
    text = b'Content-Disposition: form-data; name="file"\r\n\r\n/home/me/selfie.jpg'
    body = form(text, file_part(FILE))
    assert len(data(replay(port, post(f"{EVENT}/faces", body, FORM)))["images"]) == 1


def test_a_quoted_boundary_and_a_preamble(port: int) -> None:
    body = b"this is a form\r\n" + form(file_part(FILE), boundary=b"a b'c")
    header = 'Content-Type: multipart/form-data; charset=utf-8; boundary="a b\'c"'
    assert len(data(replay(port, post(f"{EVENT}/faces", body, header)))["images"]) == 1


def test_a_slash_at_the_end_of_a_post_is_no_redirect(port: int) -> None:
    assert data(replay(port, post(f"{EVENT}/faces/", form(file_part(FILE)), FORM)))


def test_a_chunked_body(port: int) -> None:
    body = form(file_part(FILE), REQUEST_ID)
    head = f"POST {EVENT}/faces HTTP/1.1\r\n{FORM}\r\nTransfer-Encoding: chunked\r\n".encode() + HEAD + b"\r\n"
    chunks = [body[at : at + 100] for at in range(0, len(body), 100)]
    sent = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    assert data(replay(port, head + sent[:333], sent[333:]))["request_id"] == ID


def test_expect_100_continue_as_curl_sends_it(port: int) -> None:
    body = form(file_part(FILE))
    request = post(f"{EVENT}/faces", body, FORM, "Expect: 100-continue", "User-Agent: curl/8.5.0", "Accept: */*")
    assert len(data(replay(port, request[: -len(body)], body))["images"]) == 1


def test_a_query_without_values_and_unknown_fields(port: int) -> None:
    extra = b'Content-Disposition: form-data; name="consent"\r\n\r\ntrue'
    path = f"{EVENT}/faces?page=&page_size=&v=2&"
    assert len(data(replay(port, post(path, form(extra, file_part(FILE)), FORM)))["images"]) == 1


def test_an_empty_request_id_is_absent(port: int) -> None:
    empty = b'Content-Disposition: form-data; name="request_id"\r\n\r\n'
    found = data(replay(port, post(f"{EVENT}/faces", form(empty, file_part(FILE)), FORM)))
    assert found["request_id"] != ID


@pytest.mark.parametrize(
    "content_type", ["Content-Type: application/json", "Content-Type: application/json; charset=UTF-8", "X-Nothing: 1"]
)
def test_json_for_originals(site: Site, port: int, content_type: str) -> None:
    data(replay(port, post(f"{EVENT}/faces", form(REQUEST_ID, file_part(FILE)), FORM)))
    body = b'{ "method" : "selfie",\r\n "identifier":"%b", "unknown": null }' % ID.encode()
    found = data(replay(port, post(f"{EVENT}/original-photos?page=1&page_size=30", body, content_type)))
    assert (found["successful_count"], found["identifier"]) == (1, ID)


def test_a_get_with_an_encoded_request_id(port: int) -> None:
    data(replay(port, post(f"{EVENT}/faces", form(REQUEST_ID, file_part(FILE)), FORM)))
    address = f"{EVENT}/faces/urn%3Auuid%3A{ID.upper().replace('-', '%2D')}"
    assert data(replay(port, f"GET {address} HTTP/1.1\r\n".encode() + HEAD + b"\r\n"))["request_id"] == ID


@pytest.mark.parametrize("name", [b"X-API-Key", b"x-api-key", b"X-Api-Key"])
def test_the_name_of_the_header_in_any_case(port: int, name: bytes) -> None:
    request = b"GET %b/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%b:  key \r\n\r\n" % (EVENT.encode(), name)
    assert data(replay(port, request))["event"] == "run"


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/ext/acme/event/../event/run/images",
        "/api/v1/ext/acme/event/run/../../../../../etc/passwd",
        "/api/v1/ext/acme/event/..%2f..%2fetc/images",
        "/api/v1/ext/acme%2fevent%2frun/events",
        "/api/v1/ext/acme/event/run%00/images",
        "/api/v1/ext/acme/event/%ff%fe/images",
        "/edged/photos/..%2f..%2fhub.db/original?expires=9999999999&signature=x",
        "/edged/photos/../../hub.db",
    ],
)
def test_an_address_that_no_client_would_tidy_up_leads_nowhere(port: int, address: str) -> None:
    answer = replay(port, f"GET {address} HTTP/1.1\r\n".encode() + HEAD + b"\r\n")
    assert answer.status_code in (403, 404)
    assert "SQLite" not in answer.text


def test_a_wrong_key_with_a_large_file_still_gets_its_answer(port: int) -> None:
    body = form(file_part(FILE, b"\xff\xd8\xff" + b"0" * LIMIT))
    request = post(f"{EVENT}/faces", body, FORM).replace(b"X-API-Key: key", b"X-API-Key: no")
    assert failed(replay(port, request[:1000], request[1000:]), 403)


def test_a_declared_length_over_the_cap_is_413(port: int) -> None:
    request = f"POST {EVENT}/faces HTTP/1.1\r\n{FORM}\r\nContent-Length: 99999999999\r\n".encode() + HEAD + b"\r\n"
    assert failed(replay(port, request), 413)
