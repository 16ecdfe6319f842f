"""Files and directories that only their owner may read, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def private_file(path: Path, *, durable: bool = True, replace: bool = True) -> Iterator[BinaryIO]:
    """A file to write, which takes the place of `path` when the block ends without an error; mode 0600.

    What root writes belongs to whom the directory belongs to, so that the service can read it.

    Args:
        path: of the finished file.
        replace: take the place of a file that is there; else that one stays, and what was written is thrown away.
        durable: it survives a power cut as soon as the block has ended; else it is whole or not there.

    Raises:
        OSError: the disk is full or failing, or there is no permission; nothing is left behind.
    """
    draft = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            _give_away(descriptor, path.parent)
            yield file
            file.flush()
            if durable:
                os.fsync(descriptor)
        if replace:
            draft.replace(path)
        else:
            with suppress(FileExistsError):
                path.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)
    if durable:
        sync_directory(path.parent)


def private_directory(path: Path) -> None:
    """Makes a directory of mode 0700, and those above that are missing; what root makes belongs to the owner above.

    Raises:
        OSError: as `private_file`.
    """
    if path.is_dir():
        return
    private_directory(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _give_away(descriptor, path.parent)
    finally:
        os.close(descriptor)


def sync_directory(path: Path) -> None:
    """Makes what was renamed or removed in a directory last."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _give_away(descriptor: int, home: Path) -> None:
    if os.geteuid() == 0:
        owner = home.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
