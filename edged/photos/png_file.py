"""Where the picture in a PNG file ends, and whether it is built as its specification says (third edition)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from edged.photos.exif_block import check_exif
from edged.photos.fault import animated, bomb, check_pixels, damaged, truncated

_SIGNATURE: Final = 8
_KINDS: Final = frozenset(
    {(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8), (4, 8), (4, 16)}
    | {(6, 8), (6, 16)}
)
"""Kind of colour and bits of a sample (table 12)."""
_SAMPLES: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PALETTE: Final = 3
_PASSES: Final = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Of an interlaced picture: the first column and row, and the steps to the next (8.1)."""
_MOTION: Final = frozenset({b"acTL", b"fcTL", b"fdAT"})
_CRITICAL: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_MOST_CHUNKS: Final = 50_000
"""A screenshot of 16 MB comes in chunks of 8 kB, some in such of 1 kB."""
_MOST_UNPACKED: Final = 8 * 1024 * 1024
"""Of texts and colour profiles together. The largest profile, a printer's, has 3 MB; packed nothing, 1 kB is 1 MB."""
_PIECE: Final = 2 * 1024 * 1024
"""Unpacked at a time. After each this thread waits for its turn among the others: with small ones, for seconds."""


def end_of_png(content: bytes, most_pixels: int) -> int:
    """Where the picture ends: after its last chunk. What is there beyond does not matter here.

    Every chunk's sum is compared and all data are unpacked, piece by piece: about 0.3 s for 25 megapixels.

    Args:
        content: begins like a PNG.

    Raises:
        Refused: `truncated`, `damaged`, `animated`, `too_many_pixels`, `bomb`, `exif_damaged`.
    """
    chunks = _chunks(content)
    kind, head, end = next(chunks)
    if kind != b"IHDR":
        raise damaged("it does not begin with its header")
    colour, size = _header(head, most_pixels)
    pixels = _Unpacked(size, "it holds more than its header promises")
    texts = _Unpacked(_MOST_UNPACKED, "its texts are far too long")
    before, seen = kind, {kind}
    for kind, body, end in chunks:  # noqa: B007  the last one's is the picture's
        if kind in _MOTION:
            raise animated()
        _check_order(kind, before, seen, colour)
        if kind == b"IDAT":
            pixels.feed(body)
        elif kind in _PACKED:
            texts.take(_packed(kind, bytes(body)))
        elif kind == b"eXIf":
            check_exif(bytes(body))
        before = kind
        seen.add(kind)
    if b"IDAT" not in seen or not pixels.is_whole:
        raise damaged("its data are cut off")
    if pixels.count != size:
        raise bomb("its header promises more than there is")
    return end


def _chunks(content: bytes) -> Iterator[tuple[bytes, memoryview, int]]:
    """Kind, body and end of each chunk, the last one included (5.3)."""
    view = memoryview(content)
    place = _SIGNATURE
    for _ in range(_MOST_CHUNKS):
        if place + 12 > len(content):
            raise truncated()
        length, kind = struct.unpack_from(">I4s", content, place)
        if not kind.isalpha() or length > 2**31 - 1:
            raise damaged("a part of it is none")
        end = place + 12 + length
        if end > len(content):
            raise truncated()
        if zlib.crc32(view[place + 4 : end - 4]) != struct.unpack_from(">I", content, end - 4)[0]:
            raise damaged("the sum of a part is wrong")
        yield kind, view[place + 8 : end - 4], end
        if kind == b"IEND":
            return
        place = end
    raise bomb(f"it has more than {_MOST_CHUNKS:,} parts")


def _header(head: memoryview, most_pixels: int) -> tuple[int, int]:
    """The kind of colour, and how many bytes the data have, unpacked (11.2.1, 7.2)."""
    if len(head) != 13:
        raise damaged("its header is none")
    width, height, depth, colour, packing, filtering, interlacing = struct.unpack(">IIBBBBB", head)
    if (colour, depth) not in _KINDS or packing or filtering or interlacing > 1:
        raise damaged("its header says what there is not")
    check_pixels(width, height, most_pixels)
    bits = _SAMPLES[colour] * depth
    size = 0
    for left, top, across, down in _PASSES if interlacing else ((0, 0, 1, 1),):
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            size += rows * (1 + (columns * bits + 7) // 8)
    return colour, size


def _check_order(kind: bytes, before: bytes, seen: set[bytes], colour: int) -> None:
    """Table 7."""
    if kind[:1].isupper() and kind not in _CRITICAL:
        raise damaged("it has a part that nobody knows")
    if kind in {b"IHDR", b"PLTE"} and (kind in seen or b"IDAT" in seen):
        raise damaged("its header or its colours come twice, or late")
    if kind == b"IDAT" and before != b"IDAT" and b"IDAT" in seen:
        raise damaged("its data come in two places")
    if kind == b"IDAT" and colour == _PALETTE and b"PLTE" not in seen:
        raise damaged("it has no colours")


def _packed(kind: bytes, body: bytes) -> bytes:
    """What is packed in a text or a colour profile (11.3): after a name, and in a text of many languages after more."""
    _name, _, rest = body.partition(b"\0")
    if kind != b"iTXt":
        return rest[1:]
    if rest[:1] != b"\x01":
        return b""
    return rest[2:].partition(b"\0")[2].partition(b"\0")[2]


_PACKED: Final = frozenset({b"zTXt", b"iTXt", b"iCCP"})


class _Unpacked:
    """Counts what packed data unpack to, and keeps nothing of it.

    Args:
        most: bytes from which on it is a bomb, of all that was fed.
        what: is said then.
    """

    def __init__(self, most: int, what: str) -> None:
        self.count = 0
        self._most = most
        self._what = what
        self._unpacker = zlib.decompressobj()

    @property
    def is_whole(self) -> bool:
        """Whether the data ended where they said, with the right sum."""
        return self._unpacker.eof

    def take(self, packed: bytes) -> None:
        """Data by themselves; some broken ones are in photographs, and are skipped by everybody."""
        self._unpacker = zlib.decompressobj()
        try:
            self._feed(packed)
        except zlib.error:
            return

    def feed(self, packed: memoryview) -> None:
        """The next of the data. Raises Refused: `damaged`, `bomb`."""
        try:
            self._feed(packed)
        except zlib.error:
            raise damaged("its data cannot be unpacked") from None
        if self._unpacker.unused_data:
            raise damaged("its data go on after their end")

    def _feed(self, packed: bytes | memoryview) -> None:
        rest = packed
        while True:
            got = len(self._unpacker.decompress(rest, _PIECE))
            self.count += got
            if self.count > self._most:
                raise bomb(self._what)
            rest = self._unpacker.unconsumed_tail
            # At the end zlib says again and again that what comes after it is yet to be taken.
            if self._unpacker.eof or (not rest and got < _PIECE):
                return
