"""JPEG files that are no photographs, made of a good one."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from edged.measure.photo_file import SOI, jpeg_of, jpeg_parts, segment
from edged.measure.upload import Upload

_UNSEEN: Final = {
    "lossless": 0xC3,
    "hierarchical": 0xC5,
    "hierarchical, progressive": 0xC6,
    "hierarchical, lossless": 0xC7,
    "arithmetic": 0xC9,
    "arithmetic, progressive": 0xCA,
    "arithmetic, lossless": 0xCB,
    "arithmetic, hierarchical": 0xCD,
    "arithmetic, hierarchical, progressive": 0xCE,
    "arithmetic, hierarchical, lossless": 0xCF,
}
"""Kinds of frame that browsers do not show (ITU-T T.81, table B.1)."""


def hostile_jpegs(kind: str, jpeg: bytes) -> Iterator[Upload]:
    """Of one that is baseline or progressive, as `kind` says."""
    for name, content, reason in (*_broken(jpeg), *_unseen(jpeg), *_promising(jpeg)):
        family = {"unsupported": "unusual JPEG", "damaged": "broken JPEG", "truncated": "broken JPEG"}.get(
            reason, "bomb"
        )
        yield Upload(family, f"{kind} JPEG, {name}", content, reason)


def scan_bomb(scans: int, side: int) -> bytes:
    """A grey progressive JPEG of one colour: each scan says of all its blocks that there is nothing in them.

    Args:
        scans: how many of these there are.
        side: pixels.
    """
    blocks = (-(-side // 8)) ** 2
    frame = segment(0xC2, struct.pack(">BHHBBBB", 8, side, side, 1, 1, 0x11, 0))
    codes = segment(0xC4, b"\0\1" + bytes(15) + b"\0") + segment(0xC4, b"\x10\1" + bytes(15) + b"\xe0")
    first = segment(0xDA, bytes([1, 1, 0, 0, 0, 0])) + bytes(-(-blocks // 8))
    # Code 0 and 14 more bits: a run of 16,384 blocks and more, of which these make as few as can be.
    run = segment(0xDA, bytes([1, 1, 0, 1, 63, 0])) + bytes(-(-15 * -(-blocks // 16_384) // 8))
    return jpeg_of([segment(0xDB, b"\0" + b"\1" * 64), frame, codes, first, *[run] * scans])


def _broken(jpeg: bytes) -> Iterator[tuple[str, bytes, str]]:
    parts = jpeg_parts(jpeg)
    at = next(number for number, part in enumerate(parts) if part[1] in {0xC0, 0xC2})
    before, frame, after = parts[:at], parts[at], parts[at + 1 :]
    scan = next(number for number, part in enumerate(after) if part[1] == 0xDA)

    def framed(changed: bytes) -> bytes:
        return jpeg_of([*before, changed, *after])

    yield "a part without a length", jpeg_of([b"\xff\xfe\0\0", *parts]), "damaged"
    yield "a part of one byte", jpeg_of([b"\xff\xfe\0\1", *parts]), "damaged"
    yield "bytes between its parts", jpeg_of([parts[0], b"hello", *parts[1:]]), "damaged"
    yield "a stuffed byte between its parts", jpeg_of([parts[0], b"\xff\0", *parts[1:]]), "damaged"
    yield "a restart mark before its scan", jpeg_of([parts[0], b"\xff\xd0", *parts[1:]]), "damaged"
    yield "a mark without a length", jpeg_of([b"\xff\1", *parts]), "damaged"
    yield "a second beginning", jpeg_of([parts[0], SOI, *parts[1:]]), "damaged"
    yield "a whole one within", jpeg_of([parts[0], jpeg, *parts[1:]]), "damaged"
    yield "no frame", jpeg_of([*before, *after]), "damaged"
    yield "two frames", jpeg_of([*before, frame, frame, *after]), "damaged"
    yield "its frame last", jpeg_of([*before, *after, frame]), "damaged"
    yield "no scan", jpeg_of([*before, frame, *after[:scan]]), "damaged"
    yield "its first scan missing", jpeg_of([*before, frame, *after[:scan], *after[scan + 1 :]]), "damaged"
    yield "nothing but beginning and end", jpeg_of([]), "damaged"
    yield "no width", framed(frame[:7] + b"\0\0" + frame[9:]), "damaged"
    yield "no height", framed(frame[:5] + b"\0\0" + frame[7:]), "damaged"
    yield "a frame that is cut off", framed(segment(frame[1], frame[4:12])), "damaged"
    yield "components of one name", framed(frame[:13] + frame[10:11] + frame[14:]), "damaged"
    yield "a component without samples", framed(frame[:11] + b"\0" + frame[12:]), "damaged"
    yield "a scan of what is not there", jpeg_of([*parts[:at], frame[:10] + b"\x77" + frame[11:], *after]), "damaged"
    yield "codes that are cut off", jpeg_of([segment(0xC4, b"\0" + b"\xff" * 16 + b"\0"), *parts]), "damaged"
    yield (
        "a part that is longer than the file",
        jpeg_of([b"\xff\xe1\xff\xff" + b"Exif\0\0", *parts])[:60_000],
        "truncated",
    )
    yield "nothing but marks", SOI + b"\xff" * 5000, "truncated"
    yield "its head alone", jpeg[:20], "truncated"
    yield "no end", jpeg[:-2], "truncated"


def _unseen(jpeg: bytes) -> Iterator[tuple[str, bytes, str]]:
    parts = jpeg_parts(jpeg)
    at = next(number for number, part in enumerate(parts) if part[1] in {0xC0, 0xC2})
    frame = parts[at]
    changed = {name: b"\xff" + bytes([marker]) + frame[2:] for name, marker in _UNSEEN.items()}
    changed["of 12 bits"] = frame[:4] + b"\x0c" + frame[5:]
    changed["of two components"] = segment(frame[1], frame[4:9] + b"\2" + frame[10:16])
    for name, other in changed.items():
        yield name, jpeg_of([*parts[:at], other, *parts[at + 1 :]]), "unsupported"
    yield "a height that comes later", jpeg_of([*parts, segment(0xDC, b"\1\0")]), "unsupported"


def _promising(jpeg: bytes) -> Iterator[tuple[str, bytes, str]]:
    parts = jpeg_parts(jpeg)
    at = next(number for number, part in enumerate(parts) if part[1] in {0xC0, 0xC2})
    frame = parts[at]

    def sized(width: int, height: int) -> bytes:
        changed = frame[:5] + struct.pack(">HH", height, width) + frame[9:]
        return jpeg_of([*parts[:at], changed, *parts[at + 1 :]])

    yield "4 gigapixels promised", sized(65_535, 65_535), "too_many_pixels"
    yield "60 megapixels promised", sized(60_000, 1000), "too_many_pixels"
    yield "as wide as can be", sized(65_535, 700), "bomb"
    yield "49 megapixels promised", sized(7000, 7000), "bomb"
    yield "3,000 comments", jpeg_of([*[segment(0xFE, b"")] * 3000, *parts]), "bomb"


def scan_bombs() -> Iterator[Upload]:
    """Progressive JPEGs that make a decoder go over their pixels again and again."""
    for scans, side in ((64, 800), (65, 64), (200, 3000), (1000, 4800), (2000, 4800)):
        yield Upload("bomb", f"{scans} empty scans of {side} × {side} pixels", scan_bomb(scans, side), "bomb")
