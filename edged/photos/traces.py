"""Looking for what is left of an event: a byte search through files, for everything that must be gone with it."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.errors import Unavailable
from edged.photos.photo_files import PhotoFiles

_WINDOW: Final = 32
"""Bytes of a secret that are looked for: two that are equal by chance do not happen."""
_SHORTEST: Final = 16
_KEY: Final = 8
_VARIED: Final = 16
"""So many different bytes a window of a picture has: what many pictures have in common, such as clear sky, has few."""
_STEP: Final = 16
_BLOCK: Final = 1024 * 1024
_ROOM: Final = 64
"""Places of the table for each secret: of what is none of them, one in so many is looked at more closely."""
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
"""Knuth's multiplicative hashing with the golden ratio (The Art of Computer Programming, 6.4)."""


@dataclass(frozen=True, slots=True)
class Traces:
    """What may be found nowhere once an event is purged.

    Attributes:
        windows: 32 bytes of each, and what it is: `template`, `selfie's template`, `digest`, `request`, `picture`.
    """

    windows: Mapping[bytes, str]

    def __len__(self) -> int:
        return len(self.windows)


@dataclass(frozen=True, slots=True)
class Trace:
    """Something that was found. `what`: as in `Traces`; `at`: bytes from the beginning of the file."""

    path: Path
    what: str
    at: int


def traces_of(connection: sqlite3.Connection, files: PhotoFiles, event_id: str) -> Traces:
    """What there is of an event that no other event has as well. Blocks for the disk: reads its pictures.

    Args:
        connection: sees the rows of a `SqliteAlbums`; files: has the pictures.
    """
    (number,) = connection.execute("SELECT number FROM events WHERE id = ?", (event_id,)).fetchone() or (0,)
    windows: dict[bytes, str] = {}
    for query, what in _QUERIES:
        for (value,) in connection.execute(query, (number,)):
            windows[_window(value.encode() if isinstance(value, str) else value)] = what
    for (digest,) in connection.execute(_FILES, (number,)):
        windows[_window(digest.encode())] = "digest"
        picture = files.get(digest)
        if picture:
            windows[_window(picture)] = "picture"
    return Traces({window: what for window, what in windows.items() if len(window) >= _SHORTEST})


def look_for(traces: Traces, root: Path, told: Callable[[int, int], None] = lambda _done, _of: None) -> Sequence[Trace]:
    """Everything of it that stands in a file below a directory, or in the name of one.

    Blocks: reads every file, 60 to 90 MB a second of one core's time.

    Args:
        told: of the bytes that were read, and of how many there are.

    Raises:
        Unavailable: a file cannot be read.
    """
    search = _Search(traces)
    found: list[Trace] = []
    try:
        files = list(_files(root))
        size, done = sum(length for _path, length in files), 0
        for path, _length in files:
            name = str(path.relative_to(root)).encode()
            found += (Trace(path, what, 0) for _at, what in search.found_in(name))
            with suppress(FileNotFoundError):  # the daemon goes on: what is gone by now holds nothing
                for start, block in _blocks(path):
                    found += (Trace(path, what, start + at) for at, what in search.found_in(block))
                    done += len(block)
                    told(done, size)
    except OSError as error:
        raise Unavailable(f"{error.filename} cannot be read: {error.strerror}", "Run as the service's user") from error
    return found


def _files(root: Path) -> Iterator[tuple[Path, int]]:
    """Those below a directory that are no links, with their bytes."""
    for path in sorted(root.rglob("*")):
        with suppress(FileNotFoundError):
            status = path.lstat()
            if stat.S_ISREG(status.st_mode):
                yield path, status.st_size


class _Search:
    """Finds many windows at once: a table tells for the eight bytes at each place whether one may begin there."""

    def __init__(self, traces: Traces) -> None:
        self._by_key: dict[int, list[tuple[bytes, str]]] = {}
        for window, what in traces.windows.items():
            self._by_key.setdefault(int.from_bytes(window[:_KEY], "little"), []).append((window, what))
        self._keys = np.array(sorted(self._by_key), np.uint64)
        bits = (_ROOM * len(self._keys) + 1).bit_length()
        self._shift = np.uint64(64 - bits)
        self._table = np.zeros(1 << bits, np.bool_)
        self._table[self._slots(self._keys)] = True

    def found_in(self, block: bytes) -> Iterator[tuple[int, str]]:
        for offset in range(min(_KEY, max(0, len(block) - _KEY + 1))):
            words = np.frombuffer(block, "<u8", (len(block) - offset) // _KEY, offset)
            for index in self._known(words):
                at = offset + _KEY * index
                for window, what in self._by_key[int(words[index])]:
                    if block.startswith(window, at):
                        yield at, what

    def _known(self, words: NDArray[np.uint64]) -> list[int]:
        """Where one of the keys stands."""
        likely = np.flatnonzero(self._table[self._slots(words)])
        if not len(likely):
            return []
        near = np.searchsorted(self._keys, words[likely]).clip(max=len(self._keys) - 1)
        known: list[int] = likely[self._keys[near] == words[likely]].tolist()
        return known

    def _slots(self, words: NDArray[np.uint64]) -> NDArray[np.uint64]:
        return (words * _SPREAD) >> self._shift


def _blocks(path: Path) -> Iterator[tuple[int, bytes]]:
    """A file in pieces that overlap by a window; where each begins."""
    with path.open("rb") as file:
        start, kept = 0, b""
        while piece := file.read(_BLOCK):
            block = kept + piece
            yield start, block
            kept = block[-(_WINDOW - 1) :]
            start += len(block) - len(kept)


def _window(secret: bytes) -> bytes:
    """The 32 bytes by which a secret is known, from its middle if they can be told from other secrets'."""
    last = max(0, len(secret) - _WINDOW)
    middle = last // 2
    for away in range(0, last - middle + 1, _STEP):
        for start in (middle + away, middle - away):
            window = secret[max(0, start) :][:_WINDOW]
            if len(set(window)) >= min(_VARIED, len(secret) // 4):
                return window
    return secret[middle : middle + _WINDOW]


_OURS: Final = "photo IN (SELECT number FROM photos WHERE event = ?1 AND digest NOT IN"
_ELSEWHERE: Final = "(SELECT digest FROM photos WHERE event <> ?1)"
_QUERIES: Final = (
    (f"SELECT vector FROM photo_faces WHERE {_OURS} {_ELSEWHERE})", "template"),  # noqa: S608  ours
    (f"SELECT digest FROM photos WHERE event = ?1 AND digest NOT IN {_ELSEWHERE}", "digest"),  # noqa: S608  ours
    ("SELECT vector FROM searches WHERE event = ?1 AND vector IS NOT NULL", "selfie's template"),
    (
        "SELECT request_id FROM searches WHERE event = ?1 EXCEPT SELECT request_id FROM searches WHERE event <> ?1",
        "request",
    ),
)
_FILES: Final = """
SELECT photo_files.digest FROM photo_files JOIN photos ON photos.number = photo WHERE event = ?1
    AND photo_files.digest NOT IN
    (SELECT photo_files.digest FROM photo_files JOIN photos ON photos.number = photo WHERE event <> ?1)
UNION SELECT selfie FROM searches WHERE event = ?1 AND selfie IS NOT NULL
    AND selfie NOT IN (SELECT selfie FROM searches WHERE event <> ?1 AND selfie IS NOT NULL)
"""
