"""Where the picture in a WebP file ends, and whether it is built as RFC 9649 says."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from edged.photos.exif_block import check_exif
from edged.photos.fault import animated, check_pixels, damaged, truncated

_HEAD: Final = 12
_LOSSY, _LOSSLESS, _EXTENDED = b"VP8 ", b"VP8L", b"VP8X"
_MOTION: Final = frozenset({b"ANIM", b"ANMF"})
_MOTION_FLAG: Final = 0x02
_KNOWN: Final = frozenset({_LOSSY, _LOSSLESS, _EXTENDED, b"ALPH", b"ICCP", b"EXIF", b"XMP "})
_MOST_CHUNKS: Final = 64


def end_of_webp(content: bytes, most_pixels: int) -> int:
    """Where the picture ends, by the length in its head. What is there beyond does not matter here.

    Args:
        content: begins like a WebP.

    Raises:
        Refused: `truncated`, `damaged`, `animated`, `too_many_pixels`, `exif_damaged`.
    """
    if len(content) < _HEAD:
        raise truncated()
    (length,) = struct.unpack_from("<I", content, 4)
    end = 8 + int(length)
    if end > len(content):
        raise truncated()
    picture = _Picture(most_pixels)
    for number, (kind, body) in enumerate(_chunks(content, end)):
        if kind in _MOTION:
            raise animated()
        if kind not in _KNOWN or number >= _MOST_CHUNKS:
            raise damaged("it has a part that nobody knows")
        if not number and kind not in {_LOSSY, _LOSSLESS, _EXTENDED}:
            raise damaged("it does not begin with its header")
        picture.take(kind, body, late=number > 0)
    picture.check_whole()
    return end


@dataclass(slots=True)
class _Picture:
    """What was found of it.

    Attributes:
        most_pixels: that it may have.
        canvas: width and height as the header of an extended file promises them.
        size: as the picture's own data have them.
    """

    most_pixels: int
    canvas: tuple[int, int] | None = None
    size: tuple[int, int] | None = None

    def take(self, kind: bytes, body: bytes, *, late: bool) -> None:
        """A part; `late`: not the first."""
        if kind == _EXTENDED:
            if late:
                raise damaged("its header comes late")
            self.canvas = _canvas(body)
        elif kind in {_LOSSY, _LOSSLESS}:
            if self.size is not None:
                raise damaged("it has two pictures")
            self.size = _lossy(body) if kind == _LOSSY else _lossless(body)
            check_pixels(*self.size, self.most_pixels)
        elif kind == b"EXIF":
            check_exif(body)

    def check_whole(self) -> None:
        """Raises Refused, `damaged`."""
        if self.size is None:
            raise damaged("there is no picture in it")
        if self.canvas not in {None, self.size}:
            raise damaged("its header promises another size than the picture has")


def _chunks(content: bytes, end: int) -> Iterator[tuple[bytes, bytes]]:
    """Kind and body of each (2.3); a byte more follows an odd one, which some encoders leave out at the end."""
    place = _HEAD
    while place < end:
        if place + 8 > end:
            raise damaged("a part of it is cut off")
        kind, length = struct.unpack_from("<4sI", content, place)
        if place + 8 + length > end:
            raise damaged("a part of it is longer than the whole")
        yield kind, content[place + 8 : place + 8 + length]
        place += 8 + length + length % 2


def _canvas(body: bytes) -> tuple[int, int]:
    """2.7.1: width and height, each less one."""
    if len(body) != 10:
        raise damaged("its header is none")
    if body[0] & _MOTION_FLAG:
        raise animated()
    return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1


def _lossy(body: bytes) -> tuple[int, int]:
    """RFC 6386, 9.1: a key frame, its first partition within it, a start code and the size."""
    if len(body) < 10 or body[0] & 1 or body[3:6] != b"\x9d\x01\x2a":
        raise damaged("its picture has no beginning")
    if int.from_bytes(body[:3], "little") >> 5 > len(body) - 10:
        raise damaged("its picture is cut off")
    width, height = struct.unpack_from("<HH", body, 6)
    return width & 0x3FFF, height & 0x3FFF


def _lossless(body: bytes) -> tuple[int, int]:
    """3.4: a signature, the size less one, and a version that is 0."""
    if len(body) < 5 or body[0] != 0x2F or body[4] >> 5:
        raise damaged("its picture has no beginning")
    bits = int.from_bytes(body[1:5], "little")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
