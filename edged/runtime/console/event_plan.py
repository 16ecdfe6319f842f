"""An event's plan, as the console's form describes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from edged.api.console.photo_forms import EventForm
from edged.domain.errors import Refused
from edged.photos.album import EventPlan, Features, Terms


def plan_of(asked: EventForm, before: Features) -> EventPlan:
    """The plan that a form describes. `before`: what the event offers; what the form does not ask for stays."""
    return EventPlan(
        name=asked.name,
        features=replace(before, enabled=asked.enabled, selfie_search=asked.selfie_search, downloads=asked.downloads),
        threshold=asked.threshold,
        terms=Terms(
            consent=asked.consent,
            closes=_seconds(asked.closes),
            expires=_seconds(asked.expires),
            keeps_selfies=asked.keeps_selfies,
            keeps_originals=asked.keeps_originals,
            is_moderated=asked.is_moderated,
            forgets_faces=asked.forgets_faces,
        ),
    )


def check_times(asked: EventForm, before: Terms | None, now: float) -> None:
    """A time in the past ends an event at once, which nobody means; one that is there already may stay.

    Args:
        before: what it has; None: it is made. now: UTC seconds since the epoch.

    Raises:
        Refused: `expires`, `closes`.
    """
    closes, expires = _seconds(asked.closes), _seconds(asked.expires)
    if expires is not None and expires <= now and (before is None or not _same(expires, before.expires)):
        raise Refused("expires", "the event would be over already", "Choose a time to come, or none")
    if closes is not None and closes <= now and (before is None or not _same(closes, before.closes)):
        raise Refused("closes", "the event would be closed already", "Choose a time to come, or close it")
    if closes is not None and expires is not None and expires < closes:
        raise Refused("expires", "the event is over before it closes", "Correct one of the two times")


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _same(left: float, right: float | None) -> bool:
    """To the millisecond, which is what a page is told."""
    return right is not None and abs(left - right) < 0.001
