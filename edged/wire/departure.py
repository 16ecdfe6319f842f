"""Who was deleted at a centre, and how far that has come."""

from __future__ import annotations

from typing import Final

from edged.wire.payload import Instant, Part, Payload

MOST_MISSING: Final = 100
"""Names in `DepartureItem.missing` at most."""


class DepartureItem(Part):
    """Somebody who was deleted. Their account (`people/{id}`) says it device by device."""

    number: int
    """Rises in the order of the deletions."""
    id: str
    """The centre's."""
    deleted: Instant
    receipts: int
    """How many devices have handed in a signed receipt."""
    told: int
    """How many have read of it without one: they never knew the person, or it is under way."""
    behind: int
    """How many have not read of it yet, or hold it until a person decides."""
    missing: tuple[str, ...]
    """The names of these; the first of them where there are many."""


class DepartureList(Payload):
    """Those who were deleted, the newest first."""

    departures: tuple[DepartureItem, ...]
    more: bool
    """There are older ones: ask for those `after` the last number."""
