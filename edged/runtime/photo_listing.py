"""The files in a folder that may be photographs, and how to read one that somebody else may be changing."""

from __future__ import annotations

import errno
import os
import stat
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edged.domain.errors import Refused, Unavailable
from edged.photos.intake_rows import mark_of
from edged.photos.photo_kind import SNIFFED_BYTES, photo_kind
from edged.runtime.device_eyes import MAX_BYTES

DEEPEST: Final = 8
MOST_FILES: Final = 100_000
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_GONE: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENODEV, errno.ENXIO, errno.EIO, errno.ESTALE})
"""A file that was deleted, renamed or replaced, or a card that was pulled out."""


class NoPhotograph(Refused):
    """It is something else than a JPEG, PNG or WebP: a film, a raw picture, a list. Nobody is told of each."""

    def __init__(self) -> None:
        super().__init__("not_an_image", "this is not a photograph in a known format", "Send JPEG, PNG or WebP")


@dataclass(frozen=True, slots=True, order=True)
class ListedFile:
    """A file as it was when it was listed.

    Attributes:
        changed_ns: nanoseconds since the epoch, by the clock of whoever wrote it.
        path: below the folder.
        size: bytes.
    """

    changed_ns: int
    path: str
    size: int

    def mark(self, scope: str) -> str:
        """See `mark_of`."""
        return mark_of(scope, os.fsencode(self.path), self.size, self.changed_ns)


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in a folder.

    Attributes:
        files: those that may be photographs, the one that was written first first.
        ignored: how many others there are, by why: `hidden`, `link`, `special`, `too_deep`, `too_many`, `unreadable`.
    """

    files: tuple[ListedFile, ...]
    ignored: Mapping[str, int]


def list_files(folder: Path) -> Listing:
    """Looks through a folder and those below it, to a depth of 8. Follows no links. Blocks: some ms a thousand files.

    Raises:
        Unavailable: the folder itself is not there, or may not be read.
    """
    files: list[ListedFile] = []
    ignored: Counter[str] = Counter()
    try:
        with os.scandir(folder) as entries:
            _look(entries, "", 1, files, ignored)
    except OSError as error:
        raise Unavailable(
            f"cannot look into the folder {folder}: {error.strerror}",
            "Check photos.folder, that the card or the share is there, and that edged's user may read it",
        ) from error
    return Listing(tuple(sorted(files)), ignored)


def read_file(folder: Path, file: ListedFile) -> bytes | None:
    """The content of a file; None where it is not as it was listed any more.

    No link is followed on the way: whoever may write into the folder may not have other files of this machine read.

    Raises:
        NoPhotograph; Refused: `too_large`; `unreadable`: edged's user may not read it.
    """
    try:
        with _opened(folder, file.path) as descriptor, open(descriptor, "rb", closefd=False) as opened:
            if not _is_as_listed(descriptor, file):
                return None
            head = opened.read(SNIFFED_BYTES)
            if not photo_kind(head):
                raise NoPhotograph
            if file.size > MAX_BYTES:
                raise Refused("too_large", f"it has {file.size:,} bytes, {MAX_BYTES:,} is the limit", "Save it smaller")
            content = head + opened.read(file.size + 1 - len(head))
            return content if len(content) == file.size and _is_as_listed(descriptor, file) else None
    except OSError as error:
        if error.errno in _GONE:
            return None
        raise Refused("unreadable", f"it cannot be read: {error.strerror}", "Let edged's user read it") from error


def _look(
    entries: Iterator[os.DirEntry[str]], above: str, depth: int, files: list[ListedFile], ignored: Counter[str]
) -> None:
    for entry in entries:
        path = f"{above}{entry.name}"
        if entry.name.startswith("."):
            ignored["hidden"] += 1
        elif entry.is_symlink():
            ignored["link"] += 1
        elif entry.is_dir(follow_symlinks=False):
            if depth >= DEEPEST:
                ignored["too_deep"] += 1
                continue
            try:
                with os.scandir(entry.path) as below:
                    _look(below, f"{path}/", depth + 1, files, ignored)
            except OSError as error:
                if error.errno not in _GONE:
                    ignored["unreadable"] += 1
        elif len(files) >= MOST_FILES:
            ignored["too_many"] += 1
        else:
            _take(entry, path, files, ignored)


def _take(entry: os.DirEntry[str], path: str, files: list[ListedFile], ignored: Counter[str]) -> None:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return  # gone a moment ago
    if stat.S_ISREG(status.st_mode):
        files.append(ListedFile(status.st_mtime_ns, path, status.st_size))
    else:
        ignored["special"] += 1


@contextmanager
def _opened(folder: Path, path: str) -> Iterator[int]:
    """A file below a folder, opened step by step; the folder itself may be a link."""
    *steps, name = path.split("/")
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for step in steps:
            below = os.open(step, _FOLDER, dir_fd=at)
            os.close(at)
            at = below
        descriptor = os.open(name, _FILE, dir_fd=at)
    finally:
        os.close(at)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _is_as_listed(descriptor: int, file: ListedFile) -> bool:
    status = os.fstat(descriptor)
    return stat.S_ISREG(status.st_mode) and (status.st_size, status.st_mtime_ns) == (file.size, file.changed_ns)
