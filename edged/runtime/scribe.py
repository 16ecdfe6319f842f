"""The audit log as a command writes it, beside the daemon or without one."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from contextlib import closing, suppress
from typing import Final

from edged.audit.act import Act
from edged.audit.entry import Fact, Note
from edged.config.document import Document
from edged.domain.errors import EdgedError
from edged.domain.frame import Moment
from edged.runtime.clock import Clock, SystemClock
from edged.runtime.state_dir import StateDir

_AT_ONCE: Final = 500


class Scribe:
    """Holds the notes of a command until `flush`. Belongs to one thread.

    Args:
        state, document: of the device.
    """

    def __init__(self, state: StateDir, document: Document, clock: Clock | None = None) -> None:
        self._state = state
        self._document = document
        self._clock = clock or SystemClock()
        self._held: list[Note] = []

    def note(self, act: Act, *, by: str, about: Mapping[str, Fact], at: Moment | None = None) -> None:
        """Notes an act; see `Noting.note`. Blocks for the disk now and then, where there are many; what the disk
        refuses is held until `flush`.
        """
        self._held.append(Note(act, by, dict(about), at or self._clock.now()))
        if len(self._held) % _AT_ONCE == 0:
            with suppress(EdgedError):
                self.flush()

    def flush(self) -> None:
        """Writes what was noted; it is on the disk when this returns. Blocks for the disk and for others who write.

        Raises:
            Unavailable: the disk or its permissions do not let us, or others have been writing for 5 s; the notes are
                held still.
        """
        if self._held:
            with closing(self._state.open_chain(self._document)) as chain:
                chain.append(self._held)
            self._held.clear()


def operator() -> str:
    """Who gives this command: `shell:` and the user's name; with the one who became that user by sudo."""
    name = _name(os.geteuid())
    former = os.environ.get("SUDO_USER", "")
    return f"shell:{name}" if former in ("", name) else f"shell:{name} for {former}"


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
