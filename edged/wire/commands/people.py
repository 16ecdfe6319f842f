"""Requests about who is enrolled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from edged.wire.commands.asked import Asked, PersonKey
from edged.wire.payload import Instant, Part


class PeopleListAsked(Asked):
    """A page of those who are enrolled, in the order of their keys."""

    after: str = Field("", max_length=128)
    """`next` of the page before; empty for the first."""
    most: int = Field(100, ge=1, le=500)
    """So many at most; fewer come where more would be too long for a message."""


class PersonEntry(Part):
    """Somebody who is enrolled."""

    customer_person_id: str
    """Your key."""
    id: str
    """edged's own, a UUIDv7, never reused."""
    name: str
    email: str
    phone: str
    groups: tuple[str, ...]
    valid_from: Instant | None
    valid_until: Instant | None
    notes: str
    photos: int
    """How many faces of them can be compared with."""
    enrolled_at: Instant


class PeopleListed(Part):
    """A page."""

    people: tuple[PersonEntry, ...]
    next: str | None
    """What to ask for as `after`; null: these were the last."""
    total: int
    """How many are enrolled altogether."""


class PersonAsked(Asked):
    """One person."""

    customer_person_id: PersonKey


class PersonShown(Part):
    """All that is known of a person but their face."""

    person: PersonEntry


class PersonDeleted(Part):
    """Somebody is deleted, and recognised no more."""

    customer_person_id: str
    id: str
    receipt: Mapping[str, Any] | None
    """The signed proof that nothing is left on the device, as `edged people receipts` shows it; null: traces are still
    being removed.
    """
