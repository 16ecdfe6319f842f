"""How sync stands on the device: what waits, and why."""

from __future__ import annotations

from dataclasses import dataclass

from edged.central.port import Outgoing
from edged.central.progress import Progress
from edged.gallery.links import Conflict


@dataclass(frozen=True, slots=True)
class Hold:
    """When somebody is asked before people are removed; see `must_ask`."""

    share: float
    least: int


@dataclass(frozen=True, slots=True)
class Queued:
    """Somebody of whom the centre is to be told.

    Attributes:
        revision: of the person here; outgoing: what is to be told, None where there is nothing after all.
        cannot: why it will not be told; else empty.
        again: the centre was told of them before, and its answer was lost.
    """

    revision: int
    outgoing: Outgoing | None
    person: str
    cannot: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """How things stand.

    Attributes:
        linked: people whom device and centre share; held: those of them who are deleted at the centre.
        queued: changes and deletions that the centre is to be told of.
        pending: the centre's ids of the held.
    """

    progress: Progress
    linked: int
    queued: int
    pending: tuple[str, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def held(self) -> int:
        return len(self.pending)
