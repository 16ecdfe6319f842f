"""The line to a centre, against a real HTTPS server on its bad days."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from edged.central.cable import Allowance
from edged.central.line import Line, TooLong, segment
from edged.central.port import OtherLife, TryLater
from edged.domain.errors import EdgedError, Refused, Unavailable
from edged.hub.authority import CA_CERTIFICATE, make_authority
from edged.wire.payload import Part
from tests.central.stand import Answer, Stand, answer, stand

TOKEN = "edged_secret.Token-of-this-test"
DAY_S = 86_400.0


class Word(Part):
    word: str = ""


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    make_authority(folder, ["127.0.0.1"], time.time())
    return folder


@contextmanager
def line_to(*answers: Answer, tls: Path, ca: Path | None = None, **more: Any) -> Iterator[tuple[Line, Stand]]:
    with stand(*answers, tls=tls) as site:
        line = Line(
            f"https://127.0.0.1:{site.port}{more.pop('base', '')}",
            TOKEN,
            "Bearer",
            ca_file=(ca or tls) / CA_CERTIFICATE,
            now=more.pop("now", time.monotonic),
            sleep=more.pop("sleep", time.sleep),
            **more,
        )
        try:
            yield line, site
        finally:
            line.close()


def refusal(given: Answer, tls: Path, ca: Path | None = None) -> EdgedError:
    """What a good request is answered with on such a day; never does it tell the token."""
    with line_to(given, tls=tls, ca=ca) as (line, _site), pytest.raises(EdgedError) as raised:
        line.get_json("/x", Word)
    assert TOKEN not in str(raised.value)
    assert TOKEN not in repr(raised.value.__dict__)
    assert raised.value.__cause__ is None
    assert raised.value.remedy or isinstance(raised.value, Refused)
    return raised.value


def ours(reason: str, what: str = "no", remedy: str = "Do.") -> bytes:
    return b'{"error": {"reason": "%s", "what": "%s", "remedy": "%s"}}' % (
        reason.encode(),
        what.encode(),
        remedy.encode(),
    )


def test_one_connection_carries_many_requests_each_with_the_token(tls: Path) -> None:
    with line_to(answer(b'{"word": "yes"}'), tls=tls, base="/base/") as (line, site):
        assert line.get_json("/x", Word, {"after": "a b", "limit": 5}).word == "yes"
        line.put_json("/y", {"a": 1}, Word)
        line.post_json("/z", Word(word="ü"))
        line.delete(f"/{segment('a/b?c')}")
        assert line.get_bytes("/picture") == b'{"word": "yes"}'
        assert site.connections == 1
        assert [head.splitlines()[0] for head in site.heads] == [
            "GET /base/x?after=a+b&limit=5 HTTP/1.1",
            "PUT /base/y HTTP/1.1",
            "POST /base/z HTTP/1.1",
            "DELETE /base/a%2Fb%3Fc HTTP/1.1",
            "GET /base/picture HTTP/1.1",
        ]
        assert all(f"authorization: Bearer {TOKEN}" in head for head in site.heads)
        assert site.requests[2].endswith('{"word":"ü"}'.encode())
        assert line.traffic.requests == 5
        assert line.traffic.sent == sum(map(len, site.requests))
        assert line.traffic.received == 5 * len(answer(b'{"word": "yes"}'))


def test_a_form_is_sent_as_browsers_send_it(tls: Path) -> None:
    with line_to(answer(), tls=tls) as (line, site):
        line.send_form("POST", "/form", Word, {"meta": 'an "ö"'}, ("photo", "face.jpg", b"\xff\xd8jpeg"))
    body = site.requests[0]
    assert 'name="meta"\r\n\r\nan "ö"\r\n'.encode() in body
    assert b'name="photo"; filename="face.jpg"\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8jpeg\r\n' in body


def test_a_question_that_has_no_news_costs_less_than_a_kilobyte(tls: Path) -> None:
    with line_to(answer(b"x" * 200), tls=tls) as (line, _site):
        line.get_bytes("/edged/v1/changes?" + "m" * 130)
        assert line.traffic.sent + line.traffic.received < 1000


@pytest.mark.parametrize(
    ("given", "reason", "says"),
    [
        (answer(ours("wrong_token"), "401 Unauthorized"), "bad_token", "does not take the token"),
        (answer(b"", "401 Unauthorized"), "bad_token", "central.token"),
        (answer(ours("no_right", "not for you"), "403 Forbidden"), "no_right", "not for you"),
        (answer(ours("not_found", "nobody has this id"), "404 Not Found"), "not_found", "nobody has this id. Do."),
        (answer(b'{"code": "BAD_PARAM", "reason": "n is wrong"}', "400 Bad"), "bad_param", "n is wrong"),
        (answer(b'{"status": "fail", "detail": "No face"}', "400 Bad"), "centre_refused", "No face"),
        (answer(ours("not_found", "odd"), "400 Bad"), "centre_refused", "odd"),
        (answer(ours("other_epoch", "odd"), "400 Bad"), "centre_refused", "odd"),
        (answer(ours("taken", f"seen {TOKEN}"), "409 Conflict"), "taken", "seen …. Do."),
        (answer(ours("x\\u0000Y", "a\\u001b[31m b\\r\\nc" + "d" * 999), "400 Bad"), "centre_refused", "a [31m b cddd"),
    ],
)
def test_what_the_centre_refuses_is_told_in_its_words(given: bytes, reason: str, says: str, tls: Path) -> None:
    error = refusal(given, tls)
    assert isinstance(error, Refused)
    assert error.reason == reason
    assert says in str(error)
    assert len(str(error)) < 500
    assert str(error).isprintable()


def test_another_life_of_the_centre_is_told_apart(tls: Path) -> None:
    assert isinstance(refusal(answer(ours("other_epoch"), "409 Conflict"), tls), OtherLife)


@pytest.mark.parametrize(
    ("headers", "status", "seconds"),
    [
        ({"Retry_After": "7"}, "429 Too Many Requests", 7),
        ({"Retry_After": " 120 "}, "503 Service Unavailable", 120),
        ({"Retry_After": "0"}, "429 Too Many Requests", 1),
        ({"Retry_After": "9" * 400}, "429 Too Many Requests", 3600),
        ({}, "429 Too Many Requests", 60),
        ({"Retry_After": "soon"}, "429 Too Many Requests", 60),
        ({"Retry_After": "Thu, 01 Jan 2037 00:00:30 GMT"}, "429 Too Many Requests", 60),
        (
            {"Retry_After": "Thu, 01 Jan 2037 00:00:30 GMT", "Date": "Thu, 01 Jan 2037 00:00:00 GMT"},
            "503 Service Unavailable",
            30,
        ),
        (
            {"Retry_After": "Thu, 01 Jan 1970 00:00:00 GMT", "Date": "Thu, 01 Jan 2037 00:00:00 GMT"},
            "503 Service Unavailable",
            1,
        ),
    ],
)
def test_the_centre_says_when_to_come_again_whatever_the_devices_clock_says(
    headers: dict[str, str], status: str, seconds: float, tls: Path
) -> None:
    error = refusal(answer(b"", status, **headers), tls)
    assert isinstance(error, TryLater)
    assert error.after_s == seconds


def hang_up(content: bytes) -> Callable[[socket.socket], None]:
    def given(connection: socket.socket) -> None:
        connection.sendall(content)

    return given


GZIPPED = answer(b"{}", Content_Encoding="gzip")
MOVED = answer(b"", "302 Found", Location="https://elsewhere.example/")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (answer(ours("internal", "oh"), "500 Internal Server Error"), "fails (status 500): oh"),
        (answer(b"", "503 Service Unavailable"), "fails (status 503)"),
        (answer(b"<html>", "404 Not Found"), "no centre of this kind"),
        (answer(b'{"a": 1}', "405 Method Not Allowed"), "no centre of this kind"),
        (MOVED, "points to another address"),
        (hang_up(b""), "hung up"),
        (hang_up(answer(b"x" * 500)[:300]), "hung up"),
        (hang_up(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), "hung up"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "does not speak HTTP"),
        (answer(b'{"word": "half'), "the answer is not what it should be"),
        (answer(b'{"word": 5}'), "word is not what it should be"),
        (answer(b"<html>welcome to the hotel</html>"), "the answer is not what it should be"),
        (answer(b"\xff\xfe"), "the answer is not what it should be"),
        (GZIPPED, "compressed"),
    ],
)
def test_what_may_be_better_later_is_said_in_plain_words(given: Answer, says: str, tls: Path) -> None:
    error = refusal(given, tls)
    assert isinstance(error, Unavailable)
    assert not isinstance(error, TryLater)
    assert says in str(error)


def test_an_answer_without_an_end_is_cut_off(tls: Path) -> None:
    sent = [0]

    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(1024):  # a gigabyte
            connection.sendall(b"100000\r\n" + bytes(2**20) + b"\r\n")
            sent[0] += 1

    with line_to(endless, tls=tls) as (line, _site):
        with pytest.raises(TooLong):
            line.get_json("/x", Word)
        assert line.traffic.received < 12 * 2**20
    assert sent[0] < 32


def test_an_answer_that_says_it_is_a_gigabyte_is_not_read(tls: Path) -> None:
    def boast(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
        connection.recv(1)

    with line_to(boast, tls=tls) as (line, _site):
        with pytest.raises(TooLong):
            line.get_json("/x", Word)
        with pytest.raises(Refused, match="at once") as raised:
            line.get_bytes("/x")
        assert raised.value.reason == "too_large"
        assert line.traffic.received < 1000


def test_a_server_that_drips_is_given_up_after_a_minute_altogether(tls: Path) -> None:
    clock = [0.0]

    def now() -> float:
        clock[0] += 1.0  # each look at the clock is a second later
        return clock[0]

    def drip(connection: socket.socket) -> None:
        for letter in b"HTTP/1.1 200 OK\r\nX: " + b"a" * 500:
            connection.sendall(bytes([letter]))
            time.sleep(0.005)

    with line_to(drip, tls=tls, now=now) as (line, _site), pytest.raises(Unavailable, match="no answer in time"):
        line.get_json("/x", Word)
    assert clock[0] < 100


def test_after_a_failure_the_next_request_connects_anew(tls: Path) -> None:
    with line_to(hang_up(b""), answer(b'{"word": "again"}'), tls=tls) as (line, site):
        with pytest.raises(Unavailable):
            line.get_json("/x", Word)
        assert line.get_json("/x", Word).word == "again"
        assert site.connections == 2


@pytest.mark.parametrize(
    ("shift_days", "says"), [(30.0, "is not valid yet"), (-400.0, "has expired")], ids=["future", "past"]
)
def test_a_certificate_out_of_time_asks_for_the_clock(tmp_path: Path, shift_days: float, says: str) -> None:
    make_authority(tmp_path, ["127.0.0.1"], time.time() + shift_days * DAY_S)
    error = refusal(answer(), tmp_path)
    assert isinstance(error, Unavailable)
    assert says in error.what
    assert "timedatectl" in error.remedy


def test_a_certificate_of_an_unknown_authority_is_refused_with_the_remedy(tls: Path, tmp_path: Path) -> None:
    make_authority(tmp_path, ["127.0.0.1"], time.time())
    error = refusal(answer(), tls, ca=tmp_path)
    assert isinstance(error, Refused)
    assert error.reason == "untrusted_centre"
    assert "central.ca_file" in error.remedy


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    make_authority(tmp_path, ["hub.example.org"], time.time())
    error = refusal(answer(), tmp_path)
    assert isinstance(error, Refused)
    assert error.reason == "untrusted_centre"
    assert "another name" in error.what


def test_the_token_is_sent_to_nobody_who_is_not_trusted(tls: Path, tmp_path: Path) -> None:
    make_authority(tmp_path, ["127.0.0.1"], time.time())
    with line_to(answer(), tls=tls, ca=tmp_path) as (line, site):
        with pytest.raises(Refused):
            line.get_json("/x", Word)
        assert site.requests == []


def test_a_redirect_takes_the_token_nowhere(tls: Path) -> None:
    with (
        stand(answer(), tls=tls) as other,
        line_to(answer(b"", "307 X", Location=f"https://127.0.0.1:{other.port}/x"), tls=tls) as (line, site),
    ):
        with pytest.raises(Unavailable, match="another address"):
            line.get_json("/x", Word)
        assert (len(site.requests), other.connections) == (1, 0)


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1:1/a", "http://127.0.0.1:{port}/a", "//evil.example/a", "a", "ftp:x"]
)
def test_a_photograph_on_another_host_is_not_fetched(url: str, tls: Path) -> None:
    with line_to(answer(b"jpeg"), tls=tls, base="/base") as (line, site):
        with pytest.raises(Refused) as raised:
            line.get_linked(url.format(port=site.port))
        assert raised.value.reason == "foreign_address"
        assert site.requests == []


def test_a_photograph_on_the_centres_own_host_is_fetched_wherever_it_lies(tls: Path) -> None:
    with line_to(answer(b"jpeg"), tls=tls, base="/base") as (line, site):
        assert line.get_linked(f"https://127.0.0.1:{site.port}/media/a.jpg?s=1") == b"jpeg"
        assert line.get_linked("/media/b.jpg") == b"jpeg"
        assert [head.split()[1] for head in site.heads] == ["/media/a.jpg?s=1", "/media/b.jpg"]


@pytest.mark.parametrize("given", [answer(b"<html>", "404 Not Found"), MOVED])
def test_a_photograph_that_is_not_there_is_that_ones_fault(given: bytes, tls: Path) -> None:
    with line_to(given, tls=tls) as (line, _site), pytest.raises(Refused) as raised:
        line.get_linked("/media/a.jpg")
    assert raised.value.reason == "no_picture"


def test_nobody_there_is_said_in_words(tls: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for url, says in ((f"https://127.0.0.1:{port}", "refused"), ("https://nowhere.invalid", "no host of this name")):
        line = Line(url, TOKEN, "Token", now=time.monotonic, sleep=time.sleep)
        with pytest.raises(Unavailable, match=says):
            line.get_json("/x", Word)
        line.close()


def test_a_server_that_does_not_encrypt_gets_no_token() -> None:
    with stand(answer(b"", "400 Bad Request"), tls=None) as site:
        line = Line(f"https://127.0.0.1:{site.port}", TOKEN, "Token", now=time.monotonic, sleep=time.sleep)
        with pytest.raises(Unavailable, match="no encrypted connection comes about"):
            line.get_json("/x", Word)
        line.close()
        assert len(site.requests) == 1
        assert TOKEN.encode() not in site.requests[0]


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "ümlaut", "x" * 5000])
def test_what_cannot_be_a_token_is_refused_before_anything_is_sent(token: str) -> None:
    with pytest.raises(Refused) as raised:
        Line("https://127.0.0.1:1", token, "Token", now=time.monotonic, sleep=time.sleep)
    assert raised.value.reason == "bad_token"
    assert not token or token not in str(raised.value)


def test_an_authority_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")
    for name in ("empty", "absent"):
        with pytest.raises(Refused, match=name) as raised:
            Line("https://h", TOKEN, "Token", ca_file=tmp_path / name, now=time.monotonic, sleep=time.sleep)
        assert raised.value.reason == "untrusted_centre"


@pytest.mark.parametrize("text", ["", ".", ".."])
def test_a_key_that_would_climb_in_the_path_is_refused(text: str) -> None:
    with pytest.raises(Refused) as raised:
        segment(text)
    assert raised.value.reason == "bad_key"


def test_nothing_of_a_request_is_logged(tls: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with line_to(answer(ours("no"), "400 Bad"), tls=tls) as (line, _site), pytest.raises(Refused):
        line.get_json("/v1/faces/meta/somebody", Word)
    assert TOKEN not in caplog.text
    assert "somebody" not in caplog.text


def test_a_bandwidth_is_kept_to_both_ways(tls: Path) -> None:
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    answers = (answer(b'"' + b" " * 400_000 + b'"'),)
    with line_to(*answers, tls=tls, max_kbit_s=800, now=lambda: clock[0], sleep=sleep) as (line, _site):
        line.post_json("/x", "y" * 200_000)
        passed = line.traffic.sent + line.traffic.received
    assert passed > 600_000
    # A second's worth is there at once; the rest comes at 100 kB a second.
    assert clock[0] == pytest.approx((passed - 100_000) / 100_000, rel=0.1)


def test_what_was_saved_while_nothing_was_sent_is_a_second_at_most() -> None:
    clock = [0.0]
    waits: list[float] = []
    allowance = Allowance(100_000, lambda: clock[0], waits.append)
    clock[0] = 3600.0
    allowance.spend(100_000)
    assert waits == []
    allowance.spend(50_000)
    assert waits == [0.5]
