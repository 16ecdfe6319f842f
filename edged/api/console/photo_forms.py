"""What the forms of the console's photographs hold."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from edged.api.asked import Form
from edged.photos.admission import MOST_CONSENT

MOST_AT_ONCE = 200
"""Photographs that are changed with one request."""

_Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}$")]
_Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]


class EventForm(Form):
    """An event, as its organiser wants it."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    consent: Annotated[str, StringConstraints(max_length=MOST_CONSENT)] = ""
    closes: AwareDatetime | None = None
    expires: AwareDatetime | None = None
    threshold: Annotated[float, Field(ge=0.0, le=1.0)]
    enabled: bool = True
    selfie_search: bool = True
    downloads: bool = True
    keeps_selfies: bool = False
    keeps_originals: bool = True
    is_moderated: bool = False
    forgets_faces: bool = True


class NewEventForm(EventForm):
    """An event that is to be made."""

    slug: _Slug


class CloseForm(Form):
    """Whether an event takes photographs."""

    closed: bool


class ListQuery(Form):
    """Which photographs."""

    standing: Literal["shown", "waiting", "hidden", ""] = ""
    """Empty: all."""
    offset: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)] = 60


class StandingForm(Form):
    """Photographs are to be shown, or taken away from guests."""

    photos: Annotated[tuple[_Id, ...], Field(min_length=1, max_length=MOST_AT_ONCE)]
    standing: Literal["shown", "waiting", "hidden"]


class DeleteForm(Form):
    """Photographs are to be deleted."""

    photos: Annotated[tuple[_Id, ...], Field(min_length=1, max_length=MOST_AT_ONCE)]


class PurgeForm(Form):
    """An event is to be purged."""

    typed: Annotated[str, StringConstraints(max_length=64)]
    """Its slug, as proof that it is this one that is meant."""
