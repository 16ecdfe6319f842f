"""Photographs' files in their parts: to take apart, to alter and to put together again, sums and lengths included."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import Final

import cv2
import numpy as np

from edged.domain.frame import Image

SOI: Final = b"\xff\xd8"
EOI: Final = b"\xff\xd9"
PNG: Final = b"\x89PNG\r\n\x1a\n"
_PASSES: Final = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Of an interlaced PNG: first column and row, steps to the next (third edition, 8.1)."""
_MARKER: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)


def encoded(image: Image, suffix: str, *flags: int) -> bytes:
    """A picture, BGR or grey or BGRA, in a format that OpenCV writes."""
    return bytes(cv2.imencode(suffix, image, flags)[1])


def segment(marker: int, body: bytes) -> bytes:
    """A part of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def jpeg_parts(content: bytes) -> list[bytes]:
    """The parts of a JPEG between its beginning and its end; each scan with its data."""
    parts, place = [], 2
    while content[place : place + 2] != EOI:
        end = place + 2 + int(struct.unpack_from(">H", content, place + 2)[0])
        if content[place + 1] == 0xDA:
            found = _MARKER.search(content, end)
            assert found is not None  # noqa: S101  we wrote it
            end = found.start()
        parts.append(content[place:end])
        place = end
    return parts


def jpeg_of(parts: Iterable[bytes]) -> bytes:
    return SOI + b"".join(parts) + EOI


def with_segment(jpeg: bytes, marker: int, body: bytes) -> bytes:
    """With one more part, behind the first."""
    first, *rest = jpeg_parts(jpeg)
    return jpeg_of([first, segment(marker, body), *rest])


def png_parts(content: bytes) -> list[tuple[bytes, bytes]]:
    """Kind and body of each chunk."""
    parts, place = [], len(PNG)
    while place < len(content):
        length, kind = struct.unpack_from(">I4s", content, place)
        parts.append((kind, content[place + 8 : place + 8 + length]))
        place += 12 + length
    return parts


def png_of(parts: Iterable[tuple[bytes, bytes]]) -> bytes:
    return PNG + b"".join(chunk(*part) for part in parts)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunk(png: bytes, kind: bytes, body: bytes) -> bytes:
    """With one more chunk, behind the header."""
    head, *rest = png_parts(png)
    return png_of([head, (kind, body), *rest])


def header(width: int, height: int, depth: int, colour: int, *, interlaced: bool = False) -> tuple[bytes, bytes]:
    """The first chunk of a PNG."""
    return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)


def drawn_png(image: Image, *, depth: int = 8, palette: bool = False, interlaced: bool = False) -> bytes:
    """A PNG of a kind that OpenCV does not write.

    Args:
        image: BGR, or grey where there is a palette or fewer than 8 bits.
        depth: bits of a sample, for grey: 1, 2, 4 or 8.
        palette: grey values are numbers of colours.
        interlaced: in seven passes.
    """
    height, width = image.shape[:2]
    colour = 3 if palette else 2 if image.ndim == 3 else 0
    pixels = image[:, :, ::-1] if image.ndim == 3 else np.right_shift(image, np.uint8(8 - depth))
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    data = b"".join(_rows(pixels[top::down, left::across], depth) for left, top, across, down in passes)
    colours = bytes(value for number in range(2**depth) for value in (number, 255 - number, 128)) if palette else b""
    parts = [header(width, height, depth, colour, interlaced=interlaced), (b"PLTE", colours)]
    return png_of([part for part in parts if part[1]] + [(b"IDAT", zlib.compress(data)), (b"IEND", b"")])


def _rows(pixels: Image, depth: int) -> bytes:
    """Each with the number of its filter, none, before it."""
    if not pixels.size:
        return b""
    rows = pixels.reshape(pixels.shape[0], -1)
    if depth < 8:
        bits = np.unpackbits(rows[:, :, None], axis=2)[:, :, 8 - depth :]
        rows = np.packbits(bits.reshape(rows.shape[0], -1), axis=1)
    return np.insert(rows, 0, 0, axis=1).tobytes()


def webp_parts(content: bytes) -> list[tuple[bytes, bytes]]:
    """Kind and body of each chunk."""
    parts, place = [], 12
    while place < len(content):
        kind, length = struct.unpack_from("<4sI", content, place)
        parts.append((kind, content[place + 8 : place + 8 + length]))
        place += 8 + length + length % 2
    return parts


def webp_of(parts: Iterable[tuple[bytes, bytes]]) -> bytes:
    body = b"WEBP" + b"".join(
        kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2) for kind, content in parts
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def extended(webp: bytes, size: Sequence[int], *more: tuple[bytes, bytes], flags: int = 0) -> bytes:
    """An extended WebP of a simple one, with more chunks behind its picture.

    Args:
        size: width and height.
        flags: of the header.
    """
    canvas = bytes([flags, 0, 0, 0]) + b"".join((side - 1).to_bytes(3, "little") for side in size)
    return webp_of([(b"VP8X", canvas), *webp_parts(webp), *more])
