"""All photographs of a guest in one ZIP file, made while it is sent: it is never anywhere as a whole."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import closing
from dataclasses import dataclass
from io import RawIOBase
from typing import Final
from zipfile import ZIP64_LIMIT, ZIP_STORED, ZipFile, ZipInfo

from anyio import to_thread

from edged.api.guests.pieces import PIECE
from edged.api.guests.reception import Reception, Visit
from edged.photos.photo import OpenPhoto, Photo, PhotoKind

_LOCAL, _DESCRIPTOR, _CENTRAL, _END = 30, 16, 46, 22
"""Bytes of the fixed parts of headers (APPNOTE.TXT 4.3.7, 4.3.9, 4.3.12, 4.3.16)."""
_MOST_FILES: Final = 0xFFFF
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
_LATEST: Final = (2107, 12, 31, 23, 59, 58)
"""What a ZIP file can say of time, in the place's own time."""
_NOT_ON_WINDOWS: Final = frozenset({"con", "prn", "aux", "nul"}) | {
    f"{name}{number}" for name in ("com", "lpt") for number in range(10)
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A photograph in the archive. `size`: bytes of its file; `time`: year to second."""

    photo: str
    name: str
    size: int
    time: tuple[int, int, int, int, int, int]


class Archive:
    """A ZIP file of photographs as they came, stored as they are: a JPEG gets no smaller.

    Args:
        reception: asked before each photograph whether it is still shown to this guest.
    """

    def __init__(self, reception: Reception, visit: Visit, entries: Sequence[Entry]) -> None:
        self._reception = reception
        self._visit = visit
        self._entries = entries

    @property
    def length(self) -> int | None:
        """Bytes of the whole; None where they are so many that the form of a ZIP file changes, and nobody counts."""
        fixed = _LOCAL + _DESCRIPTOR + _CENTRAL
        length = _END + sum(fixed + entry.size + 2 * len(entry.name.encode()) for entry in self._entries)
        return length if length <= ZIP64_LIMIT and len(self._entries) < _MOST_FILES else None

    async def pieces(self) -> AsyncGenerator[bytes]:
        """The file, piece by piece.

        Raises:
            TurnedAway: the link is over, or a photograph is not shown to this guest any more. What was sent is no ZIP
                file then.
        """
        outlet = _Outlet()
        with ZipFile(outlet, "w", ZIP_STORED) as archive:
            for entry in self._entries:
                info = ZipInfo(entry.name, entry.time)
                info.external_attr = 0o644 << 16
                info.file_size = entry.size
                photo = await to_thread.run_sync(self._opened, entry)
                with closing(photo.file), archive.open(info, "w") as inlet:
                    while piece := await to_thread.run_sync(photo.file.read, PIECE):
                        inlet.write(piece)
                        yield outlet.taken()
        yield outlet.taken()

    def _opened(self, entry: Entry) -> OpenPhoto:
        return self._reception.opened(self._reception.again(self._visit), entry.photo, PhotoKind.ORIGINAL)


def entries_of(reception: Reception, visit: Visit, photos: Sequence[Photo]) -> Sequence[Entry]:
    """What an archive of these photographs has. Blocks for a look at each file."""
    entries = []
    names: set[str] = set()
    for photo in photos:
        opened = reception.opened(visit, photo.id, PhotoKind.ORIGINAL)
        with closing(opened.file):
            name = _free_name(opened.filename, names)
            entries.append(Entry(photo.id, name, opened.size, _time(photo)))
    return entries


class _Outlet(RawIOBase):
    """Where the archive is written to: taken away at once."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # ZipFile writes bytes
        self._written += data
        return len(data)

    def taken(self) -> bytes:
        written = bytes(self._written)
        self._written.clear()
        return written


def _free_name(name: str, taken: set[str]) -> str:
    """The name, or one like it where another photograph has it: also on disks to which a and A are one letter."""
    stem, dot, suffix = name.rpartition(".")
    if stem.partition(".")[0].casefold() in _NOT_ON_WINDOWS:
        stem = f"_{stem}"
    free, number = f"{stem}{dot}{suffix}", 2
    while free.casefold() in taken:
        free, number = f"{stem} ({number}){dot}{suffix}", number + 1
    taken.add(free.casefold())
    return free


def _time(photo: Photo) -> tuple[int, int, int, int, int, int]:
    try:
        year, month, day, hour, minute, second, *_rest = time.localtime(photo.taken or photo.added)
    except (OverflowError, ValueError, OSError):
        return _EARLIEST
    return min(max((year, month, day, hour, minute, second), _EARLIEST), _LATEST)
