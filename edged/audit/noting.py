"""What whoever has something to note needs of the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from edged.audit.act import Act
from edged.audit.entry import Fact
from edged.domain.frame import Moment


class Noting(Protocol):
    """Takes notes. `edged.runtime.auditor.Auditor` of the daemon, and `Scribe` of a command."""

    def note(self, act: Act, *, by: str, about: Mapping[str, Fact], at: Moment | None = None) -> None:
        """Notes an act. Any thread; returns at once.

        Args:
            act: what was done; by, about: see `edged.audit.entry.Note`. No names, no faces, no secrets.
            at: when; None: now.
        """


class Unnoted:
    """Takes notes for nobody: where there is no audit log."""

    def note(self, act: Act, *, by: str, about: Mapping[str, Fact], at: Moment | None = None) -> None:
        """Returns."""


UNNOTED: Final = Unnoted()
