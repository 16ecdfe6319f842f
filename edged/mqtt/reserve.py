"""Disk space put aside, to be given up on the day the disk is full."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Reserve:
    """A file of allocated, meaningless bytes.

    SQLite needs room in order to delete or to mark anything. On a full disk the outbox could not even note that the
    broker has taken an event, so it keeps this and gives it up then.

    Attributes:
        path: the file.
        size: bytes.
    """

    path: Path
    size: int

    @property
    def held(self) -> bool:
        """Whether all of it is there."""
        try:
            return self.path.stat().st_size >= self.size
        except FileNotFoundError:
            return False

    def take(self) -> None:
        """Puts the space aside, if the disk has it; else leaves things as they are. See `held`."""
        if self.held:
            return
        with suppress(OSError):  # no room now; `held` says so and the next time may be better
            self._allocate()
        if not self.held:
            self.give_up()

    def give_up(self) -> bool:
        """Frees the space. False where there was none to free."""
        try:
            self.path.unlink()
        except FileNotFoundError:
            return False
        return True

    def _allocate(self) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, self.size)
        finally:
            os.close(descriptor)
