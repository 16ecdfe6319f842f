"""What may be shown of an address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edged.cameras.address import parsed, public_text, public_url
from edged.domain.errors import Unavailable


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("rtsp://admin:geheim@192.168.1.20:554/Streaming/101?token=abc#x", "rtsp://192.168.1.20:554/…"),
        ("rtsp://10.0.0.7/user=admin_password=geheim_channel=1.sdp", "rtsp://10.0.0.7/…"),
        ("http://cam.local?pwd=geheim", "http://cam.local/…"),
        ("https://cam.local/", "https://cam.local"),
        ("rtsp://admin:geheim@[fe80::1]:8554/live", "rtsp://[fe80::1]:8554/…"),
        ("rtsp://admin:geheim@cam:port/live", "(an address that cannot be read)"),
        ("geheim", "(an address that cannot be read)"),
        ("rtsp://admin:geheim@/live", "(an address that cannot be read)"),
    ],
)
def test_shows_scheme_host_and_port_only(secret: str, shown: str) -> None:
    assert public_url(secret) == shown


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_never_shows_a_password_whatever_it_is_made_of(junk: str) -> None:
    assert "geheim" not in public_url(f"rtsp://admin:geheim{junk}@192.168.1.20/live")


def test_shortens_every_address_in_another_programs_words() -> None:
    words = "Opening location=rtsp://admin:'geheim@10.0.0.7/live failed, tried http://10.0.0.8/?pwd=geheim too"
    assert public_text(words) == "Opening location=rtsp://10.0.0.7/… failed, tried http://10.0.0.8/… too"


@pytest.mark.parametrize("url", ["ftp://host/x", "rtsp://", "rtsp://host:99999/x", "rtsp://host:0/x", "/etc/passwd"])
def test_refuses_what_is_no_address_of_the_kind(url: str) -> None:
    with pytest.raises(Unavailable, match="rtsp://user:password@host/path"):
        parsed(url, "rtsp", "rtsps")
