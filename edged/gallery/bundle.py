"""Files that somebody sent together: a folder, or a zip archive that is read without unpacking it."""

from __future__ import annotations

import os
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final, Protocol

from edged.domain.errors import Refused

MAX_FILES: Final = 200_000
MAX_TOTAL_BYTES: Final = 64 * 1024**3
"""Of all that is read out of one archive."""
_MAX_DIRECTORY_BYTES: Final = 32 * 1024**2
"""Of an archive's table of contents, all of which is kept in memory."""
_MOST_PACKED: Final = 200
"""How many bytes one packed byte may become, beyond the first mebibyte. Deflate cannot make more than 1,032 of it; text
becomes a tenth, photographs stay as they are."""
_DEEPEST: Final = 8
_END_OF_DIRECTORY: Final = b"PK\x05\x06"
_CHUNK: Final = 256 * 1024


class Bundle(Protocol):
    """Named files. One thread."""

    @property
    def names(self) -> Sequence[str]:
        """All files, sorted: paths with `/` between their parts, none of them leading out of the bundle.

        Hidden files and what computers add on their own are left out.
        """

    def read(self, name: str, most: int) -> bytes:
        """The content of a file. Blocks for the disk.

        Raises:
            Refused: `no_such_file`, `too_large` (more than `most` bytes), `unreadable`, or `unsafe`.
        """

    def close(self) -> None: ...


def open_bundle(path: Path) -> Bundle:
    """The bundle at `path`: a folder or a zip archive.

    Raises:
        Refused: `no_bundle`: it is neither; `unsafe`: the archive has names that lead out of it, links, encrypted files
            or far too much of anything; `damaged`.
    """
    if path.is_dir():
        return FolderBundle(path)
    try:
        with path.open("rb") as file:
            magic = file.read(2)
    except OSError as error:
        raise Refused("no_bundle", f"{path} cannot be read: {error.strerror}", "Check its name.") from error
    if magic != b"PK":
        raise Refused("no_bundle", f"{path} is neither a folder nor a zip archive", "Give one of them.")
    return ZipBundle(path)


class FolderBundle:
    """The files in a folder and the folders in it. Symbolic links are passed over: they may lead anywhere."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    @cached_property
    def names(self) -> Sequence[str]:
        found: list[str] = []
        for folder, folders, files in os.walk(self._root, onerror=_raise_unreadable):
            within = Path(folder).relative_to(self._root)
            deep = len(within.parts) >= _DEEPEST
            folders[:] = [] if deep else sorted(name for name in folders if not _is_litter(name))
            found += [(within / name).as_posix() for name in files if not _is_litter(name)]
            if len(found) > MAX_FILES:
                raise _too_many(self._root)
        odd = next((name for name in found if not is_readable(name)), None)
        if odd is not None:
            raise Refused("unsafe", f"{self._root} has a file named {odd[:200]!a}", "Give it another name.")
        return sorted(name for name in found if not (self._root / name).is_symlink())

    def read(self, name: str, most: int) -> bytes:
        path = self._root / name
        try:
            if path.resolve(strict=True) != path:
                raise _through_a_link(name)
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise _through_a_link(name)
                data = file.read(most + 1)
        except FileNotFoundError as error:
            raise _no_such_file(name) from error
        except (OSError, RuntimeError, ValueError) as error:
            raise Refused("unreadable", f"{name[:200]} cannot be read: {error}", "Check who may read it.") from error
        if len(data) > most:
            raise _too_large(name, most)
        return data

    def close(self) -> None:
        """Nothing is held."""


class ZipBundle:
    """The files in a zip archive, unpacked one at a time and only into memory.

    Whatever an archive says of itself may be a lie: what comes out is counted, and reading stops where it is too much.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._left = MAX_TOTAL_BYTES
        try:
            _check_directory(path)
            self._archive = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
            raise _damaged_archive(path) from error
        try:
            self._entries = self._checked(self._archive.infolist())
        except Refused:
            self._archive.close()
            raise
        self.names: Sequence[str] = sorted(self._entries)

    def _checked(self, entries: Sequence[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        if len(entries) > MAX_FILES:
            raise _too_many(self._path)
        files: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            name = entry.filename.replace("\\", "/")
            parts = PurePosixPath(name).parts
            if not stays_within(name) or not is_readable(name) or len(parts) > _DEEPEST + 1:
                raise _unsafe(self._path, f"has a file named {name[:200]!a}")
            if stat.S_ISLNK(entry.external_attr >> 16):
                raise _unsafe(self._path, f"has a link named {name[:200]!r}")
            if entry.flag_bits & 1:
                raise Refused("unsafe", f"{self._path} is encrypted", "Pack it without a password.")
            if name.endswith("/") or any(_is_litter(part) for part in parts):
                continue
            clean = "/".join(parts)
            if clean in files:
                raise _unsafe(self._path, f"has two files named {clean[:200]!r}")
            files[clean] = entry
        return files

    def read(self, name: str, most: int) -> bytes:
        entry = self._entries.get(name)
        if entry is None:
            raise _no_such_file(name)
        allowed = min(most, self._left, 1024**2 + _MOST_PACKED * entry.compress_size)
        data = bytearray()
        try:
            with self._archive.open(entry) as file:
                while len(data) <= allowed and (chunk := file.read(_CHUNK)):
                    data += chunk
        except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise Refused("damaged", f"{name} is damaged in the archive", "Pack it again.") from error
        self._left -= len(data)
        if len(data) > most:
            raise _too_large(name, most)
        if len(data) > allowed:
            raise Refused("unsafe", f"{name} unpacks to far more than a photograph would", "Send the files unpacked.")
        return bytes(data)

    def close(self) -> None:
        self._archive.close()


def _check_directory(path: Path) -> None:
    """Reads how large the table of contents is, before anything reads all of it into memory.

    APPNOTE 4.3.16: the end record is followed by at most 64 KiB; before it, in large archives, stand the ZIP64 record
    (56 bytes, 4.3.14) and its locator (20 bytes, 4.3.15).
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 65_557 - 76))
        tail = file.read()
    at = tail.rfind(_END_OF_DIRECTORY)
    if at < 0:
        raise zipfile.BadZipFile
    entries, directory_bytes = struct.unpack_from("<HI", tail, at + 10)
    if tail[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        entries, directory_bytes = struct.unpack_from("<QQ", tail, at - 76 + 32)
    if entries > MAX_FILES or directory_bytes > _MAX_DIRECTORY_BYTES:
        raise _too_many(path)


def stays_within(name: str) -> bool:
    """Whether a path with `/` between its parts can only mean something below where it is counted from."""
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and ":" not in parts[0]


def is_readable(name: str) -> bool:
    """Whether a name can be shown: UTF-8, and nothing in it that a terminal would obey."""
    return not any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in name)


def _is_litter(name: str) -> bool:
    """Hidden files, and what macOS and Windows leave in folders and archives."""
    return name.startswith(".") or name in {"__MACOSX", "Thumbs.db", "desktop.ini"}


def _raise_unreadable(error: OSError) -> None:
    raise Refused("unreadable", f"{error.filename} cannot be read: {error.strerror}", "Check who may read it.")


def _too_many(path: Path) -> Refused:
    return Refused("unsafe", f"{path} has more than {MAX_FILES:,} files", "Import it in parts.")


def _too_large(name: str, most: int) -> Refused:
    return Refused("too_large", f"{name} is larger than {most:,} bytes", "Send a smaller picture.")


def _no_such_file(name: str) -> Refused:
    return Refused("no_such_file", f"there is no file {name[:200]}", "Check its name in the list, and its folder.")


def _through_a_link(name: str) -> Refused:
    return Refused("unsafe", f"{name[:200]} is a link or no ordinary file", "Put the file itself there.")


def _unsafe(path: Path, what: str) -> Refused:
    return Refused("unsafe", f"{path} {what}, which leads out of it or hides something", "Pack plain files again.")


def _damaged_archive(path: Path) -> Refused:
    return Refused("damaged", f"{path} is not a whole zip archive", "Copy or pack it again.")
