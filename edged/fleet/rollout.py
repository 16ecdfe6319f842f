"""A change on its way to many devices: what it is, and how far it has come. `edged.fleet.course` moves it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Phase(StrEnum):
    """Where in its life a roll-out is."""

    ROLLING = "rolling"
    """Batch after batch is told the change."""
    UNDOING = "undoing"
    """What was told so far is being taken back."""
    APPLIED = "applied"
    """All have it, those in `later` as soon as they come."""
    ROLLED_BACK = "rolled_back"
    """It stands nowhere any more. Devices that have not confirmed that are in `open`."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address that is told the change, and the devices that are to follow it.

    Attributes:
        address: a device's name, or `_group/` and a group's.
        devices: who answers: the device itself, or those members of the group that were online.
    """

    address: str
    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """An address that was told the change, or is about to be.

    Attributes:
        version: of the order with the change.
        former: all that stood there before; may hold secrets.
        stands: it was seen to stand there.
    """

    version: int
    former: Mapping[str, Any] = field(repr=False)
    stands: bool = False


@dataclass(frozen=True, slots=True)
class Rollout:
    """A roll-out.

    Attributes:
        id: stands as token in every order of it.
        by: who rolls out.
        began: UTC seconds since the epoch.
        change: JSON merge patch; may hold secrets.
        batches: in order.
        later: addresses that are told at the end and not waited for: devices that are away.
        before: by device, names of the conditions that it had already.
        hold_s: so long all of a batch must be well before the next one is told.
        patience_s: a batch that is not well after so long is not well at all.
        phase, batch: where it is; `batch` counts from 0.
        told: by address.
        undone: by address, the version of the order that took the change back.
        why: what stopped it, in words.
        open: by device, what is not as it should be at the end, in words.
        entered: when the batch, or the undoing, began; well: since when all are well. Seconds of a clock that stands
            still while nobody looks; not kept over a restart, after which the time begins anew.
    """

    id: str
    by: str
    began: float
    change: Mapping[str, Any] = field(repr=False)
    batches: tuple[tuple[Target, ...], ...]
    later: tuple[Target, ...]
    before: Mapping[str, frozenset[str]]
    hold_s: float
    patience_s: float
    phase: Phase = Phase.ROLLING
    batch: int = 0
    told: Mapping[str, Told] = field(default_factory=dict)
    undone: Mapping[str, int] = field(default_factory=dict)
    why: tuple[str, ...] = ()
    open: Mapping[str, str] = field(default_factory=dict)
    entered: float | None = field(default=None, compare=False)
    well: float | None = field(default=None, compare=False)

    @property
    def is_over(self) -> bool:
        return self.phase in {Phase.APPLIED, Phase.ROLLED_BACK}

    @property
    def targets(self) -> Iterator[Target]:
        """All of them, in the order in which they are told."""
        for batch in self.batches:
            yield from batch
        yield from self.later

    @property
    def devices(self) -> tuple[str, ...]:
        """Everybody who is waited for, without those in `later`."""
        return tuple(device for batch in self.batches for target in batch for device in target.devices)
