"""User and password, told as a camera asks for them."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from edged.cameras.credentials import Credentials

MUFASA = Credentials("Mufasa", "Circle of Life")
CHALLENGE = {
    "realm": "http-auth@example.org",
    "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
    "opaque": "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
    "qop": "auth, auth-int",
}
CLIENT_NONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_answers_a_digest_challenge_as_in_rfc_7616(algorithm: str, response: str) -> None:
    told = MUFASA.digest(CHALLENGE | {"algorithm": algorithm}, "GET", "/dir/index.html", CLIENT_NONCE)
    assert told is not None
    assert f'response="{response}"' in told
    assert f'opaque="{CHALLENGE["opaque"]}"' in told


def test_answers_an_old_challenge_without_qop() -> None:
    """RFC 2069, section 2.4, with the response of its errata."""
    asked = {"realm": "testrealm@host.com", "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093"}
    told = Credentials("Mufasa", "CircleOfLife").digest(asked, "GET", "/dir/index.html", "")
    assert told is not None
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in told


def test_prefers_digest_to_telling_the_password_openly() -> None:
    told = MUFASA.answer(['Basic realm="x"', 'Digest realm="x", nonce="y"'], "GET", "/")
    assert told is not None
    assert told.startswith("Digest ")


def test_gives_up_on_a_hash_it_does_not_know() -> None:
    assert MUFASA.answer(['Digest realm="x", nonce="y", algorithm=SHA-512'], "GET", "/") is None


def test_lets_no_camera_smuggle_a_header_in() -> None:
    told = MUFASA.digest({"realm": 'a"\r\nX-Evil: 1', "nonce": "n"}, "GET", "/", "")
    assert told is not None
    assert "\n" not in told
    assert r'realm="a\"X-Evil: 1"' in told


def test_reads_escaped_letters_of_an_address_and_hides_the_password() -> None:
    credentials = Credentials.of(urlsplit("rtsp://admin:p%40ss%3Aw%2Frd@host/live"))
    assert credentials == Credentials("admin", "p@ss:w/rd")
    assert "p@ss" not in repr(credentials)
    assert Credentials.of(urlsplit("rtsp://host/live")) is None
