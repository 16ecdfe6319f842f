"""Events, photographs and purges as the native interface tells of them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from edged.photos.album import EventPlan, Features, PhotoEvent, Purge, Tally, Terms
from edged.photos.photo import Photo
from edged.wire.album import EventChange, EventItem, EventOrder, FeatureSet, PhotoItem, PurgeItem, TallyItem, TermSet
from edged.wire.payload import instant


def plan_of(order: EventOrder | EventChange) -> EventPlan:
    """What was asked for, as the stores have it."""
    terms = order.terms
    return EventPlan(
        name=order.name,
        features=Features(**order.features.model_dump()),
        threshold=order.threshold,
        terms=Terms(
            consent=terms.consent,
            closes=_seconds(terms.closes),
            expires=_seconds(terms.expires),
            keeps_selfies=terms.keeps_selfies,
            keeps_originals=terms.keeps_originals,
            is_moderated=terms.is_moderated,
            forgets_faces=terms.forgets_faces,
        ),
    )


def event_item(event: PhotoEvent, now: float) -> EventItem:
    """An event as it stands at a moment, UTC seconds since the epoch."""
    terms = event.plan.terms
    return EventItem(
        id=event.id,
        slug=event.slug,
        name=event.plan.name,
        created=instant(event.created),
        state=event.state(now).value,
        closed=_moment(event.closed),
        photos=event.photos,
        waiting=event.waiting,
        threshold=event.plan.threshold,
        features=FeatureSet(**asdict(event.plan.features)),
        terms=TermSet(
            consent=terms.consent,
            closes=_moment(terms.closes),
            expires=_moment(terms.expires),
            keeps_selfies=terms.keeps_selfies,
            keeps_originals=terms.keeps_originals,
            is_moderated=terms.is_moderated,
            forgets_faces=terms.forgets_faces,
        ),
        consent_version=event.consent_version,
    )


def tally_item(tally: Tally) -> TallyItem:
    return TallyItem(**asdict(tally))


def purge_item(purge: Purge) -> PurgeItem:
    return PurgeItem(
        event=purge.event,
        organisation=purge.organisation,
        slug=purge.slug,
        name=purge.name,
        at=instant(purge.at),
        tally=tally_item(purge.tally),
        salt=purge.salt,
        digests=purge.digests,
        report=purge.report,
    )


def photo_item(photo: Photo) -> PhotoItem:
    return PhotoItem(
        id=photo.id,
        filename=photo.filename,
        width=photo.width,
        height=photo.height,
        taken=_moment(photo.taken),
        added=instant(photo.added),
        size=photo.size,
        media_type=photo.media_type,
        standing=photo.standing.value,
        source=photo.source.value,
    )


def _moment(utc: float | None) -> datetime | None:
    return None if utc is None else instant(utc)


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
