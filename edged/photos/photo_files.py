"""Where the files of photographs are kept: each under the digest of its content, and under no other name."""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from edged.domain.errors import Unavailable
from edged.vault.private_file import private_directory, private_file, sync_directory

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_DRAFT_S: Final = 60.0
"""Nobody writes a file for so long: a draft that old was left by a process that ended."""
_FRESH_S: Final = 0.5
"""By then whoever writes a draft has locked it: one that is not locked was left, too."""
_DRAFTS: Final = "[0-9a-f][0-9a-f]/.*"


class PhotoFiles(Protocol):
    """Files by the lower-case hex sha256 of their content. Any thread, several processes; every method blocks.

    All raise Unavailable where the storage does not let them.
    """

    def put(self, digest: str, content: bytes) -> None:
        """Keeps a file; it is there for good when this returns, whole, or not at all. Cheap where it is there."""
        ...

    def get(self, digest: str) -> bytes | None: ...

    def open(self, digest: str) -> BinaryIO | None:
        """A file to read piece by piece; whoever asked for it closes it. What is deleted meanwhile can be read on."""
        ...

    def delete(self, digest: str) -> None:
        """Nothing happens where there is none."""
        ...

    def digests(self) -> Iterator[str]:
        """Of all that there are, in no order; some that come or go meanwhile may be among them."""
        ...


class PhotoFolder:
    """`PhotoFiles` in a folder, spread over 256 of them; readable by their owner only.

    Args:
        path: of the folder, which is made with the first file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def put(self, digest: str, content: bytes) -> None:
        path = self._path(digest)
        with self._translated():
            if path.exists():
                return
            private_directory(path.parent)
            with private_file(path) as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                file.write(content)

    def get(self, digest: str) -> bytes | None:
        with self._translated():
            try:
                return self._path(digest).read_bytes()
            except FileNotFoundError:
                return None

    def open(self, digest: str) -> BinaryIO | None:
        with self._translated():
            try:
                return self._path(digest).open("rb")
            except FileNotFoundError:
                return None

    def delete(self, digest: str) -> None:
        path = self._path(digest)
        with self._translated():
            try:
                path.unlink()
            except FileNotFoundError:
                return
            sync_directory(path.parent)

    def digests(self) -> Iterator[str]:
        """See `PhotoFiles`. What writers left unfinished when they were killed is removed on the way."""
        with self._translated():
            for path in self.path.glob("[0-9a-f][0-9a-f]/*"):
                if _DIGEST.fullmatch(path.name):
                    yield path.name
                elif path.name.startswith(".") and self._is_left(path):
                    path.unlink(missing_ok=True)

    def is_being_written(self) -> bool:
        """Whether somebody writes a file just now, or was killed within the last minute while they did."""
        with self._translated():
            return any(True for _path in self.path.glob(_DRAFTS))

    @staticmethod
    def _is_left(draft: Path) -> bool:
        """Whether whoever wrote a draft was killed: a purge must not wait for a minute to be over, nor forget it."""
        try:
            with draft.open("rb") as file:
                age = time.time() - os.fstat(file.fileno()).st_mtime
                if age < _FRESH_S:
                    return False
                if age > _DRAFT_S:
                    return True
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
        except BlockingIOError:
            return False
        except FileNotFoundError:
            # Its writer has finished it, or thrown it away, since the folder was listed.
            return False

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise ValueError(digest)
        return self.path / digest[:2] / digest

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Unavailable(
                f"cannot use the photographs in {self.path}: {error.strerror}",
                "Check the disk, the directory and who may write to it",
            ) from error
