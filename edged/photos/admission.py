"""What organisations, events and photographs may be: the same for every store."""

from __future__ import annotations

import re
from typing import Final

from edged.domain.errors import Refused
from edged.domain.text import is_storable
from edged.photos.album import EventPlan, EventState, NewPhoto, Photo, PhotoEvent, Source, Standing
from edged.photos.photo_bundle import photo_id
from edged.photos.photo_format import clean_filename

MOST_CONSENT: Final = 8000
"""Characters: four pages; nobody reads more before they look into a camera."""
_SLUG: Final = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)


def is_slug(text: str) -> bool:
    """Whether something may have this name in addresses."""
    return _SLUG.fullmatch(text) is not None


def admit_slug(slug: str) -> None:
    """Raises Refused `bad_slug`."""
    if not is_slug(slug):
        raise Refused("bad_slug", f"{slug!r} cannot stand in an address", "Use 1 to 64 of a–z, 0–9 and hyphens")


def admit_plan(plan: EventPlan) -> None:
    """Raises Refused `bad_text` where the consent is too long, or it or the name holds what no store can hold."""
    if len(plan.terms.consent) > MOST_CONSENT:
        raise Refused("bad_text", f"the text of consent is longer than {MOST_CONSENT:,} characters", "Shorten it")
    if not (is_storable(plan.name) and is_storable(plan.terms.consent)):
        raise Refused("bad_text", "the name or the text of consent holds what is no character")


def admit_photo(event: PhotoEvent, photo: NewPhoto, media_type: str, digest: str, now: float) -> Photo:
    """What is told of a photograph that an event takes.

    Args:
        event: as it is just now.
        media_type, digest: of the file as it came.
        now: UTC seconds since the epoch.

    Raises:
        Refused: `event_closed`: it takes no more, but what is exchanged with another store.
    """
    if event.state(now) is not EventState.OPEN and photo.source is not Source.SYNC:
        raise Refused(
            "event_closed",
            f"the event {event.organisation}/{event.slug} takes no more photographs",
            "Open it again, or choose another",
        )
    return Photo(
        id=photo_id(event.id, digest),
        filename=clean_filename(photo.filename, media_type),
        width=photo.width,
        height=photo.height,
        taken=photo.taken,
        added=now,
        size=len(photo.content),
        media_type=media_type,
        standing=Standing.WAITING if event.plan.terms.is_moderated else Standing.SHOWN,
        source=photo.source,
    )


def no_event(event: PhotoEvent) -> Refused:
    """To raise where an event is gone."""
    return Refused("no_event", f"there is no event {event.organisation}/{event.slug}")
