"""Photographs that somebody sent: untrusted bytes to pixels, and the one face that was asked for."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import cv2
import numpy as np

from edged.domain.errors import Refused
from edged.domain.face import Face
from edged.domain.frame import Image
from edged.vision.sight import Sight

MAX_BYTES: Final = 32 * 1024 * 1024
MAX_PIXELS: Final = 50_000_000
MAX_ALBUM_PIXELS: Final = 50_400_000
"""What cameras and phones take today: 8192 × 6144 at most, but for a few."""
MAX_WHOLE_PIXELS: Final = 26_000_000
"""6240 × 4160; photographs with more pixels can spare every second one."""

_JPEG: Final = b"\xff\xd8\xff"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_SCAN: Final = 0xDA
_JPEG_ALONE: Final = frozenset({0x01, *range(0xD0, 0xDA)})
"""Markers without a length; the decoder skips them, so that nothing may hide behind them."""
_JPEG_NEXT: Final = re.compile(rb"\xff[^\x00\x01\xff\xd0-\xd8]", re.DOTALL)
"""The next marker with a length, or the end: where the decoder expects one and there is none, it looks further."""
_JPEG_END: Final = 0xD9
_MOST_SCANS: Final = 64
_MOST_SEGMENTS: Final = 4096
"""Encoders write 10 scans, cameras some hundred segments at most. A scan of 25 megapixels takes 5 ms and 40 bytes."""


class PhotoSize(NamedTuple):
    """What a file's header says of the picture, in pixels as they are stored: before EXIF turns it."""

    width: int
    height: int

    @property
    def pixels(self) -> int:
        return self.width * self.height


class Decoded(NamedTuple):
    """A photograph's pixels, turned the way its EXIF orientation says.

    Attributes:
        image: BGR, a new one.
        width, height: of the photograph as it is seen.
        scale: pixels of the photograph for one of `image`: 1 or 2.
    """

    image: Image
    width: int
    height: int
    scale: int


def read_size(data: bytes, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS) -> PhotoSize:
    """How large a photograph will be, before anything is decoded: a PNG of 389 kB can ask for 2.4 GB.

    Raises:
        Refused: as `decode_photo`; `damaged` only where the header itself is.
    """
    if len(data) > max_bytes:
        raise Refused("too_large", f"the picture has {len(data):,} bytes", f"Send at most {max_bytes:,}.")
    size = _size(data)
    if size.pixels > max_pixels:
        raise Refused(
            "too_many_pixels",
            f"the picture has {size.width} × {size.height} pixels",
            f"Send at most {max_pixels:,}.",
        )
    return size


def decode_photo(data: bytes, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS) -> Image:
    """A JPEG, PNG, WebP or BMP file as pixels, turned the way its EXIF orientation says.

    Returns:
        A new BGR image.

    Raises:
        Refused: with the reason `too_large` (bytes), `not_an_image` (none of these formats), `too_many_pixels`, or
            `damaged`.
    """
    size = read_size(data, max_bytes=max_bytes, max_pixels=max_pixels)
    image = _decoded(data, cv2.IMREAD_COLOR)
    # A header that promises less than the decoder finds is a trick or a defect; either way it is not to be trusted.
    if image.shape[0] * image.shape[1] != size.pixels:
        raise _damaged()
    return image


def decode_halved(data: bytes, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS) -> Image:
    """`decode_photo` at half the width and half the height, rounded up or down.

    Decoding takes six bytes a pixel, since OpenCV hands over a copy. This takes one and a half for a JPEG, and four and
    a half for another file.
    """
    size = read_size(data, max_bytes=max_bytes, max_pixels=max_pixels)
    image = _decoded(data, cv2.IMREAD_REDUCED_COLOR_2)
    found, promised = sorted(image.shape[:2]), sorted(size)
    if any(not side - 1 <= 2 * half <= side + 1 for half, side in zip(found, promised, strict=True)):
        raise _damaged()
    return image


def decode_within(data: bytes, most_whole: int, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS) -> Decoded:
    """`decode_photo` for a photograph of at most so many pixels, `decode_halved` for a larger one; raises as these."""
    size = read_size(data, max_bytes=max_bytes, max_pixels=max_pixels)
    if size.pixels <= most_whole:
        image = decode_photo(data, max_bytes=max_bytes, max_pixels=max_pixels)
        return Decoded(image, image.shape[1], image.shape[0], 1)
    image = decode_halved(data, max_bytes=max_bytes, max_pixels=max_pixels)
    turned = (image.shape[0] > image.shape[1]) != (size.height > size.width)
    width, height = (size.height, size.width) if turned else size
    return Decoded(image, width, height, 2)


def read_photo(path: Path, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS) -> Image:
    """`decode_photo` for a file.

    Raises:
        Refused: as `decode_photo`, and with the reason `unreadable` where the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise Refused("unreadable", f"{path} cannot be read: {error.strerror}") from error
    return decode_photo(data, max_bytes=max_bytes, max_pixels=max_pixels)


def the_one_face(sight: Sight, image: Image, *, largest: bool = False) -> Face:
    """The face of a photograph that shows one person.

    Args:
        sight: looks for faces.
        image: BGR.
        largest: where several faces are found, take the largest one instead of refusing.

    Raises:
        Refused: with the reason `no_face` or `several_faces`.
    """
    faces = sight.detect(image)
    if not faces:
        raise Refused("no_face", "no face was found in the picture", "Use a picture in which the face is clearly seen.")
    if len(faces) > 1 and not largest:
        raise Refused(
            "several_faces",
            f"{len(faces)} faces were found in the picture, one is wanted",
            "Cut the picture to one person, or ask for the largest face.",
        )
    return max(faces, key=lambda face: face.box.area)


def _decoded(data: bytes, flags: int) -> Image:
    if data.startswith(_PNG):
        _check_chunks(data)
    elif data.startswith(_JPEG):
        _check_scans(data)
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise _damaged() from error
    if image is None:
        raise _damaged()
    return np.asarray(image, np.uint8)


def _size(data: bytes) -> PhotoSize:
    """What the header says of the picture's size."""
    try:
        if data.startswith(_JPEG):
            size = _jpeg_size(data)
        elif data.startswith(_PNG):
            size = _png_size(data)
        elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            size = _webp_size(data)
        elif data.startswith(b"BM"):
            size = _bmp_size(data)
        else:
            raise Refused("not_an_image", "this is not a picture in a known format", "Send JPEG, PNG, WebP or BMP.")
    except (struct.error, IndexError) as error:
        raise _damaged() from error
    if size.width <= 0 or size.height <= 0:
        raise _damaged()
    return size


def _png_size(data: bytes) -> PhotoSize:
    """PNG specification, 11.2.2: the IHDR chunk comes first."""
    return PhotoSize(*struct.unpack_from(">II", data, 16))


def _bmp_size(data: bytes) -> PhotoSize:
    """BITMAPCOREHEADER, else BITMAPINFOHEADER or a successor, where a negative height means rows from the top."""
    (header_size,) = struct.unpack_from("<I", data, 14)
    width, height = struct.unpack_from("<HH" if header_size == 12 else "<ii", data, 18)
    return PhotoSize(width, abs(height))


def _webp_size(data: bytes) -> PhotoSize:
    """RFC 9649, sections 2.5 to 2.7: simple (lossy), lossless and extended files."""
    kind = data[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        return PhotoSize(width, int.from_bytes(data[27:30], "little") + 1)
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return PhotoSize((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    width, height = struct.unpack_from("<HH", data, 26)
    return PhotoSize(width & 0x3FFF, height & 0x3FFF)


def _jpeg_size(data: bytes) -> PhotoSize:
    """ITU-T T.81, B.2.2: the largest of the frame headers."""
    sizes = [
        PhotoSize(*reversed(struct.unpack_from(">HH", data, place + 5)))
        for marker, place in _jpeg_segments(data)
        if marker in _JPEG_FRAMES
    ]
    if not sizes:
        raise _damaged()
    return max(sizes, key=lambda size: size.pixels)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Marker and place of each segment before the first scan."""
    place = 2
    while place < len(data):
        if data[place] != 0xFF:
            raise _damaged()
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
        elif marker in _JPEG_ALONE:
            place += 2
        else:
            yield marker, place
            place += 2 + int(struct.unpack_from(">H", data, place + 2)[0])
        if marker == _JPEG_SCAN:
            return


def _check_chunks(data: bytes) -> None:
    """Raises Refused where a chunk of a PNG is longer than the file: the decoder makes room for what it promises."""
    place = len(_PNG)
    while place + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        place += 12 + int(length)
        if place > len(data):
            raise _damaged()
        if kind == b"IEND":
            return


def _check_scans(data: bytes) -> None:
    """Raises Refused where a JPEG comes in so many scans that decoding it takes far more time than its size says."""
    place = scans = 0
    for _ in range(_MOST_SEGMENTS):
        found = _JPEG_NEXT.search(data, place)
        if found is None or found[0][1] == _JPEG_END:
            return
        scans += found[0][1] == _JPEG_SCAN
        if scans > _MOST_SCANS:
            break
        place = found.end() + max(2, int.from_bytes(data[found.end() : found.end() + 2], "big"))
    raise _damaged()


def _damaged() -> Refused:
    return Refused("damaged", "the picture is damaged", "Save it anew, as JPEG or PNG.")
