"""Where the picture in a JPEG file ends, and whether it is built as a decoder expects (ITU-T T.81, annex B)."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from typing import Final

from edged.photos.exif_block import EXIF, check_exif, joined
from edged.photos.fault import bomb, check_pixels, damaged, truncated, unsupported

_MARKER: Final = re.compile(rb"\xff++([^\x00])", re.DOTALL)
"""With what may fill up before it."""
_AFTER_SCAN: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)
"""The first marker after a scan's data, which hold FF only before 00 and as restart marks."""
_END: Final = 0xD9
_SCAN: Final = 0xDA
_TABLES: Final = 0xC4
_PROGRESSIVE: Final = 0xC2
_FRAMES: Final = frozenset({0xC0, 0xC1, _PROGRESSIVE})
_OTHER_FRAMES: Final = frozenset({*range(0xC3, 0xD0), 0xDC, 0xDE, 0xDF}) - {_TABLES}
"""Lossless, hierarchical and arithmetic pictures, and those whose height comes later."""
_BLOCKS: Final = _FRAMES | {_TABLES, _SCAN, 0xDB, 0xDD, *range(0xE0, 0xF0), 0xFE}
"""With a length; also more tables, restart intervals, what applications write, comments."""
_APP1: Final = 0xE1
_MOST_BLOCKS: Final = 2048
"""A depth map in a phone's XMP takes 200."""
_MOST_SCANS: Final = 64
"""Encoders write 10, those that search for the best way about 20. Each makes a decoder pass over the whole picture, and
needs 40 bytes: a thousand make 25 megapixels take 5 s."""


def end_of_jpeg(content: bytes, most_pixels: int) -> int:
    """Where the picture ends: after the mark for it. What is there beyond does not matter here.

    One frame with eight bits, of which phones and browsers show all kinds; scans of all its components, and as much
    data in them as their blocks need at the very least. Whether the data are the picture's only a decoder knows.

    Args:
        content: begins like a JPEG.

    Raises:
        Refused: `truncated`, `damaged`, `unsupported`, `too_many_pixels`, `bomb`, `exif_damaged`.
    """
    picture = _Picture(most_pixels)
    place = 2
    for _ in range(_MOST_BLOCKS):
        marker, place = _marker(content, place)
        if marker == _END:
            picture.check_whole()
            return place
        if marker in _OTHER_FRAMES:
            raise unsupported("a lossless, hierarchical or arithmetic JPEG")
        if marker not in _BLOCKS:
            raise damaged("it has a mark where none belongs")
        block = _block(content, place)
        place += 2 + len(block)
        end = _end_of_scan(content, place) if marker == _SCAN else place
        picture.take(marker, block, end - place)
        place = end
    raise bomb(f"it has more than {_MOST_BLOCKS:,} parts")


@dataclass(slots=True)
class _Picture:
    """What was found of it.

    Attributes:
        most_pixels: that it may have.
        progressive: or baseline.
        blocks: of 8 × 8 pixels that each component has at least, by its id; empty before the frame.
        codes: bits of the shortest code of each table, by its class and number in one byte.
        scans: how many; begun: components of which there is something.
        exif: pieces.
    """

    most_pixels: int
    progressive: bool = False
    blocks: dict[int, int] = field(default_factory=dict)
    codes: dict[int, int] = field(default_factory=dict)
    scans: int = 0
    begun: set[int] = field(default_factory=set)
    exif: list[bytes] = field(default_factory=list)

    def take(self, marker: int, block: bytes, length: int) -> None:
        """What stands in a block, and how many bytes of data follow it where it begins a scan."""
        if marker in _FRAMES:
            self._frame(block)
            self.progressive = marker == _PROGRESSIVE
        elif marker == _TABLES:
            self._tables(block)
        elif marker == _SCAN:
            self._scan(block, length)
        elif marker == _APP1 and block.startswith(EXIF):
            self.exif.append(block.removeprefix(EXIF))

    def check_whole(self) -> None:
        """Raises Refused: `damaged` where a component is missing; as `check_exif`."""
        if not self.blocks or self.begun != self.blocks.keys():
            raise damaged("a part of it is missing")
        for block in joined(self.exif):
            check_exif(block)

    def _frame(self, block: bytes) -> None:
        """B.2.2."""
        if self.blocks:
            raise damaged("it has two frames")
        if len(block) < 6:
            raise damaged("its frame is too short")
        precision, height, width, count = struct.unpack_from(">BHHB", block)
        if precision != 8:
            raise unsupported(f"a JPEG with {precision} bits")
        if count not in {1, 3, 4}:
            raise unsupported(f"a JPEG with {count} components")
        check_pixels(width, height, self.most_pixels)
        if len(block) != 6 + 3 * count:
            raise damaged("its frame is no frame")
        parts = [(block[at], block[at + 1] >> 4, block[at + 1] & 15) for at in range(6, len(block), 3)]
        if len({part[0] for part in parts}) != count or not all(1 <= x <= 4 and 1 <= y <= 4 for _id, x, y in parts):
            raise damaged("its components are not told apart")
        across, down = max(part[1] for part in parts), max(part[2] for part in parts)
        for id_, x, y in parts:
            self.blocks[id_] = _eighths(width * x, across) * _eighths(height * y, down)

    def _tables(self, block: bytes) -> None:
        """B.2.4.2: how many codes of each length from 1 to 16 each table has."""
        place = 0
        while place < len(block):
            counts = block[place + 1 : place + 17]
            if len(counts) < 16 or place + 17 + sum(counts) > len(block):
                raise damaged("a table of it is cut off")
            self.codes[block[place]] = next((bits for bits, count in enumerate(counts, 1) if count), 0)
            place += 17 + sum(counts)

    def _scan(self, block: bytes, length: int) -> None:
        """B.2.3: which components, with which tables, and which of the 64 coefficients of a block, in which detail."""
        if not self.blocks:
            raise damaged("it begins before its frame")
        count = block[0] if block else 0
        if not 1 <= count <= 4 or len(block) != 4 + 2 * count:
            raise damaged("a scan of it is none")
        self.scans += 1
        if self.scans > _MOST_SCANS:
            raise bomb(f"it comes in more than {_MOST_SCANS} scans")
        parts = [(block[at], block[at + 1]) for at in range(1, 1 + 2 * count, 2)]
        if any(id_ not in self.blocks for id_, _tables in parts):
            raise damaged("a scan of it is of nothing")
        first, _last, detail = block[-3:]
        if first:
            return  # so few bits may say that nothing follows that there is nothing to compare with
        if 8 * length < sum(self.blocks[id_] * self._least_bits(tables, detail) for id_, tables in parts):
            raise bomb("its header promises more than there is")
        if not detail >> 4:
            self.begun.update(id_ for id_, _tables in parts)

    def _least_bits(self, tables: int, detail: int) -> int:
        """Of a block in a scan that has the first coefficient."""
        if self.progressive:
            return 1 if detail >> 4 else self.codes.get(tables >> 4, 1)
        return self.codes.get(tables >> 4, 1) + self.codes.get(0x10 | tables & 15, 1)


def _marker(content: bytes, place: int) -> tuple[int, int]:
    """The marker that stands here, and where it ends."""
    found = _MARKER.match(content, place)
    if found is None:
        if not content[place:].strip(b"\xff"):
            raise truncated()
        raise damaged("something stands between its parts")
    return found[1][0], found.end()


def _block(content: bytes, place: int) -> bytes:
    """What stands in a block of which the length stands here."""
    if place + 2 > len(content):
        raise truncated()
    (length,) = struct.unpack_from(">H", content, place)
    if length < 2:
        raise damaged("a part of it has no length")
    if place + length > len(content):
        raise truncated()
    return content[place + 2 : place + length]


def _end_of_scan(content: bytes, place: int) -> int:
    found = _AFTER_SCAN.search(content, place)
    if found is None:
        raise truncated()
    return found.start()


def _eighths(side: int, share: int) -> int:
    return -(-side // (8 * share))
