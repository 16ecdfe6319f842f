"""What came of an event: the figures its organiser signs off at midnight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from statistics import median
from typing import Any, Final, Protocol

from edged.domain.timestamp import utc
from edged.photos.album import PhotoEvent, Tally
from edged.photos.photo import Photo, PhotoPage, Standing
from edged.photos.report import Report

KIND: Final = "edged.event_sign_off"
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Searched:
    """A search, without the face it was done with.

    Attributes:
        done: UTC seconds since the epoch.
        found: how many photographs it has; consent: the version of the consent that was given on a page of ours.
        has_face: a face was found in the selfie.
    """

    done: float
    found: int
    consent: int | None
    has_face: bool


class Evening(Protocol):
    """What the figures come from: `edged.photos.sqlite_albums.SqliteAlbums`."""

    def tally(self, event: PhotoEvent) -> Tally: ...

    def photos(
        self, event: PhotoEvent, offset: int, limit: int, standing: Standing | None = Standing.SHOWN
    ) -> PhotoPage: ...

    def reports(self, event: PhotoEvent) -> Sequence[Report]: ...

    def searched(self, event: PhotoEvent) -> Sequence[Searched]:
        """All searches that were done, the oldest first."""
        ...


def sign_off(
    evening: Evening,
    event: PhotoEvent,
    now: float,
    *,
    device: str,
    zone: tzinfo | None = None,
    refused: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """The figures of an event as a JSON document, to be signed. Blocks for the disk: a second for 5,000 photographs.

    Args:
        now: UTC seconds since the epoch. device: its name.
        zone: in which hours are told; None: the machine's own.
        refused: how many files were refused, by reason; None where nobody counts them.
    """
    tally, searched = evening.tally(event), evening.searched(event)
    photos = list(_all_photos(evening, event))
    by_source = Counter(str(photo.source) for photo in photos)
    hours = Counter(_hour(photo.added, zone) for photo in photos)
    guests = [one for one in searched if one.has_face]
    consents = Counter(one.consent for one in searched)
    terms = event.plan.terms
    return {
        "v": 1,
        "kind": KIND,
        "device": device,
        "made": utc(now),
        "event": event.id,
        "organisation": event.organisation,
        "slug": event.slug,
        "name": event.plan.name,
        "state": str(event.state(now)),
        "times": {
            "created": utc(event.created),
            "closes": utc(terms.closes),
            "closed": utc(event.closed),
            "expires": utc(terms.expires),
        },
        "photographs": {
            "came_in": tally.photos,
            "by_source": dict(sorted(by_source.items())),
            "by_hour": [{"hour": hour, "photographs": count} for hour, count in sorted(hours.items())],
            "shown": tally.shown,
            "waiting": tally.waiting,
            "hidden": tally.hidden,
            "reported": len({report.photo for report in evening.reports(event)}),
            "bytes": tally.size,
        },
        "faces": tally.faces,
        "guests": {
            "searches": tally.searches,
            "with_a_face": len(guests),
            "found_something": sum(one.found > 0 for one in guests),
            "photographs_median": float(median(one.found for one in guests)) if guests else None,
            "not_me": tally.denials,
            "forgotten": tally.guests_forgotten,
            "selfies_kept": tally.selfies,
        },
        "consent": {
            "text": terms.consent,
            "version": event.consent_version,
            "searches": [
                {"version": version, "searches": count}
                for version, count in sorted(consents.items(), key=lambda item: item[0] or 0)
            ],
        },
        "refused": dict(sorted(refused.items())) if refused is not None else None,
    }


def _hour(seconds: float, zone: tzinfo | None) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone).replace(minute=0, second=0, microsecond=0).isoformat()


def _all_photos(evening: Evening, event: PhotoEvent) -> Iterator[Photo]:
    offset = 0
    while page := evening.photos(event, offset, _PAGE, None).photos:
        yield from page
        offset += _PAGE
