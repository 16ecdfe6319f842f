"""WebP files that are no photographs, made of a good one."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from edged.measure.photo_file import extended, webp_of, webp_parts
from edged.measure.upload import Upload


def hostile_webps(kind: str, webp: bytes, size: tuple[int, int]) -> Iterator[Upload]:
    """Of a simple one, lossy or lossless as `kind` says.

    Args:
        size: width and height.
    """
    families = {"broken WebP": _broken(webp, size), "animation": _moving(webp, size), "bomb": _promising(webp, size)}
    for family, files in families.items():
        for name, content, reason in files:
            yield Upload(family, f"{kind} WebP, {name}", content, reason)


def _broken(webp: bytes, size: tuple[int, int]) -> Iterator[tuple[str, bytes, str]]:
    ((kind, body),) = webp_parts(webp)
    other = b"VP8L" if kind == b"VP8 " else b"VP8 "
    canvas = webp_parts(extended(webp, size))[0]
    yield "its head alone", webp[:12], "truncated"
    yield "4 GB by its head", webp[:4] + b"\xfe\xff\xff\xff" + webp[8:], "truncated"
    yield "a byte longer by its head", webp[:4] + struct.pack("<I", len(webp) - 7) + webp[8:], "truncated"
    yield "shorter by its head", webp[:4] + struct.pack("<I", len(webp) // 2) + webp[8:], "damaged"
    yield "nothing by its head", webp[:4] + bytes(4) + webp[8:], "damaged"
    yield "a part that is longer than the whole", webp[:16] + b"\xff\xff\xff\x7f" + webp[20:], "damaged"
    yield "no parts", webp_of([]), "damaged"
    yield "a part that nobody knows", webp_of([(kind, body), (b"edge", b"d")]), "damaged"
    yield "the other kind by its name", webp_of([(other, body)]), "damaged"
    yield "no beginning of its picture", webp_of([(kind, b"\0" * 10 + body[10:])]), "damaged"
    yield "an empty picture", webp_of([(kind, b"")]), "damaged"
    yield "the beginning of a picture", webp_of([(kind, body[:4])]), "damaged"
    yield "two pictures", webp_of([canvas, (kind, body), (kind, body)]), "damaged"
    yield "no picture", webp_of([canvas, (b"XMP ", b"<x/>")]), "damaged"
    yield "its header last", webp_of([(kind, body), canvas]), "damaged"
    yield "two headers", webp_of([canvas, canvas, (kind, body)]), "damaged"
    yield "a header that is too short", webp_of([(b"VP8X", canvas[1][:6]), (kind, body)]), "damaged"
    yield "what belongs to it before it", webp_of([(b"EXIF", b""), (kind, body)]), "damaged"
    yield "100 descriptions", webp_of([canvas, (kind, body), *[(b"XMP ", b"<x/>")] * 100]), "damaged"
    if kind == b"VP8 ":
        yield "no key frame", webp_of([(kind, bytes([body[0] | 1]) + body[1:])]), "damaged"
        longer = int.from_bytes(body[:3], "little") & 0x1F | len(body) << 5
        yield "a first part beyond its end", webp_of([(kind, longer.to_bytes(3, "little") + body[3:])]), "damaged"
    else:
        yield "another version", webp_of([(kind, body[:4] + bytes([body[4] | 0x20]) + body[5:])]), "damaged"


def _moving(webp: bytes, size: tuple[int, int]) -> Iterator[tuple[str, bytes, str]]:
    place = bytes(6) + b"".join((side - 1).to_bytes(3, "little") for side in size) + b"\x64\0\0\0"
    frame = (b"ANMF", place + webp[12:])
    motion = (b"ANIM", bytes(6))
    head = webp_parts(extended(webp, size, flags=2))[0]
    yield "moving", webp_of([head, motion, frame, frame]), "animated"
    yield "moving by its header only", extended(webp, size, flags=2), "animated"
    yield "moving by its parts only", extended(webp, size, motion, frame), "animated"


def _promising(webp: bytes, size: tuple[int, int]) -> Iterator[tuple[str, bytes, str]]:
    ((kind, body),) = webp_parts(webp)
    width, height = size
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little") | 0x0FFFFFFF
        largest = (kind, body[:1] + bits.to_bytes(4, "little") + body[5:])
    else:
        largest = (kind, body[:6] + b"\xff\x3f\xff\x3f" + body[10:])
    yield "268 megapixels promised", webp_of([largest]), "too_many_pixels"
    yield (
        "a small header and a large picture",
        webp_of([webp_parts(extended(webp, size))[0], largest]),
        "too_many_pixels",
    )
    yield "281 gigapixels by its header", extended(webp, (2**24, 2**24)), "damaged"
    yield "a header of one pixel", extended(webp, (1, 1)), "damaged"
    yield "a header with its sides swapped", extended(webp, (height, width + 1)), "damaged"
