from __future__ import annotations

import random
import struct
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edged.photos.exif import time_taken
from tests.api.painted import paint, portrait

NOON = datetime(2024, 5, 4, 12, 0, 0, tzinfo=UTC).timestamp()


def exif(taken: bytes = b"2024:05:04 12:00:00\0", zone: bytes = b"", order: str = "<") -> bytes:
    """A block with the two texts in the camera's own part."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    first = struct.pack(f"{order}HHHIII", 1, 0x8769, 4, 1, 26, 0)
    entries = [(0x9003, taken)] + ([(0x9011, zone)] if zone else [])
    place = 26 + 2 + 12 * len(entries) + 4
    camera, texts = struct.pack(f"{order}H", len(entries)), b""
    for tag, text in entries:
        camera += struct.pack(f"{order}HHII", tag, 2, len(text), place + len(texts))
        texts += text
    return head + first + camera + bytes(4) + texts


def jpeg(block: bytes) -> bytes:
    """A real photograph with this block after a comment."""
    real = paint(suffix=".jpg")
    comment, inside = b"\xff\xfe\0\x06abcd", b"Exif\0\0" + block
    return real[:2] + comment + b"\xff\xe1" + struct.pack(">H", 2 + len(inside)) + inside + real[2:]


def png(block: bytes) -> bytes:
    real = portrait(1)
    return real[:33] + struct.pack(">I", len(block)) + b"eXIf" + block + bytes(4) + real[33:]


def webp(block: bytes) -> bytes:
    real = paint(suffix=".webp")
    return real + b"EXIF" + struct.pack("<I", len(block)) + block


@pytest.mark.parametrize("wrapped", [jpeg, png, webp])
@pytest.mark.parametrize("order", ["<", ">"])
def test_the_time_is_read_from_every_format(wrapped: object, order: str) -> None:
    assert callable(wrapped)
    assert time_taken(wrapped(exif(order=order))) == NOON


@pytest.mark.parametrize(("zone", "hours"), [(b"+02:00\0", -2), (b"-05:30\0", 5.5), (b"?\0", 0), (b"   :  \0", 0)])
def test_a_zone_counts_where_there_is_one(zone: bytes, hours: float) -> None:
    assert time_taken(jpeg(exif(zone=zone))) == NOON + hours * 3600


@pytest.mark.parametrize(
    "photo",
    [
        b"",
        b"\xff\xd8\xff",
        b"GIF89a",
        paint(suffix=".jpg"),
        paint(suffix=".webp"),
        portrait(1),
        jpeg(b""),
        jpeg(b"II*\0"),
        jpeg(b"II*\0\xff\xff\xff\xff"),
        jpeg(exif(b"0000:00:00 00:00:00\0")),
        jpeg(exif(b"    :  :     :  :  \0")),
        jpeg(exif(b"2024:13:45 12:00:00\0")),
        jpeg(exif(b"2024:05:04 12:00\0")),
        jpeg(exif(b"")),
    ],
)
def test_a_file_that_does_not_say_has_no_time(photo: bytes) -> None:
    assert time_taken(photo) is None


@given(st.integers(0, 2**32), st.sampled_from([jpeg, png, webp]))
def test_no_damage_makes_it_fail(seed: int, wrapped: object) -> None:
    assert callable(wrapped)
    chance = random.Random(seed)
    block = bytearray(exif(zone=b"+02:00\0"))
    for _ in range(chance.randrange(1, 8)):
        block[chance.randrange(len(block))] = chance.randrange(256)
    photo = wrapped(bytes(block))
    for whole in (photo, photo[: chance.randrange(len(photo))]):
        taken = time_taken(whole)
        assert taken is None or isinstance(taken, float)
