"""EXIF blocks: a camera's, and such as no camera writes."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Final

_TEXT, _SHORT, _LONG, _BLOB = 2, 3, 4, 7
_MAKER: Final = 0x927C
_CAMERA: Final = 0x8769
_POSITION: Final = 0x8825
_MODEL: Final = 0x0110
_ORIENTATION: Final = 0x0112
_TAKEN: Final = 0x9003
Entry = tuple[int, int, int, int]
"""Tag, type, count and value, or where the values are."""


def block(order: str, *tables: Sequence[Entry], after: Sequence[int] = (), tail: bytes = b"") -> bytes:
    """A block of EXIF.

    Args:
        order: `<` or `>`, of bytes.
        tables: entries of each; they stand one after the other, the first at 8.
        after: what each table says where the next of its chain is; 0 where there is nothing said.
        tail: what comes after the tables.
    """
    head = b"II*\0" if order == "<" else b"MM\0*"
    written = head + struct.pack(f"{order}I", 8)
    for number, entries in enumerate(tables):
        written += struct.pack(f"{order}H", len(entries))
        for tag, kind, count, value in entries:
            # A short value stands at the beginning of its four bytes.
            packed = f"{order}HHIHH" if kind == _SHORT else f"{order}HHII"
            written += struct.pack(packed, tag, kind, count, *((value, 0) if kind == _SHORT else (value,)))
        written += struct.pack(f"{order}I", after[number] if number < len(after) else 0)
    return written + tail


def camera_exif(order: str, *, maker: int | None = None) -> bytes:
    """As a camera writes it: a model, an orientation, the camera's table with a time and a maker's own data.

    Args:
        maker: where the maker's data are said to be; None: where they are.
    """
    first, second = 8 + 2 + 3 * 12 + 4, 8 + 2 + 3 * 12 + 4 + 2 + 2 * 12 + 4
    tail = b"edged camera\0\0\0\0" + b"2024:05:04 12:00:00\0" + b"of the maker's own"
    return block(
        order,
        [(_MODEL, _TEXT, 13, second), (_ORIENTATION, _SHORT, 1, 1), (_CAMERA, _LONG, 1, first)],
        [
            (_TAKEN, _TEXT, 20, second + 16),
            (_MAKER, _BLOB, 18, second + 36 if maker is None else maker),
        ],
        tail=tail,
    )


def junk_exif(order: str) -> Iterator[tuple[str, bytes]]:
    """What was done to it, and the block, of each kind of damage."""
    sound = camera_exif(order)
    far = 0x7FFFFFFF
    yield "no header", b"??*\0" + sound[4:]
    yield "a header that is cut off", sound[:6]
    yield "a header of another kind of file", sound[:2] + (b"\x2b\0" if order == "<" else b"\0\x2b") + sound[4:]
    yield "the first table far away", sound[:4] + struct.pack(f"{order}I", far) + sound[8:]
    yield "the first table in the header", sound[:4] + struct.pack(f"{order}I", 2) + sound[8:]
    yield "65,535 entries", sound[:8] + b"\xff\xff" + sound[10:]
    yield "600 entries, of which all are there", block(order, [(_ORIENTATION, _SHORT, 1, 1)] * 600)
    yield "cut off within the first table", sound[:30]
    yield "the camera's table far away", block(order, [(_CAMERA, _LONG, 1, far)])
    yield "the camera's table is the first one", block(order, [(_CAMERA, _LONG, 1, 8)])
    yield "two tables that are each other's", block(order, [(_CAMERA, _LONG, 1, 26)], [(_POSITION, _LONG, 1, 8)])
    yield "the position's table is the camera's", block(order, [(_CAMERA, _LONG, 1, 38), (_POSITION, _LONG, 1, 38)], [])
    yield "the next table is the same", block(order, [(_ORIENTATION, _SHORT, 1, 1)], after=[8])
    yield "a text far away", block(order, [(_MODEL, _TEXT, 20, far)])
    yield "a text that is longer than the block", block(order, [(_MODEL, _TEXT, 0xFFFFFFFF, 26)], tail=bytes(20))
    yield "a number of numbers beyond all bounds", block(order, [(_ORIENTATION, _LONG, 0x40000001, 26)], tail=bytes(8))
