"""Which of several hub processes on one directory does what only one is to do."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from edged.domain.errors import Unavailable


class Turn:
    """A place that one process at a time can have, and has until it ends, however it ends.

    Args:
        path: of a file that stands for it; is made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def is_mine(self) -> bool:
        """Whether this process has it, which it takes where nobody does. Does not wait.

        Raises:
            Unavailable: the disk does not let us.
        """
        if self._descriptor is not None:
            return True
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Unavailable(f"cannot open {self._path}: {error.strerror}", "Check who may write there") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def close(self) -> None:
        """Lets another one have it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
