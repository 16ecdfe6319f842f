"""What the console's people ask of the device."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol, TypeVar

from edged.accounts.note import Note
from edged.api.console.people_forms import (
    Blocked,
    Code,
    Deleted,
    DraftAnswer,
    Enrol,
    Facts,
    LookAlikePart,
    PeopleAsked,
    PeopleList,
    PersonDetail,
    PersonRow,
    PhotographPart,
    Receipt,
    Saved,
)
from edged.domain.errors import Refused
from edged.domain.passage import Factor
from edged.domain.person import Person, PersonSummary
from edged.domain.survey import Survey
from edged.gallery.departures import Departures
from edged.gallery.face_book import FaceBook
from edged.gallery.gallery import Gallery
from edged.gallery.people_search import PeopleQuery, PeopleReader, Place
from edged.mqtt.event_search import EventSearch
from edged.runtime.console.enrolling import VIA, Enrolling, person_in, unknown_person
from edged.runtime.keeper import Keeper
from edged.wire.payload import instant

_PATIENCE_S: Final = 5.0
_FACE: Final = "/api/v1/console/people/{}/face.jpg"
_FACES: Final = "/api/v1/console/people/{}/faces/{}.jpg"

_T = TypeVar("_T")


class Codes(Protocol):
    """Codes and the block list, by our ids; `edged.credentials.credentials.Credentials` is one. Any thread."""

    def codes_of(self, person_id: str) -> Collection[Factor]: ...
    def set_code(self, person_id: str, factor: Factor, code: str) -> None: ...
    def remove_code(self, person_id: str, factor: Factor) -> object: ...
    def block(self, person_id: str, why: str) -> None: ...
    def unblock(self, person_id: str) -> object: ...
    def blocked(self) -> Mapping[str, str]: ...
    def forget(self, person_id: str) -> object: ...


class DevicePeopleDesk:
    """`edged.api.console.people.PeopleDesk` of a device. Any thread.

    Args:
        people: reads; keeper: writes; enrolling: judges photographs.
        outbox: the file of the events.
        departures: know who is forgotten.
        codes: gives them; None where there is no door that asks for any.
        survey: how the enrolled people resemble each other.
        note: gets into the audit what was done.
    """

    def __init__(
        self,
        people: PeopleReader,
        enrolling: Enrolling,
        *,
        keeper: Keeper,
        outbox: Path,
        departures: Departures,
        codes: Callable[[], Codes | None],
        survey: Callable[[], Survey],
        note: Note,
    ) -> None:
        self._people = people
        self._enrolling = enrolling
        self._keeper = keeper
        self._outbox = outbox
        self._departures = departures
        self._codes = codes
        self._survey = survey
        self._note = note

    def people(self, asked: PeopleAsked) -> PeopleList:
        blocked, survey = self._blocked(), self._survey()
        ids: Collection[str] | None = None
        if asked.only == "blocked":
            ids = tuple(blocked)
        elif asked.only == "look_alikes":
            ids = {person for pair in survey.look_alikes for person in (pair.one, pair.other)}
        query = PeopleQuery(asked.q, asked.group, ids)
        page = self._people.page(query, asked.sort, after=_place(asked.after), limit=asked.limit)
        return PeopleList(
            people=tuple(self._row(summary, blocked, survey) for summary in page.people),
            next=json.dumps(page.next, ensure_ascii=False) if page.next else None,
            found=page.found,
            everybody=page.everybody,
            groups=tuple(self._people.groups()),
        )

    def person(self, person: str) -> PersonDetail:
        summary = self._summary(person)
        survey, codes = self._survey(), self._codes()
        like = survey.like(person)
        others = self._people.named(like)
        same = {frozenset((pair.one, pair.other)) for pair in survey.look_alikes if pair.same}
        search = EventSearch.open(self._outbox)
        try:
            events = search.count_of(person)
        finally:
            search.close()
        return PersonDetail(
            person=self._row(summary, self._blocked(), survey),
            email=summary.person.email,
            phone=summary.person.phone,
            notes=summary.person.notes,
            photographs=tuple(
                PhotographPart(
                    hash=face.photo_hash,
                    quality=round(face.quality, 3),
                    enrolled=instant(face.created),
                    picture=_FACES.format(person, face.photo_hash) if face.kept else None,
                )
                for face in self._people.faces(person)
            ),
            look_alikes=tuple(
                LookAlikePart(
                    id=other.id,
                    name=other.name,
                    customer_person_id=other.customer_person_id,
                    similarity=round(like[other.id], 3),
                    same=frozenset((person, other.id)) in same,
                )
                for other in sorted(others.values(), key=lambda other: -like[other.id])
            ),
            codes=None if codes is None else tuple(sorted(codes.codes_of(person))),
            events=events,
        )

    def face(self, person: str, photo_hash: str) -> bytes | None:
        return self._people.face(person, photo_hash)

    def look(self, photo: bytes, file: str, person: str, *, by: str) -> DraftAnswer:
        return self._enrolling.look(photo, file, person, by=by)

    def look_at_camera(self, camera: str, person: str, *, by: str) -> DraftAnswer:
        return self._enrolling.look_at_camera(camera, person, by=by)

    def draft_picture(self, draft: str, *, by: str) -> bytes | None:
        return self._enrolling.picture(draft, by=by)

    def enroll(self, asked: Enrol, *, by: str) -> Saved:
        return self._enrolling.enroll(asked, by=by)

    def change(self, person: str, facts: Facts, *, by: str) -> None:
        given = person_in(facts, self._summary(person).person.customer_person_id)
        changed: list[str] = []

        def work(book: FaceBook) -> None:
            before = book.person_by_id(person)
            if before is None:
                raise unknown_person()
            after = replace(given, id=person, customer_person_id=before.person.customer_person_id)
            changed.extend(name for name in _FIELDS if getattr(after, name) != getattr(before.person, name))
            if changed:
                book.store(after, before.first_name if after.name == before.person.name and after.name else None)
                book.record(VIA, by, "update", f"{before.key}: {', '.join(changed)}")

        self._write(work, by)

    def remove_photograph(self, person: str, photo_hash: str, *, by: str) -> None:
        def work(book: FaceBook) -> None:
            found = book.person_by_id(person)
            if found is None:
                raise unknown_person()
            if len(found.faces) < 2:
                raise Refused(
                    "last_photograph",
                    "this is the only photograph: without it nobody would be recognised",
                    "Add a better one first, or delete the person",
                )
            book.strip(person, [photo_hash])
            book.record(VIA, by, "delete_face", f"a photograph of {found.key}")

        self._write(work, by)

    def block(self, person: str, asked: Blocked, *, by: str) -> None:
        codes = self._held()
        self._summary(person)
        if not asked.blocked:
            codes.unblock(person)
        elif not asked.why:
            raise Refused("why", "there is no reason given", "Say why: whoever comes next needs to know")
        else:
            codes.block(person, asked.why)
        self._note("block", by=by, about={"person": person, "blocked": asked.blocked})

    def set_code(self, person: str, asked: Code, *, by: str) -> None:
        codes = self._held()
        self._summary(person)
        if asked.code:
            codes.set_code(person, asked.factor, asked.code)
        else:
            codes.remove_code(person, asked.factor)
        self._note("code", by=by, about={"person": person, "factor": asked.factor.value, "set": bool(asked.code)})

    def delete(self, person: str, typed: str, *, by: str) -> Deleted:
        known = self._summary(person).person
        if typed != (known.name.strip() or known.customer_person_id):
            raise Refused(
                "typed",
                "what you typed is not their name",
                f"Type {known.name.strip() or known.customer_person_id} to delete them",
            )

        def work(book: FaceBook) -> None:
            if book.person_by_id(person) is None:
                raise unknown_person()
            book.remove_person(person)
            # The id stands in the receipt, too. The key would outlive whom it names.
            book.record(VIA, by, "delete_person", person)

        self._write(work, by)
        codes = self._codes()
        if codes is not None:
            codes.forget(person)
        return Deleted(id=person)

    def receipt(self, person: str) -> Receipt:
        receipt = self._departures.receipt(person)
        return Receipt(done=receipt is not None, removed=dict(receipt["removed"]) if receipt else {})

    def _write(self, work: Callable[[FaceBook], _T], by: str) -> _T:
        def errand(gallery: Gallery) -> _T:
            return gallery.change(work, by=f"account:{by}")

        return self._keeper.ask(errand).result(_PATIENCE_S)

    def _summary(self, person: str) -> PersonSummary:
        summary = self._people.one(person)
        if summary is None:
            raise unknown_person()
        return summary

    def _held(self) -> Codes:
        codes = self._codes()
        if codes is None:
            raise Refused("no_doors", "there is no door that would ask for codes or block anybody", "Set up one first")
        return codes

    def _blocked(self) -> Mapping[str, str]:
        codes = self._codes()
        return {} if codes is None else codes.blocked()

    def _row(self, summary: PersonSummary, blocked: Mapping[str, str], survey: Survey) -> PersonRow:
        person: Person = summary.person
        return PersonRow(
            id=person.id,
            customer_person_id=person.customer_person_id,
            name=person.name,
            groups=person.groups,
            photographs=summary.templates,
            enrolled=instant(summary.enrolled_at),
            valid_from=None if person.valid_from is None else instant(person.valid_from),
            valid_until=None if person.valid_until is None else instant(person.valid_until),
            blocked=blocked.get(person.id),
            look_alikes=len(survey.like(person.id)),
            picture=_FACE.format(person.id) if summary.templates else None,
        )


_FIELDS: Final = ("name", "email", "phone", "notes", "groups", "valid_from", "valid_until")


def _place(after: str) -> Place | None:
    """Raises: Refused `bad_request`."""
    if not after:
        return None
    try:
        key, number = json.loads(after)
    except (ValueError, TypeError, RecursionError):
        key, number = None, None
    if not isinstance(key, (str, float, int)) or not isinstance(number, int):
        raise Refused("bad_request", "this is no place in the list", "Open /people again")
    return key, number
