"""People and faces on a PostgreSQL server; see `edged.api.directory.Directory`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edged.api.access import Grant
from edged.api.audit import about_filter, about_person
from edged.api.directory import (
    DEFAULT_GALLERY,
    EVERY_FACE,
    FaceChange,
    FaceFilter,
    FacePage,
    Fields,
    KnownFace,
    KnownPerson,
    Match,
    Meta,
    NewFace,
)
from edged.domain.errors import Refused
from edged.domain.person import ModelRef
from edged.hub.admission import admit_count, admit_galleries, admit_gallery, admit_text
from edged.hub.headcount import Headcount
from edged.hub.postgresql import faces as face_rows
from edged.hub.postgresql import people as person_rows
from edged.hub.postgresql.audit import record
from edged.hub.postgresql.database import Database, Session, row
from edged.hub.postgresql.galleries import change_galleries, galleries_of, gallery_names, number_of_gallery
from edged.hub.postgresql.ledger import advance, revision
from edged.hub.postgresql.nearest import nearest_faces


class PostgresDirectory:
    """People and faces in an open `Database`, which belongs to the caller. Any thread; every method blocks.

    Several hub processes may use the same server: nothing is remembered from one call to the next that is not compared
    with the server's revision first.
    """

    def __init__(self, database: Database, now: Callable[[], float], new_id: Callable[[], str]) -> None:
        """
        Args:
            database: whose tables are prepared, see `edged.hub.postgresql.schema.prepare`.
            now: UTC seconds since the epoch; new_id: a new UUIDv7.
        """
        self._database = database
        self._now = now
        self._new_id = new_id
        self._headcount = Headcount()

    def enroll(
        self,
        key: str,
        faces: Sequence[NewFace],
        *,
        by: Grant,
        fields: Fields | None = None,
        galleries: Sequence[str] = (),
    ) -> KnownPerson:
        """See `Directory.enroll`."""
        admit_text(key, fields)
        admit_galleries(galleries)
        admit_count(len(faces))

        def work(session: Session) -> KnownPerson:
            revision = advance(session)
            number = person_rows.number_of(session, key)
            if number is None:
                number = person_rows.make_person(session, key, self._new_id, revision, self._now())
            if fields is not None:
                person_rows.set_fields(session, number, fields, erase=False)
            return self._add(session, "enroll", number, faces, galleries, revision, by)

        return self._database.change(work)

    def update(self, key: str, fields: Fields, faces: Sequence[NewFace] = (), *, by: Grant) -> KnownPerson | None:
        """See `Directory.update`."""
        admit_text("", fields)
        admit_count(len(faces))

        def work(session: Session) -> KnownPerson | None:
            revision = advance(session)
            number = person_rows.number_of(session, key)
            if number is None:
                return None
            person_rows.set_fields(session, number, fields, erase=True)
            return self._add(session, "update", number, faces, (), revision, by)

        return self._database.change(work)

    def person(self, key: str) -> KnownPerson | None:
        """See `Directory.person`."""
        return self._database.glance(
            lambda session: person_rows.known_person(session, person_rows.number_of(session, key))
        )

    def person_by_id(self, person: str) -> KnownPerson | None:
        """See `Directory.person_by_id`."""
        return self._database.glance(
            lambda session: person_rows.known_person(session, person_rows.number_of_id(session, person))
        )

    def delete_person(self, key: str, *, by: Grant) -> KnownPerson | None:
        """See `Directory.delete_person`."""

        def work(session: Session) -> KnownPerson | None:
            revision = advance(session)
            number = person_rows.number_of(session, key)
            person = person_rows.known_person(session, number)
            if number is None or person is None:
                return None
            person_rows.delete_person(session, number, revision, self._now())
            self._record(session, by, "delete_person", about_person(person, person.faces))
            return person

        return self._database.change(work)

    def face(self, number: int) -> KnownFace | None:
        """See `Directory.face`."""
        return self._database.glance(lambda session: _face(session, number))

    def faces(self, wanted: FaceFilter = EVERY_FACE, limit: int = 100) -> FacePage:
        """See `Directory.faces`."""
        return self._database.glance(lambda session: face_rows.page(session, wanted, limit))

    def change_face(self, number: int, change: FaceChange, *, by: Grant) -> KnownFace | None:
        """See `Directory.change_face`.

        With the empty key, a face of somebody who has one becomes a person of its own.
        """
        admit_text(change.key or "")

        def work(session: Session) -> KnownFace | None:
            revision = advance(session)
            before = _face(session, number)
            if before is None:
                return None
            if change.galleries is not None:
                change_galleries(session, number, change.galleries)
            if change.key is not None and change.key != before.key:
                self._move(session, before, change.key, revision)
            face = _face(session, number)
            assert face is not None  # noqa: S101  in the same transaction
            owner = person_rows.number_of_id(session, face.person)
            person_rows.touch(session, [] if owner is None else [owner], revision)
            self._record(session, by, "change_face", f"face {number} of {face.key or face.person}")
            return face

        return self._database.change(work)

    def delete_faces(self, wanted: FaceFilter, *, by: Grant) -> int:
        """See `Directory.delete_faces`. ValueError without a filter."""
        if wanted == EVERY_FACE:
            raise ValueError("not everybody at once")

        def work(session: Session) -> int:
            revision = advance(session)
            numbers = face_rows.numbers_of(session, wanted)
            if numbers:
                self._delete(session, numbers, revision)
                self._record(session, by, "delete_faces", about_filter(wanted, len(numbers)))
            return len(numbers)

        return self._database.change(work)

    def delete_face(self, number: int, *, by: Grant) -> bool:
        """See `Directory.delete_face`."""

        def work(session: Session) -> bool:
            revision = advance(session)
            face = _face(session, number)
            if face is None:
                return False
            self._delete(session, [number], revision)
            self._record(session, by, "delete_face", f"face {number} of {face.key or face.person}")
            return True

        return self._database.change(work)

    def metas(self, gallery: str | None = None) -> Sequence[Meta]:
        """See `Directory.metas`."""
        return self._database.glance(lambda session: face_rows.metas(session, gallery))

    def galleries(self) -> Sequence[str]:
        """See `Directory.galleries`."""
        return self._database.glance(gallery_names)

    def create_gallery(self, name: str, *, by: Grant) -> bool:
        """See `Directory.create_gallery`."""
        admit_gallery(name)
        if name == DEFAULT_GALLERY:
            return False

        def work(session: Session) -> bool:
            advance(session)
            made = row(
                session, "INSERT INTO galleries (name) VALUES (%s) ON CONFLICT DO NOTHING RETURNING number", name
            )
            if made is not None:
                self._record(session, by, "create_gallery", name)
            return made is not None

        return self._database.change(work)

    def delete_gallery(self, name: str, *, purge: bool, by: Grant) -> bool:
        """See `Directory.delete_gallery`."""
        if name == DEFAULT_GALLERY:
            raise Refused("default_gallery", f"the gallery {DEFAULT_GALLERY} stays")

        def work(session: Session) -> bool:
            revision = advance(session)
            gallery = number_of_gallery(session, name)
            if gallery is None:
                return False
            numbers = face_rows.numbers_of(session, FaceFilter(gallery=name))
            if purge:
                self._delete(session, numbers, revision)
            else:
                person_rows.touch_owners(session, gallery, revision)
            session.execute("DELETE FROM galleries WHERE number = %s", (gallery,))
            what = f"{name}, its {len(numbers)} faces {'deleted' if purge else 'kept'}"
            self._record(session, by, "delete_gallery", what)
            return True

        return self._database.change(work)

    def nearest(
        self, model: ModelRef, vector: NDArray[np.float32], count: int, wanted: FaceFilter = EVERY_FACE
    ) -> Sequence[Match]:
        """See `Directory.nearest`."""
        if vector.shape != (model.dimension,):
            raise ValueError("the vector is not of its model")
        if count < 1:
            return []
        probe = vector.astype(np.float32, copy=False)
        fits = replace(wanted, least=None, below=None)

        def work(session: Session) -> list[Match]:
            found = nearest_faces(session, model, probe, count, fits)
            known = face_rows.known_faces(session, [number for number, _similarity in found])
            return [Match(known[number], similarity) for number, similarity in found]

        return self._database.glance(work)

    def people(self, wanted: FaceFilter = EVERY_FACE) -> int:
        """See `Directory.people`."""

        def people(session: Session) -> int:
            return self._headcount.people(revision(session), wanted, lambda: face_rows.count_people(session, wanted))

        return self._database.glance(people)

    def note(self, act: str, about: str, *, by: Grant) -> None:
        """See `Directory.note`."""
        self._database.change(lambda session: self._record(session, by, act, about))

    def _record(self, session: Session, by: Grant, act: str, about: str) -> None:
        record(session, by, act, about, self._now())

    def _add(
        self,
        session: Session,
        act: str,
        number: int,
        faces: Sequence[NewFace],
        galleries: Sequence[str],
        revision: int,
        by: Grant,
    ) -> KnownPerson:
        admit_count(person_rows.count_faces(session, number) + len(faces))
        joined = galleries_of(session, galleries)
        face_rows.add_faces(session, number, faces, joined, revision, self._now())
        person_rows.touch(session, [number], revision)
        person = person_rows.known_person(session, number)
        assert person is not None  # noqa: S101  in the same transaction
        self._record(session, by, act, about_person(person, person.faces[: len(faces)]))
        return person

    def _move(self, session: Session, face: KnownFace, key: str, revision: int) -> None:
        """Gives a face to the person with another key, or to a new one."""
        owner = person_rows.number_of_id(session, face.person)
        heir = person_rows.number_of(session, key)
        if heir is None:
            heir = person_rows.make_person(session, key, self._new_id, revision, self._now())
        admit_count(person_rows.count_faces(session, heir) + 1)
        session.execute("UPDATE faces SET person = %s WHERE number = %s", (heir, face.number))
        if owner is not None:
            person_rows.settle(session, [owner], revision, self._now())

    def _delete(self, session: Session, numbers: Sequence[int], revision: int) -> None:
        owners = face_rows.delete_faces(session, numbers, revision)
        person_rows.settle(session, owners, revision, self._now())


def _face(session: Session, number: int) -> KnownFace | None:
    return face_rows.known_faces(session, [number]).get(number)
