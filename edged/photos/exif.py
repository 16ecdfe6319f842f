"""When a photograph was taken, as the camera wrote it into the file."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from edged.photos.photo_kind import photo_kind

_EXIF: Final = b"Exif\0\0"
_CAMERA_BLOCK: Final = 0x8769
"""Where the first block of the file says the camera's own begins (Exif 2.32, 4.6.3)."""
_TAKEN: Final = 0x9003
_ZONE: Final = 0x9011
_TEXT: Final = 2
_LONG: Final = 4
_MOST_ENTRIES: Final = 512
_LONGEST_TEXT: Final = 32
_TIME: Final = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)", re.ASCII)
_OFFSET: Final = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)


def time_taken(photo: bytes) -> float | None:
    """UTC seconds since the epoch; None where the file does not say, or is none that says it.

    JPEG, PNG and WebP. A time without a zone, as most cameras write it, is taken for UTC: photographs of one event are
    in their right order all the same. Nothing that stands in the file makes this fail, or take long.
    """
    try:
        return _read(_exif(photo))
    except (struct.error, ValueError, OverflowError):
        return None


def _exif(photo: bytes) -> bytes:
    """The block that EXIF is in, without what goes before it; empty where there is none."""
    kind = photo_kind(photo)
    chunks = {"jpeg": _jpeg_blocks, "png": _png_chunks, "webp": _webp_chunks}
    for block in chunks[kind](photo) if kind else ():
        return block.removeprefix(_EXIF)
    return b""


def _jpeg_blocks(photo: bytes) -> Iterator[bytes]:
    """ITU-T T.81, B.1.1: markers with a length, up to the first scan."""
    place = 2
    while photo[place : place + 1] == b"\xff" and photo[place + 1 : place + 2] != b"\xda":
        marker, length = struct.unpack_from(">BH", photo, place + 1)
        block = photo[place + 4 : place + 2 + length]
        if marker == 0xE1 and block.startswith(_EXIF):
            yield block
        place += 2 + max(length, 2)


def _png_chunks(photo: bytes) -> Iterator[bytes]:
    """PNG specification, 5.3: length, type, content, checksum."""
    place = 8
    while place < len(photo):
        length, kind = struct.unpack_from(">I4s", photo, place)
        if kind == b"eXIf":
            yield photo[place + 8 : place + 8 + length]
        place += 12 + length


def _webp_chunks(photo: bytes) -> Iterator[bytes]:
    """RFC 9649, 2.3: type, length, content, a byte more where that is odd."""
    place = 12
    while place < len(photo):
        kind, length = struct.unpack_from("<4sI", photo, place)
        if kind == b"EXIF":
            yield photo[place + 8 : place + 8 + length]
        place += 8 + length + length % 2


def _read(exif: bytes) -> float | None:
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return None
    (first,) = struct.unpack_from(f"{order}I", exif, 4)
    place = _entries(exif, order, first).get((_CAMERA_BLOCK, _LONG))
    if place is None:
        return None
    camera = _entries(exif, order, struct.unpack_from(f"{order}I", exif, place)[0])
    taken = _TIME.match(_text(exif, order, camera.get((_TAKEN, _TEXT))))
    if taken is None:
        return None
    zone = _OFFSET.match(_text(exif, order, camera.get((_ZONE, _TEXT))))
    ahead = timedelta()
    if zone:
        ahead = timedelta(hours=int(zone[2]), minutes=int(zone[3])) * (-1 if zone[1] == "-" else 1)
    year, month, day, hour, minute, second = map(int, taken.groups())
    return (datetime(year, month, day, hour, minute, second, tzinfo=UTC) - ahead).timestamp()


def _entries(exif: bytes, order: str, place: int) -> dict[tuple[int, int], int]:
    """Where the value of each entry of a block stands, by its tag and its type (TIFF 6.0, section 2)."""
    (count,) = struct.unpack_from(f"{order}H", exif, place)
    entries = {}
    for at in range(min(count, _MOST_ENTRIES)):
        entry = place + 2 + 12 * at
        entries[struct.unpack_from(f"{order}HH", exif, entry)] = entry + 8
    return entries


def _text(exif: bytes, order: str, value: int | None) -> str:
    """A text of an entry: longer than four bytes, it stands elsewhere."""
    if value is None:
        return ""
    count, place = struct.unpack_from(f"{order}II", exif, value - 4)
    if count <= 4:
        return ""
    return exif[place : place + min(count, _LONGEST_TEXT)].decode("ascii", "replace")
