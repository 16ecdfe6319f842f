"""Who did what: entries of the audit log."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act of a token's holder.

    Attributes:
        number: growing, never used twice.
        at: UTC seconds since the epoch.
        by: id of the token; name: as its holder was called then.
        act: a stable word.
        about: keys and numbers of what was concerned, never a face or a name.
    """

    number: int
    at: float
    by: str
    name: str
    act: str
    about: str
