"""What verifying an audit log found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edged.audit.head import Head


class Kind(StrEnum):
    """What was done to a chain."""

    ALTERED = "altered"
    """An entry does not say what it said, or its hash or mark is another."""
    REMOVED = "removed"
    """Entries are missing between others."""
    SWAPPED = "swapped"
    """An entry lies in another's place."""
    INSERTED = "inserted"
    """An entry is there that the device never made, or a second time."""
    TAIL_REMOVED = "tail_removed"
    """The newest entries are missing."""
    HEAD = "head"
    """The head is missing, or not as the device wrote it."""
    ANCHOR = "anchor"
    """The beginning is not as the device left it."""
    ROLLED_BACK = "rolled_back"
    """A head that was noted elsewhere is not of this chain: an older copy took its place, or another chain."""
    UNREADABLE = "unreadable"
    """The file itself is damaged."""
    SIGNATURE = "signature"
    """An export was not signed by the device, or its signature does not fit."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        kind: which; number, through: the entries it is about, first and last; 0 where it is about none.
        what: one sentence.
    """

    kind: Kind
    number: int
    through: int
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found.

    Attributes:
        chain: id of the chain; first, last: numbers of the oldest and the newest entry that are there; 0 without any.
        entries: how many there are.
        faults: what is wrong, in the order of the entries; at most `MOST_FAULTS`.
        more: how many faults more there are.
        head: where the chain ends, by its own word; None where it has none.
        ahead: entries beyond the head that bear the device's marks: it was interrupted, or is at work.
        remarks: what could not be looked at, and why.
    """

    chain: str
    first: int
    last: int
    entries: int
    faults: tuple[Fault, ...]
    more: int = 0
    head: Head | None = None
    ahead: int = 0
    remarks: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


MOST_FAULTS = 100
