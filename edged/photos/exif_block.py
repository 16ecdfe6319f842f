"""Whether the block of EXIF in a photograph is built so that nobody who reads it is led astray.

The guests' phones read it, and so does the decoder, for the orientation. Checked are the tables that they follow: the
first one, the camera's and the position's. What makers put into a table of their own (MakerNote) is theirs: its offsets
are wrong in every photograph that was ever edited. The thumbnail's table is often broken in the same way, and is only
kept from leading round in a circle.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

from edged.photos.fault import exif_damaged

EXIF: Final = b"Exif\0\0"
"""What goes before a block in a JPEG, and in some WebP files."""
_ORDERS: Final = {b"II*\0": "<", b"MM\0*": ">"}
_HEADER: Final = 8
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 129: 1}
"""Bytes of one value of each type (TIFF 6.0, section 2; Exif 3.0, 4.6.2); readers skip other types."""
_TABLES: Final = frozenset({0x8769, 0x8825})
"""Entries that lead to the camera's table and to the position's (Exif 3.0, 4.6.3)."""
_BLOBS: Final = frozenset({0x927C, 0xC4A5})
"""MakerNote and PrintIM: whole files of their makers, which editing programs cut off or leave where they were not."""
_MOST_ENTRIES: Final = 512
"""A camera writes about 60 into its largest table."""
_LONGEST_CHAIN: Final = 16


def joined(pieces: Sequence[bytes]) -> list[bytes]:
    """The blocks that a JPEG's pieces make, of 64 kB at most: one without a header goes on where the last one ended."""
    blocks: list[bytes] = []
    for piece in pieces:
        if blocks and piece[:4] not in _ORDERS:
            blocks[-1] += piece
        else:
            blocks.append(piece)
    return blocks


def check_exif(block: bytes) -> None:
    """Raises Refused, `exif_damaged`, where the tables cannot be followed, or a value of theirs is not in the block.

    Args:
        block: as a TIFF file, with or without what goes before it in a JPEG; an empty one is none.
    """
    block = block.removeprefix(EXIF)
    if not block:
        return
    order = _ORDERS.get(block[:4])
    if order is None or len(block) < _HEADER:
        raise exif_damaged("it has no header")
    (first,) = struct.unpack_from(f"{order}I", block, 4)
    seen = {first}
    for place in _checked(block, order, first):
        if place in seen:
            raise exif_damaged("its tables lead round in a circle")
        seen.add(place)
        if any(below in seen for below in _checked(block, order, place)):
            raise exif_damaged("its tables lead round in a circle")
    _check_chain(block, order, first, seen)


def _checked(block: bytes, order: str, place: int) -> list[int]:
    """The places of further tables that this one leads to."""
    count = _count(block, order, place)
    if count is None:
        raise exif_damaged("a table of it lies outside")
    if count > _MOST_ENTRIES:
        raise exif_damaged(f"a table of it has {count} entries")
    further = []
    for at in range(count):
        tag, kind, values, value = struct.unpack_from(f"{order}HHII", block, place + 2 + 12 * at)
        if tag in _TABLES:
            further.append(value)
        size = _SIZES.get(kind, 0) * values
        if size > 4 and tag not in _BLOBS and value + size > len(block):
            raise exif_damaged(f"the value of its entry {tag:#06x} lies outside")
    return further


def _check_chain(block: bytes, order: str, place: int, seen: set[int]) -> None:
    """Of the table after the first one, the thumbnail's, and what may come after that."""
    for _ in range(_LONGEST_CHAIN):
        count = _count(block, order, place)
        if count is None or place + 2 + 12 * count + 4 > len(block):
            return
        (place,) = struct.unpack_from(f"{order}I", block, place + 2 + 12 * count)
        if place == 0:
            return
        if place in seen:
            break
        seen.add(place)
    raise exif_damaged("its tables lead round in a circle")


def _count(block: bytes, order: str, place: int) -> int | None:
    """How many entries a table has; None where it does not lie in the block."""
    if not _HEADER <= place <= len(block) - 2:
        return None
    (count,) = struct.unpack_from(f"{order}H", block, place)
    return int(count) if place + 2 + 12 * count <= len(block) else None
