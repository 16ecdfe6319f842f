"""How sync stands, for whoever wants to know."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SyncState:
    """How sync stands.

    Attributes:
        revision: of the centre, which the device has followed to.
        followed: on the steady clock, when it last had everything; None: not since the start.
        shared: people whom both have; queued, held: see `edged.central.ledger.Account`.
        roster: digest of the shared people.
    """

    revision: int = 0
    followed: float | None = None
    shared: int = 0
    queued: int = 0
    held: int = 0
    roster: str = ""
