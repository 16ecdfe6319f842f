"""`request/people_list`, `people_get` and `people_delete`: who is enrolled."""

from __future__ import annotations

from typing import Final

from edged.domain.errors import Refused
from edged.domain.person import PersonSummary
from edged.gallery.departures import Departures
from edged.gallery.face_book import FaceBook
from edged.gallery.gallery import Gallery
from edged.runtime.deed import Call
from edged.runtime.deeds.enroll import VIA
from edged.runtime.keeper import Keeper
from edged.runtime.replies import MAX_ANSWER_BYTES
from edged.wire.commands.people import (
    PeopleListAsked,
    PeopleListed,
    PersonAsked,
    PersonDeleted,
    PersonEntry,
    PersonShown,
)
from edged.wire.payload import Instant, instant

_PATIENCE_S: Final = 4.0
_LOOK_S: Final = 0.2
_PAGE_BYTES: Final = MAX_ANSWER_BYTES - 2048
"""For the people of a page; what is around them takes less than the rest."""


class PeopleDeeds:
    """Args:
    keeper: owns the gallery.
    departures: tell when somebody is forgotten everywhere.
    """

    def __init__(self, keeper: Keeper, departures: Departures) -> None:
        self._keeper = keeper
        self._departures = departures

    def page(self, asked: PeopleListAsked, _call: Call) -> PeopleListed:
        """A page, cut where it would become too long for a message."""

        def work(gallery: Gallery) -> tuple[list[PersonSummary], int]:
            return gallery.people(after=asked.after, limit=asked.most + 1), gallery.snapshot().persons

        found, total = self._keeper.ask(work).result(_PATIENCE_S)
        entries: list[PersonEntry] = []
        room = _PAGE_BYTES
        for summary in found[: asked.most]:
            entry = _entry(summary)
            room -= len(entry.model_dump_json().encode()) + 1
            if room < 0:
                break
            entries.append(entry)
        more = len(entries) < len(found)
        return PeopleListed(
            people=tuple(entries), next=entries[-1].customer_person_id if entries and more else None, total=total
        )

    def one(self, asked: PersonAsked, _call: Call) -> PersonShown:
        """Somebody by their key."""
        summary = self._keeper.ask(lambda gallery: gallery.find(asked.customer_person_id)).result(_PATIENCE_S)
        if summary is None:
            raise _unknown(asked.customer_person_id)
        return PersonShown(person=_entry(summary))

    def delete(self, asked: PersonAsked, call: Call) -> PersonDeleted:
        """Deletes somebody, and waits until they are forgotten everywhere on the device, or it takes too long."""

        def change(book: FaceBook) -> str | None:
            found = book.person(asked.customer_person_id)
            if found is None:
                return None
            book.remove_person(found.person.id)
            # The id stands in the receipt, too. The key would outlive whom it names.
            book.record(VIA, call.by, "delete_person", found.person.id)
            return found.person.id

        def work(gallery: Gallery) -> str | None:
            return gallery.change(change, by=f"{VIA}:{call.by}")

        person = self._keeper.ask(work).result(_PATIENCE_S)
        if person is None:
            raise _unknown(asked.customer_person_id)
        while (receipt := self._departures.receipt(person)) is None and call.left_s() and not call.stop.is_set():
            call.stop.wait(_LOOK_S)
        return PersonDeleted(customer_person_id=asked.customer_person_id, id=person, receipt=receipt)


def _entry(summary: PersonSummary) -> PersonEntry:
    person = summary.person
    return PersonEntry(
        customer_person_id=person.customer_person_id,
        id=person.id,
        name=person.name,
        email=person.email,
        phone=person.phone,
        groups=person.groups,
        valid_from=_moment(person.valid_from),
        valid_until=_moment(person.valid_until),
        notes=person.notes,
        photos=summary.templates,
        enrolled_at=instant(summary.enrolled_at),
    )


def _moment(utc: float | None) -> Instant | None:
    return None if utc is None else instant(utc)


def _unknown(key: str) -> Refused:
    return Refused("unknown_person", f"nobody with the id {key} is enrolled", "See people_list")
