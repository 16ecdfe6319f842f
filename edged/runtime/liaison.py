"""Who goes between the device and its centre: the syncer, and the asker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edged.runtime.state_dir import new_id

if TYPE_CHECKING:
    from edged.config.central import CentralSettings
    from edged.config.document import Document
    from edged.domain.event import Event
    from edged.gallery.snapshot import Snapshot
    from edged.runtime.asker import Asker
    from edged.runtime.clock import Clock
    from edged.runtime.conditions import Conditions
    from edged.runtime.judge import Judge
    from edged.runtime.keeper import Keeper
    from edged.runtime.state_dir import StateDir
    from edged.runtime.sync_state import SyncState
    from edged.runtime.syncer import Syncer
    from edged.vision.sight import Sight


@dataclass(frozen=True, slots=True)
class Liaison:
    """Both, each with a thread of its own; None where the document wants none.

    Attributes:
        syncer: follows the centre.
        asker: asks it about strangers.
    """

    syncer: Syncer | None = None
    asker: Asker | None = None

    @property
    def sync(self) -> Callable[[], SyncState] | None:
        """Says how sync stands; None where there is none."""
        syncer = self.syncer
        return (lambda: syncer.state) if syncer else None

    def amended(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        """See `Asker.amended`; where nobody is asked, the events as they are."""
        return self.asker.amended(events) if self.asker else events


def make_liaison(
    document: Document,
    state: StateDir,
    sight: Sight,
    *,
    gallery: Callable[[], Snapshot],
    judge: Judge,
    keeper: Keeper,
    settings: Callable[[], CentralSettings],
    clock: Clock,
    conditions: Conditions,
) -> Liaison:
    """Makes who is wanted. Nothing is asked yet.

    Args:
        settings: as they are now.
    """
    if document.central.kind == "none":
        return Liaison()
    # Loaded where they are asked for only: they take 6 MB, and 10 more with the first request.
    from edged.runtime.sync_device import make_asker, make_syncer  # noqa: PLC0415

    syncer = make_syncer(
        document,
        state,
        sight,
        gallery=gallery,
        judge=judge,
        keeper=keeper,
        settings=settings,
        clock=clock,
        conditions=conditions,
    )
    if not document.central.ask_unknown:
        return Liaison(syncer)
    asker = make_asker(
        document,
        sight,
        gallery=gallery,
        judge=judge,
        keep=keeper.keep,
        new_id=lambda: new_id(clock.now()),
        clock=clock,
        conditions=conditions,
    )
    return Liaison(syncer, asker)
