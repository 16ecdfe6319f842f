"""What the steward remembers of what was pushed, on the disk and here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from edged.config.kept import Kept, changing, read_pushed, write_pushed
from edged.config.tree import Tree
from edged.domain.errors import ConfigInvalid, EdgedError

log = logging.getLogger(__name__)


class Remembered:
    """Belongs to one thread; other processes change the file, too. What is written is on the disk on return.

    Args:
        state: the state directory.
        in_force: gives the layers of the document in force: what is remembered where the file is damaged.

    Attributes:
        kept: as it was last read or written.
    """

    def __init__(self, state: Path, in_force: Callable[[], Mapping[str, Tree]]) -> None:
        self._state = state
        self._in_force = in_force
        self._trouble = ""
        self.kept = self.read()

    def read(self) -> Kept:
        """What the file says now, which is `kept` then.

        Raises:
            Unavailable: it cannot be read.
        """
        try:
            self.kept = read_pushed(self._state)
        except ConfigInvalid as error:
            log.error("what was pushed is remembered no more: %s", error)  # noqa: TRY400  no bug of ours
            self.kept = Kept(layers=dict(self._in_force()))
        return self.kept

    def write(self, kept: Kept) -> None:
        """Remembers this and nothing else.

        Raises:
            Unavailable: it cannot be written; what was there remains.
        """
        with changing(self._state):
            write_pushed(self._state, kept)
        self.kept, self._trouble = kept, ""

    def change(self, change: Callable[[Kept], Kept]) -> None:
        """Changes what the file says by now: a command may have changed it, too. Raises as `write`."""
        with changing(self._state):
            try:
                kept = change(read_pushed(self._state))
            except ConfigInvalid:
                kept = change(self.kept)
            write_pushed(self._state, kept)
        self.kept, self._trouble = kept, ""

    def complain(self, error: EdgedError) -> None:
        """Logs that it does not work, once: it is tried again many times a second."""
        if str(error) != self._trouble:
            self._trouble = str(error)
            log.error("what became of an order cannot be kept: %s", error)
