from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edged.domain.errors import Refused
from edged.domain.frame import Image
from edged.measure.hostile_jpeg import scan_bomb
from edged.vision.photo import decode_halved, decode_photo, decode_within, read_photo, the_one_face
from edged.vision.sight import Sight

FORMATS = (".jpg", ".png", ".webp", ".bmp")
SMALL = np.asarray(
    cv2.GaussianBlur(np.random.default_rng(1).integers(0, 256, (30, 40, 3), np.uint8), (0, 0), 3), np.uint8
)


def _encoded(image: Image, suffix: str) -> bytes:
    return cv2.imencode(suffix, image)[1].tobytes()


FILES = {suffix: _encoded(SMALL, suffix) for suffix in FORMATS}


def _png(width: int, height: int) -> bytes:
    """A PNG that promises this size, with some black rows."""
    rows = zlib.compress(bytes(10_000_000))
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)), (b"IDAT", rows), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def _with_orientation(jpeg: bytes, orientation: int) -> bytes:
    """The JPEG with an EXIF segment of one entry: tag 0x0112, type SHORT."""
    tiff = b"MM\x00*\x00\x00\x00\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)
    exif = b"Exif\x00\x00" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


@pytest.mark.parametrize("suffix", FORMATS)
def test_each_format_gives_its_pixels(suffix: str) -> None:
    image = decode_photo(FILES[suffix])
    assert image.shape == SMALL.shape
    assert image.dtype == np.uint8
    assert np.abs(image.astype(int) - SMALL).mean() < 6


@pytest.mark.parametrize(
    ("orientation", "turned"),
    [
        (1, lambda image: image),
        (3, lambda image: image[::-1, ::-1]),
        (6, lambda image: cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE)),
        (8, lambda image: cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE)),
    ],
)
def test_a_jpeg_is_turned_as_its_exif_says(orientation: int, turned: object) -> None:
    assert callable(turned)
    image = decode_photo(_with_orientation(FILES[".jpg"], orientation))
    plain = decode_photo(FILES[".jpg"])
    assert (image == turned(plain)).all()


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("size", [(40, 30), (41, 30), (30, 41), (31, 41)])
def test_a_large_photograph_is_halved_and_its_size_is_the_files_as_it_is_seen(
    size: tuple[int, int], orientation: int
) -> None:
    photo = _with_orientation(_encoded(np.zeros((size[1], size[0], 3), np.uint8), ".jpg"), orientation)
    seen = size if orientation < 5 else size[::-1]
    whole, halved = decode_within(photo, size[0] * size[1]), decode_within(photo, size[0] * size[1] - 1)
    assert (whole.width, whole.height, whole.scale) == (*seen, 1)
    assert (halved.width, halved.height, halved.scale) == (*seen, 2)
    assert whole.image.shape[:2] == seen[::-1]
    assert all(2 * half - side in {0, 1} for half, side in zip(halved.image.shape[:2], seen[::-1], strict=True))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not_an_image"),
        (b"hello", "not_an_image"),
        (b"GIF89a" + bytes(50), "not_an_image"),
        (b"%PDF-1.7\n" + bytes(50), "not_an_image"),
        (FILES[".png"][:20], "damaged"),
        (FILES[".jpg"][:10], "damaged"),
        (FILES[".webp"][:20], "damaged"),
        (FILES[".bmp"][:20], "damaged"),
        (b"\xff\xd8\xff\xd9", "damaged"),
        (_png(0, 5), "damaged"),
        (_png(30_000, 30_000), "too_many_pixels"),
        (_png(2**31 - 1, 2**31 - 1), "too_many_pixels"),
        (FILES[".bmp"][:18] + struct.pack("<ii", 60_000, -60_000) + FILES[".bmp"][26:], "too_many_pixels"),
    ],
)
def test_what_is_no_good_picture_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        decode_photo(data)
    assert caught.value.reason == reason
    assert caught.value.remedy


def test_a_bomb_is_never_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = _png(40_000, 40_000)
    assert len(bomb) < 100_000

    _never_decode(monkeypatch)
    with pytest.raises(Refused, match="40000 × 40000"):
        decode_photo(bomb)


@pytest.mark.parametrize("length", [1000, 2**31 - 1, 2**32 - 1])
def test_a_png_with_a_part_that_is_longer_than_the_file_is_never_decoded(
    monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    """OpenCV makes room for what the part promises: 4 GB for a file of 200 bytes."""
    png = _encoded(np.zeros((4, 4, 3), np.uint8), ".png")
    bomb = png[:33] + struct.pack(">I", length) + b"tEXt" + png[33:]
    _never_decode(monkeypatch)
    for decode in (decode_photo, decode_halved):
        with pytest.raises(Refused) as caught:
            decode(bomb)
        assert caught.value.reason == "damaged"


def test_a_jpeg_in_thousands_of_scans_is_never_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each makes the decoder go over all pixels once more: 149 kB of them took 7 s."""
    bomb = scan_bomb(2000, 64)
    assert decode_photo(scan_bomb(20, 64)).shape == (64, 64, 3)
    _never_decode(monkeypatch)
    for hidden in (bomb, bomb[:-2], bomb[:2] + b"\xff\x01" + bomb[2:], bomb[:2] + b"\xff" * 9 + bomb[2:]):
        with pytest.raises(Refused) as caught:
            decode_photo(hidden)
        assert caught.value.reason == "damaged"


def _never_decode(monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(*_: object) -> None:
        raise AssertionError("the decoder was called")

    monkeypatch.setattr(cv2, "imdecode", decode)


def test_a_second_larger_picture_in_the_file_does_not_slip_through() -> None:
    small, large = FILES[".jpg"], _encoded(np.zeros((600, 800, 3), np.uint8), ".jpg")
    start = small.index(b"\xff\xc0")
    header = small[start : start + 2 + struct.unpack_from(">H", small, start + 2)[0]]
    for hidden in (large[:2] + header + large[2:], large[:2] + b"\xff\x01" + header + large[2:]):
        with pytest.raises(Refused):
            decode_photo(hidden, max_pixels=SMALL.shape[0] * SMALL.shape[1])


def test_limits_are_inclusive_and_can_be_set() -> None:
    data = FILES[".png"]
    assert decode_photo(data, max_bytes=len(data), max_pixels=1200).shape == SMALL.shape
    with pytest.raises(Refused) as bytes_over:
        decode_photo(data, max_bytes=len(data) - 1)
    with pytest.raises(Refused) as pixels_over:
        decode_photo(data, max_pixels=1199)
    assert (bytes_over.value.reason, pixels_over.value.reason) == ("too_large", "too_many_pixels")


@settings(max_examples=150, deadline=None)
@given(
    suffix=st.sampled_from(FORMATS),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=12),
    keep=st.floats(0.05, 1),
)
def test_mutated_files_give_a_picture_within_the_limit_or_are_refused(
    suffix: str, changes: list[tuple[float, int]], keep: float
) -> None:
    data = bytearray(FILES[suffix])
    for place, value in changes:
        data[int(place * (len(data) - 1))] = value
    try:
        image = decode_photo(bytes(data[: int(len(data) * keep)]), max_pixels=20_000)
    except Refused:
        return
    assert image.dtype == np.uint8
    assert image.shape[0] * image.shape[1] <= 20_000


@given(
    st.binary(max_size=200), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"BM"])
)
def test_noise_is_refused(noise: bytes, head: bytes) -> None:
    with pytest.raises(Refused):
        decode_photo(head + noise, max_pixels=1)


def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"nobody\.jpg") as caught:
        read_photo(tmp_path / "nobody.jpg")
    assert caught.value.reason == "unreadable"


def test_a_file_is_read_no_further_than_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(FILES[".png"])
    assert read_photo(path).shape == SMALL.shape
    with pytest.raises(Refused) as caught:
        read_photo(path, max_bytes=100)
    assert caught.value.reason == "too_large"


def test_one_face_where_one_is_asked(sight: Sight, astronaut: Image) -> None:
    (face,) = sight.detect(astronaut)
    assert the_one_face(sight, astronaut).box == face.box
    with pytest.raises(Refused) as none:
        the_one_face(sight, np.zeros((300, 300, 3), np.uint8))
    assert none.value.reason == "no_face"
    head = astronaut[20:240, 110:330]
    half = cv2.copyMakeBorder(cv2.resize(head, (110, 110)), 0, 110, 0, 0, cv2.BORDER_CONSTANT)
    two = np.hstack([half, head])
    with pytest.raises(Refused, match="2 faces") as several:
        the_one_face(sight, two)
    assert several.value.reason == "several_faces"
    assert the_one_face(sight, two, largest=True).box.x1 > 110
