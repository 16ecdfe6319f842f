"""Organisations, events and photographs as `/edged/v1` writes them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from edged.wire.payload import Instant, Part, Payload

_Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}$")]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class OrganisationItem(Payload):
    """An organisation."""

    slug: str
    """Its name in addresses."""
    name: str


class OrganisationList(Payload):
    organisations: tuple[OrganisationItem, ...]


class OrganisationOrder(Part):
    """A new organisation."""

    slug: _Slug
    name: _Name


class FeatureSet(Part):
    """What an event offers."""

    enabled: bool = True
    selfie_search: bool = True
    name_search: bool = False
    downloads: bool = True


class EventItem(Payload):
    """An event of an organisation."""

    slug: str
    name: str
    created: Instant
    photos: int
    """How many there are."""
    threshold: float
    """The confidence, 0–1, from which a photograph is shown to somebody."""
    features: FeatureSet


class EventList(Payload):
    total: int
    events: tuple[EventItem, ...]


class EventOrder(Part):
    """A new event."""

    slug: _Slug
    name: _Name
    threshold: Annotated[float, Field(ge=0, le=1)] = 0.9
    features: FeatureSet = Field(default_factory=FeatureSet)


class PhotoItem(Payload):
    """A photograph."""

    id: str
    """A UUID."""
    filename: str
    width: int
    height: int
    taken: Instant | None
    added: Instant
    size: int
    """Bytes."""
    media_type: str


class PhotoList(Payload):
    total: int
    photos: tuple[PhotoItem, ...]
