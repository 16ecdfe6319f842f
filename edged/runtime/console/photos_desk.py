"""What the console's page of photographs asks of the booth."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from edged.api.console.photo_forms import DeleteForm, EventForm, ListQuery, NewEventForm, StandingForm
from edged.api.console.photo_parts import (
    EventPart,
    IntakeProgress,
    PhotoListing,
    PhotoPart,
    PhotosOverview,
    PurgePart,
    RefusedFile,
    ReportedPart,
    StoragePart,
)
from edged.api.photo_intake import add_photo
from edged.domain.errors import Refused, Unavailable
from edged.photos.album import Features, PhotoEvent, Purge
from edged.photos.photo import Photo, PhotoFile, PhotoKind, Standing
from edged.photos.purged_copies import PurgedCopies
from edged.photos.report import Report
from edged.runtime.booth import Booth, Hand
from edged.runtime.console.event_plan import check_times, plan_of
from edged.runtime.folder_progress import FolderProgress
from edged.runtime.purger import Purger
from edged.wire.payload import Instant, instant

_MOST_EVENTS: Final = 100
_GB: Final = 1e9

SignOff = Callable[[PhotoEvent], Mapping[str, Any]]


def _no_intake() -> IntakeProgress | None:
    return None


class DevicePhotosDesk:
    """`edged.api.console.photos.PhotosDesk`. Any thread.

    Args:
        booth: has the events. purger: ends them.
        signed_off: the signed figures of an event.
        used: bytes of all files of photographs.
        intake: how far the watched folder is; None where none is watched.
    """

    def __init__(
        self,
        booth: Booth,
        purger: Purger,
        *,
        signed_off: SignOff,
        used: Callable[[], int],
        intake: Callable[[], IntakeProgress | None] = _no_intake,
    ) -> None:
        self._booth = booth
        self._albums = booth.albums
        self._copies = PurgedCopies(booth.database)
        self._purger = purger
        self._signed_off = signed_off
        self._used = used
        self._intake = intake
        self._turn = threading.Lock()
        self._adding: set[str] = set()

    def overview(self) -> PhotosOverview:
        total, events = self._albums.events(self._organisation, 0, _MOST_EVENTS)
        settings, current = self._booth.settings(), self._booth.event()
        copies = self._copies.reports()
        return PhotosOverview(
            on=True,
            organisation=self._organisation,
            events=tuple(self._event_part(event, current) for event in events),
            more=total > len(events),
            storage=StoragePart(
                used_bytes=self._used(), most_bytes=int(settings.max_gb * _GB), when_full=settings.when_full
            ),
            intake=self._intake(),
            purges=tuple(
                self._purge_part(purge, copies.get(purge.event, ()))
                for purge in self._albums.purges(self._organisation)[:_MOST_EVENTS]
            ),
        )

    def create(self, asked: NewEventForm, *, by: str) -> EventPart:
        check_times(asked, None, self._booth.clock.now().utc)
        plan = plan_of(asked, Features())
        event = self._albums.create_event(self._organisation, asked.slug, plan, by=_hand(by))
        return self._event_part(event, self._booth.event())

    def change(self, slug: str, asked: EventForm, *, by: str) -> EventPart:
        before = self._event(slug).plan
        check_times(asked, before.terms, self._booth.clock.now().utc)
        plan = plan_of(asked, before.features)
        return self._told(slug, self._albums.change_event(self._organisation, slug, plan, by=_hand(by)))

    def close(self, slug: str, closed: bool, *, by: str) -> EventPart:
        event = self._event(slug)
        closes = event.plan.terms.closes
        if not closed and closes is not None and closes <= self._booth.clock.now().utc:
            raise Refused("closes", "the time at which it closes is over", "Edit the event, and put that time off")
        return self._told(slug, self._albums.close_event(self._organisation, slug, closed, by=_hand(by)))

    def photos(self, slug: str, asked: ListQuery) -> PhotoListing:
        standing = Standing(asked.standing) if asked.standing else None
        event = self._event(slug)
        page, reports = self._albums.photos(event, asked.offset, asked.limit, standing), self._albums.reports(event)
        return PhotoListing(total=page.total, photos=tuple(_photo_part(photo, reports) for photo in page.photos))

    def picture(self, photo: str, kind: PhotoKind) -> PhotoFile | None:
        return self._albums.content(photo, kind)

    def add(self, slug: str, content: bytes, filename: str, *, by: str) -> PhotoPart:
        event = self._event(slug)
        with self._one_at_a_time(by):
            photo = add_photo(self._booth, event, content, filename=filename, taken=None, by=_hand(by))
        return _photo_part(photo)

    def stand(self, slug: str, asked: StandingForm, *, by: str) -> int:
        event, standing = self._event(slug), Standing(asked.standing)
        return sum(self._albums.set_standing(event, photo, standing, by=_hand(by)) for photo in asked.photos)

    def delete(self, slug: str, asked: DeleteForm, *, by: str) -> int:
        event = self._event(slug)
        there = [photo for photo in asked.photos if self._albums.any_photo(event, photo) is not None]
        return sum(self._albums.delete_photo(photo, by=_hand(by)) for photo in there)

    def sign_off(self, slug: str) -> Mapping[str, Any]:
        return self._signed_off(self._event(slug))

    def purge(self, slug: str, typed: str, *, by: str) -> PurgePart:
        if typed != slug:
            raise Refused("not_confirmed", "the name that was typed is not the event's", "Type it as it is shown")
        purge = self._purger.purge(self._organisation, slug, by=_hand(by))
        if purge is None:
            raise _no_event()
        return self._purge_part(purge)

    def report(self, event_id: str) -> Mapping[str, Any] | None:
        for purge in self._albums.purges(self._organisation):
            if purge.event == event_id and purge.report:
                report: dict[str, Any] = json.loads(purge.report)
                return report
        return None

    def copies(self, event_id: str) -> Sequence[Mapping[str, Any]]:
        return self._copies.of(event_id)

    @property
    def _organisation(self) -> str:
        return self._booth.settings().organisation

    def _event(self, slug: str) -> PhotoEvent:
        event = self._albums.event(self._organisation, slug)
        if event is None:
            raise _no_event()
        return event

    def _told(self, slug: str, event: PhotoEvent | None) -> EventPart:
        return self._event_part(event or self._event(slug), self._booth.event())

    @contextmanager
    def _one_at_a_time(self, by: str) -> Iterator[None]:
        with self._turn:
            if by in self._adding:
                raise Unavailable("another photograph of yours is being added", "Send it again in a moment")
            self._adding.add(by)
        try:
            yield
        finally:
            with self._turn:
                self._adding.discard(by)

    def _event_part(self, event: PhotoEvent, current: PhotoEvent | None) -> EventPart:
        plan, tally = event.plan, self._albums.tally(event)
        terms = plan.terms
        return EventPart(
            id=event.id,
            slug=event.slug,
            name=plan.name,
            state=event.state(self._booth.clock.now().utc),
            current=current is not None and current.id == event.id,
            created=instant(event.created),
            closed=_moment(event.closed),
            closes=_moment(terms.closes),
            expires=_moment(terms.expires),
            purges_at=_moment(self._purger.purges_at(event)),
            consent=terms.consent,
            consent_version=event.consent_version,
            threshold=plan.threshold,
            enabled=plan.features.enabled,
            selfie_search=plan.features.selfie_search,
            downloads=plan.features.downloads,
            keeps_selfies=terms.keeps_selfies,
            keeps_originals=terms.keeps_originals,
            is_moderated=terms.is_moderated,
            forgets_faces=terms.forgets_faces,
            shown=tally.shown,
            waiting=tally.waiting,
            hidden=tally.hidden,
            faces=tally.faces,
            searches=tally.searches,
            denials=tally.denials,
            selfies=tally.selfies,
            guests_forgotten=tally.guests_forgotten,
            bytes=tally.size,
        )

    def _purge_part(self, purge: Purge, copies: Sequence[Mapping[str, Any]] = ()) -> PurgePart:
        progress = self._purger.progress(purge.event)
        return PurgePart(
            event=purge.event,
            slug=purge.slug,
            name=purge.name,
            at=instant(purge.at),
            by=purge.by,
            photographs=purge.tally.photos,
            signed=bool(purge.report),
            step="" if purge.report else progress.step,
            files_done=purge.files if purge.report else progress.done,
            files=purge.files if purge.report else progress.of,
            at_hub=max((one["purged"] for one in copies), default=None),
        )


def _photo_part(photo: Photo, reports: Sequence[Report] = ()) -> PhotoPart:
    return PhotoPart(
        id=photo.id,
        filename=photo.filename,
        width=photo.width,
        height=photo.height,
        taken=_moment(photo.taken),
        added=instant(photo.added),
        bytes=photo.size,
        standing=photo.standing,
        source=photo.source,
        reported=tuple(
            ReportedPart(reason=report.reason, at=instant(report.at)) for report in reports if report.photo == photo.id
        ),
    )


def intake_part(progress: FolderProgress) -> IntakeProgress:
    """How far the watched folder is, as the page is told."""
    return IntakeProgress(
        folder=progress.folder,
        event=progress.event,
        done=progress.done,
        waiting=progress.waiting,
        refused=progress.refused,
        refusals=tuple(RefusedFile(name=name, reason=reason, what=what) for name, reason, what in progress.refusals),
        ends=_moment(progress.finishes),
    )


def _moment(seconds: float | None) -> Instant | None:
    return None if seconds is None else instant(seconds)


def _hand(by: str) -> Hand:
    return Hand(f"account:{by}", by)


def _no_event() -> Refused:
    return Refused("no_event", "there is no such event any more", "Choose one in the list")
