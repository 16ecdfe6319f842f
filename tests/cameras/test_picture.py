"""JPEG and PNG, looked at before they are decoded."""

from __future__ import annotations

import struct
import zlib

import cv2
import numpy as np
import pytest

from edged.cameras.picture import decode, size
from edged.domain.errors import Refused
from tests.cameras.pictures import coloured, corners, quartered


def encoded(suffix: str, *flags: int) -> bytes:
    return bytes(cv2.imencode(suffix, quartered(70, 50), flags)[1])


def png_bomb(side: int) -> bytes:
    """A PNG of side × side white pixels, in a thousandth of their size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = zlib.compress(bytes(side // 8 + 1) * 100)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
        + chunk(b"IDAT", pixels)
    )


@pytest.mark.parametrize(
    "data",
    [encoded(".png"), encoded(".jpg"), encoded(".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)],
    ids=["png", "jpeg", "progressive"],
)
def test_tells_the_size_and_the_pixels(data: bytes) -> None:
    assert size(data) == (70, 50)
    assert corners(decode(data)) == ["blue", "green", "red", "white"]


def test_turns_a_photograph_as_its_orientation_says() -> None:
    """EXIF orientation 6: the camera was held with its right side up."""
    jpeg = encoded(".jpg")
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    turned = jpeg[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + jpeg[2:]
    image = decode(turned)
    assert image.shape == (70, 50, 3)
    assert corners(image) == ["red", "blue", "white", "green"]


def test_refuses_a_bomb_without_decoding_it() -> None:
    with pytest.raises(Refused, match="60000×60000") as refusal:
        decode(png_bomb(60000))
    assert refusal.value.reason == "too_many_pixels"


@pytest.mark.parametrize("whole", [encoded(".png"), encoded(".jpg")], ids=["png", "jpeg"])
def test_a_cut_off_header_is_no_picture_and_cut_off_pixels_are_damage(whole: bytes) -> None:
    reasons = []
    for length in range(0, len(whole), 29):
        try:
            assert decode(whole[:length]).shape == (50, 70, 3)
        except Refused as refusal:
            reasons.append(refusal.reason)
    assert set(reasons) == {"not_a_picture", "damaged"}


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8", b"GIF89a" + bytes(50), b"\xff\xd8" + b"\xff" * 1000, b"\xff\xd8\xff\xe0\0\0" * 9]
)
def test_refuses_what_is_no_picture(data: bytes) -> None:
    with pytest.raises(Refused, match="not a JPEG or PNG"):
        decode(data)


def test_refuses_a_png_whose_pixels_are_damaged() -> None:
    with pytest.raises(Refused) as refusal:
        decode(encoded(".png")[:40] + bytes(100))
    assert refusal.value.reason == "damaged"


def test_gives_three_channels_of_a_grey_picture() -> None:
    grey = np.asarray(cv2.imencode(".png", coloured((9, 9, 9))[:, :, 0])[1]).tobytes()
    assert decode(grey).shape == (48, 64, 3)
