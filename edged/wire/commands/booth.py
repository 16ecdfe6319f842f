"""Requests for the booth."""

from __future__ import annotations

from edged.wire.payload import Instant, Part


class PhotoTaken(Part):
    """A photograph was taken, and added to the event that is on."""

    photo: str
    """Its id."""
    event: str
    """The event's id, a UUID."""
    slug: str
    """What the event is called in addresses."""
    at: Instant
    """When it was taken."""
    width: int
    height: int
    shown: bool
    """Guests can find it; false where somebody has to let it through first."""
