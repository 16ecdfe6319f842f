"""How an event and a photograph lie in a row, whatever database it is in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from edged.photos.album import EventPlan, Features, PhotoEvent, Terms
from edged.photos.photo import Photo, Source, Standing

PLAN: Final = (
    "name, enabled, selfie_search, name_search, downloads, threshold, consent, closes, expires, keeps_selfies,"
    " keeps_originals, is_moderated, forgets_faces"
)
"""The columns that `written` fills, in its order."""


def written(plan: EventPlan) -> tuple[Any, ...]:
    """The values of `PLAN`."""
    features, terms = plan.features, plan.terms
    return (
        plan.name,
        features.enabled,
        features.selfie_search,
        features.name_search,
        features.downloads,
        plan.threshold,
        terms.consent,
        terms.closes,
        terms.expires,
        terms.keeps_selfies,
        terms.keeps_originals,
        terms.is_moderated,
        terms.forgets_faces,
    )


def event_of(row: Sequence[Any]) -> PhotoEvent:
    """An event of id, slug of the organisation, own slug, created, closed, consent_version, photos, waiting, `PLAN`."""
    event_id, organisation, slug, created, closed, version, photos, waiting, *plan = row
    name, enabled, selfie, by_name, downloads, threshold, consent, closes, expires, *flags = plan
    features = Features(bool(enabled), bool(selfie), bool(by_name), bool(downloads))
    terms = Terms(consent, closes, expires, *map(bool, flags))
    planned = EventPlan(name, features, threshold, terms)
    return PhotoEvent(event_id, organisation, slug, planned, created, closed, version, photos, waiting)


def photo_of(row: Sequence[Any]) -> Photo:
    """A photograph of a row that has its fields in their order."""
    photo, filename, width, height, taken, added, size, kind, standing, source = row
    return Photo(photo, filename, width, height, taken, added, size, kind, Standing(standing), Source(source))
