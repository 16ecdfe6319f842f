"""What the console's timeline asks of the device."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final, Protocol

from edged.api.console.events import (
    PortraitPart,
    Timeline,
    TimelineAsked,
    TimelineDetail,
    TimelineItem,
    VisitPart,
)
from edged.domain.event import Outcome, Phase
from edged.gallery.people_search import PeopleReader
from edged.gallery.shots import ShotStore
from edged.mqtt.event_search import EventSearch, Found, KeptVisit, TimelineQuery
from edged.wire.door import AlarmRecord
from edged.wire.event import PersonPart
from edged.wire.passage import PassageRecord
from edged.wire.record import Kind

_KINDS: Final = {"visit": Kind.EVENT, "passage": Kind.PASSAGE, "alarm": Kind.ALARM}
PICTURE: Final = "/api/v1/events/{}/picture.jpg"
FACE: Final = "/api/v1/console/people/{}/face.jpg"


class Pseudonymous(Protocol):
    """Names that somebody made up for visits; `edged.gallery.pseudonyms.Pseudonyms` is one."""

    def names(self) -> Mapping[str, str]: ...


class DeviceEventsDesk:
    """`edged.api.console.events.EventsDesk` of a device. Any thread; each question reads for itself.

    Args:
        outbox: the file of the events.
        shots: their pictures; people: who is enrolled; pseudonyms: what strangers are called here.
        places: the names of the cameras and of the doors that are set up now.
    """

    def __init__(
        self,
        outbox: Path,
        *,
        shots: ShotStore,
        people: PeopleReader,
        pseudonyms: Pseudonymous,
        places: Callable[[], tuple[Collection[str], Collection[str]]],
    ) -> None:
        self._outbox = outbox
        self._shots = shots
        self._people = people
        self._pseudonyms = pseudonyms
        self._places = places

    def timeline(self, asked: TimelineAsked) -> Timeline:
        names = self._pseudonyms.names()
        query = TimelineQuery(
            text=asked.q,
            people=self._people.ids_like(asked.q) if asked.q else frozenset(),
            visits=frozenset(visit for visit, name in names.items() if asked.q and _in(asked.q, name)),
            person=asked.person,
            kind=None if asked.kind is None else _KINDS[asked.kind],
            camera=asked.camera,
            door=asked.door,
            outcome=asked.outcome,
            verdict=asked.verdict,
            since=None if asked.since is None else asked.since.timestamp(),
            until=None if asked.until is None else asked.until.timestamp(),
        )
        with closing(EventSearch.open(self._outbox)) as search:
            found = search.timeline(query, below=asked.below, limit=asked.limit + 1)
            items = tuple(self._item(one, search, names) for one in found[: asked.limit])
            cameras, doors = search.places()
        now_cameras, now_doors = self._places()
        return Timeline(
            items=items,
            next=items[-1].number if len(found) > asked.limit else None,
            cameras=tuple(sorted({*cameras, *now_cameras})),
            doors=tuple(sorted({*doors, *now_doors})),
        )

    def detail(self, item: str) -> TimelineDetail | None:
        names = self._pseudonyms.names()
        with closing(EventSearch.open(self._outbox)) as search:
            visit = search.visit(item)
            found: Found | None = visit or search.find_passage(item) or search.find_alarm(item)
            if found is None:
                return None
            shown = self._item(found, search, names)
            of = shown.visit.id if shown.visit else (shown.passage.visit if shown.passage else "")
            visit = visit or (search.visit(of) if of else None)
            passages = search.passages_of(of) if of else []
        return TimelineDetail(
            item=shown,
            steps=tuple(step.record for step in visit.steps) if visit else (),
            passages=tuple(stored.record for stored in passages),
            portrait=self._portrait(_whom(shown)),
        )

    def _item(self, found: Found, search: EventSearch, names: Mapping[str, str]) -> TimelineItem:
        if isinstance(found, KeptVisit):
            return self._visit(found, search, names)
        record = found.record
        if isinstance(record, AlarmRecord):
            return TimelineItem(
                id=record.id, kind="alarm", number=found.number, at=record.at.decided, picture=None, alarm=record
            )
        visit = search.visit(record.visit) if record.visit else None
        picture = self._picture(visit) if visit else None
        return TimelineItem(
            id=record.id,
            kind="passage",
            number=found.number,
            at=record.at.decided,
            picture=picture and PICTURE.format(picture),
            visit=None if visit is None else self._visit_part(visit, picture, names),
            passage=record,
        )

    def _visit(self, found: KeptVisit, search: EventSearch, names: Mapping[str, str]) -> TimelineItem:
        picture, passages = self._picture(found), search.passages_of(found.newest.record.visit)
        part = self._visit_part(found, picture, names)
        return TimelineItem(
            id=part.id,
            kind="visit",
            number=found.number,
            at=found.newest.record.at.decided,
            picture=picture and PICTURE.format(picture),
            visit=part,
            passage=passages[-1].record if passages else None,
        )

    def _visit_part(self, found: KeptVisit, picture: str | None, names: Mapping[str, str]) -> VisitPart:
        newest, first = found.newest.record, found.steps[0].record
        settled = [step.record for step in found.steps if step.record.type is not Phase.END]
        settling = next((step for step in settled if step.outcome is newest.outcome), None)
        return VisitPart(
            id=newest.visit,
            event=newest,
            first=first.at.captured,
            last=newest.at.captured,
            delay_ms=settling and (settling.at.decided - settling.at.captured).total_seconds() * 1000,
            replay=picture or newest.id,
            pseudonym=names.get(newest.visit, ""),
        )

    def _picture(self, visit: KeptVisit) -> str | None:
        """The newest event of a visit that has a picture."""
        return next((step.record.id for step in reversed(visit.steps) if self._shots.has_picture(step.record.id)), None)

    def _portrait(self, whom: PersonPart | None) -> PortraitPart | None:
        if whom is None:
            return None
        person = self._people.named([whom.id]).get(whom.id)
        kept = any(face.kept for face in self._people.faces(whom.id)) if person else False
        return PortraitPart(
            id=whom.id,
            name=person.name if person else whom.name,
            customer_person_id=person.customer_person_id if person else whom.customer_person_id,
            enrolled=person is not None,
            picture=FACE.format(whom.id) if kept else None,
        )


def _whom(item: TimelineItem) -> PersonPart | None:
    """Whose enrolled photograph helps: who it was, or who comes closest."""
    if isinstance(item.passage, PassageRecord) and item.passage.person:
        return item.passage.person
    event = item.visit.event if item.visit else None
    if event is None or event.best is None or event.outcome is Outcome.NO_FACE:
        return None
    return event.best.person


def _in(part: str, text: str) -> bool:
    return part.casefold() in text.casefold()
