"""Cameras' multipart streams, taken apart."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edged.cameras.multipart import Parts


def source(data: bytes, piece: int = 65536) -> Callable[[int], bytes]:
    """Gives the data in pieces of at most that size."""
    ahead = bytearray(data)

    def receive(most: int) -> bytes:
        taken = bytes(ahead[: min(most, piece)])
        del ahead[: len(taken)]
        return taken

    return receive


@given(
    bodies=st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=5),
    piece=st.integers(1, 400),
    newline=st.sampled_from([b"\r\n", b"\n"]),
)
def test_gives_the_bodies_however_the_network_cuts_them(bodies: list[bytes], piece: int, newline: bytes) -> None:
    stream = b"".join(newline.join([b"--frame", b"content-length : %d" % len(body), b"", body, b""]) for body in bodies)
    parts = Parts(source(stream, piece))
    assert [parts.next_body() for _ in bodies] == bodies
    with pytest.raises(EOFError):
        parts.next_body()


@pytest.mark.parametrize("piece", [1, 7, 65536])
def test_a_part_without_a_length_ends_at_the_next_boundary(piece: int) -> None:
    first = b"\r\n--frame\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8--not--it\n--\xff\xd9\r\n"
    stream = first + b"--frame\r\n\r\nsecond\r\n--frame--\r\n"
    parts = Parts(source(stream, piece))
    assert parts.next_body().startswith(b"\xff\xd8--not--it\n--\xff\xd9")
    assert parts.next_body().startswith(b"second")


@pytest.mark.parametrize(
    "stream",
    [
        b"--f\r\nContent-Length: 99999999999\r\n\r\nx",
        b"--f\r\nContent-Length: -5\r\n\r\nx",
        b"--f\r\nContent-Length: many\r\n\r\nx",
        b"--f\r\n" + b"X: y\r\n" * 100,
        b"--f\r\nX: " + b"y" * 10000,
        b"x" * 100_000,
    ],
    ids=["huge", "negative", "no number", "many headers", "long header", "no lines"],
)
def test_refuses_more_than_a_camera_would_send(stream: bytes) -> None:
    with pytest.raises(ValueError, match=r"too many|too long|a part of|invalid literal"):
        Parts(source(stream)).next_body()


def test_gives_up_on_an_endless_part() -> None:
    begun = False

    def receive(most: int) -> bytes:
        nonlocal begun
        first, begun = not begun, True
        return b"--f\r\n\r\n" if first else bytes(most)

    with pytest.raises(ValueError, match="too long"):
        Parts(receive).next_body()
