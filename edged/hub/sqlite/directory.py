"""`edged.api.directory.Directory` in the hub's own database."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

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
from edged.hub.sqlite import faces as face_rows
from edged.hub.sqlite import people as person_rows
from edged.hub.sqlite.database import HubDatabase, advance, revision
from edged.hub.sqlite.galleries import (
    change_galleries,
    galleries_of,
    gallery_names,
    make_gallery,
    number_of_gallery,
)
from edged.hub.sqlite.nearest import nearest_faces
from edged.hub.sqlite.roll import Rolls


class SqliteDirectory:
    """People and faces in an open `HubDatabase`, which belongs to the caller. Any thread; every method blocks.

    The same photograph of the same person again is one face more: FindFace and miiCloud both say so of every POST.
    """

    def __init__(self, database: HubDatabase) -> None:
        self._database = database
        self._rolls = Rolls()
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
        with self._database.writing() as connection:
            revision = advance(connection)
            number = person_rows.number_of(connection, key)
            if number is None:
                number = self._make_person(connection, key, revision)
            if fields is not None:
                person_rows.set_fields(connection, number, fields, erase=False)
            return self._add(connection, "enroll", number, faces, galleries, revision, by)

    def update(self, key: str, fields: Fields, faces: Sequence[NewFace] = (), *, by: Grant) -> KnownPerson | None:
        """See `Directory.update`."""
        admit_text("", fields)
        admit_count(len(faces))
        with self._database.writing() as connection:
            number = person_rows.number_of(connection, key)
            if number is None:
                return None
            person_rows.set_fields(connection, number, fields, erase=True)
            return self._add(connection, "update", number, faces, (), advance(connection), by)

    def person(self, key: str) -> KnownPerson | None:
        """See `Directory.person`."""
        with self._database.reading() as connection:
            return person_rows.known_person(connection, person_rows.number_of(connection, key))

    def person_by_id(self, person: str) -> KnownPerson | None:
        """See `Directory.person_by_id`."""
        with self._database.reading() as connection:
            return person_rows.known_person(connection, person_rows.number_of_id(connection, person))

    def delete_person(self, key: str, *, by: Grant) -> KnownPerson | None:
        """See `Directory.delete_person`."""
        with self._database.writing() as connection:
            number = person_rows.number_of(connection, key)
            person = person_rows.known_person(connection, number)
            if number is None or person is None:
                return None
            person_rows.delete_person(connection, number, advance(connection), self._database.now())
            self._database.record(connection, by, "delete_person", about_person(person, person.faces))
            return person

    def face(self, number: int) -> KnownFace | None:
        """See `Directory.face`."""
        with self._database.reading() as connection:
            return _face(connection, number)

    def faces(self, wanted: FaceFilter = EVERY_FACE, limit: int = 100) -> FacePage:
        """See `Directory.faces`."""
        with self._database.reading() as connection:
            return face_rows.page(connection, wanted, limit)

    def change_face(self, number: int, change: FaceChange, *, by: Grant) -> KnownFace | None:
        """See `Directory.change_face`.

        With the empty key, a face of somebody who has one becomes a person of its own.
        """
        admit_text(change.key or "")
        with self._database.writing() as connection:
            before = _face(connection, number)
            if before is None:
                return None
            revision = advance(connection)
            if change.galleries is not None:
                change_galleries(connection, number, change.galleries)
            if change.key is not None and change.key != before.key:
                self._move(connection, before, change.key, revision)
            face = _face(connection, number)
            assert face is not None  # noqa: S101  in the same transaction
            owner = person_rows.number_of_id(connection, face.person)
            person_rows.touch(connection, [] if owner is None else [owner], revision)
            self._database.record(connection, by, "change_face", f"face {number} of {face.key or face.person}")
            return face

    def delete_faces(self, wanted: FaceFilter, *, by: Grant) -> int:
        """See `Directory.delete_faces`. ValueError without a filter."""
        if wanted == EVERY_FACE:
            raise ValueError("not everybody at once")
        with self._database.writing() as connection:
            numbers = face_rows.numbers_of(connection, wanted)
            if numbers:
                self._delete(connection, numbers)
                self._database.record(connection, by, "delete_faces", about_filter(wanted, len(numbers)))
            return len(numbers)

    def delete_face(self, number: int, *, by: Grant) -> bool:
        """See `Directory.delete_face`."""
        with self._database.writing() as connection:
            face = _face(connection, number)
            if face is None:
                return False
            self._delete(connection, [number])
            self._database.record(connection, by, "delete_face", f"face {number} of {face.key or face.person}")
            return True

    def metas(self, gallery: str | None = None) -> Sequence[Meta]:
        """See `Directory.metas`."""
        with self._database.reading() as connection:
            return face_rows.metas(connection, gallery)

    def galleries(self) -> Sequence[str]:
        """See `Directory.galleries`."""
        with self._database.reading() as connection:
            return gallery_names(connection)

    def create_gallery(self, name: str, *, by: Grant) -> bool:
        """See `Directory.create_gallery`."""
        admit_gallery(name)
        with self._database.writing() as connection:
            if name == DEFAULT_GALLERY or number_of_gallery(connection, name) is not None:
                return False
            make_gallery(connection, name)
            advance(connection)
            self._database.record(connection, by, "create_gallery", name)
            return True

    def delete_gallery(self, name: str, *, purge: bool, by: Grant) -> bool:
        """See `Directory.delete_gallery`."""
        if name == DEFAULT_GALLERY:
            raise Refused("default_gallery", f"the gallery {DEFAULT_GALLERY} stays")
        with self._database.writing() as connection:
            gallery = number_of_gallery(connection, name)
            if gallery is None:
                return False
            numbers = face_rows.numbers_of(connection, FaceFilter(gallery=name))
            if purge:
                self._delete(connection, numbers)
            else:
                person_rows.touch_owners(connection, gallery, advance(connection))
            connection.execute("DELETE FROM galleries WHERE number = ?", (gallery,))
            what = f"{name}, its {len(numbers)} faces {'deleted' if purge else 'kept'}"
            self._database.record(connection, by, "delete_gallery", what)
            return True

    def nearest(
        self, model: ModelRef, vector: NDArray[np.float32], count: int, wanted: FaceFilter = EVERY_FACE
    ) -> Sequence[Match]:
        """See `Directory.nearest`. Milliseconds for 100,000 faces; the first call reads all vectors of the model."""
        if vector.shape != (model.dimension,):
            raise ValueError("the vector is not of its model")
        if count < 1:
            return []
        with self._database.reading() as connection:
            roll = self._rolls.roll(connection, model)
            probe = vector.astype(np.float32, copy=False)
            return nearest_faces(connection, roll, probe, count, replace(wanted, least=None, below=None))

    def people(self, wanted: FaceFilter = EVERY_FACE) -> int:
        """See `Directory.people`."""
        with self._database.reading() as connection:
            count = partial(face_rows.count_people, connection, wanted)
            return self._headcount.people(revision(connection), wanted, count)

    def note(self, act: str, about: str, *, by: Grant) -> None:
        """See `Directory.note`."""
        with self._database.writing() as connection:
            self._database.record(connection, by, act, about)

    def _make_person(self, connection: sqlite3.Connection, key: str, revision: int) -> int:
        return person_rows.make_person(connection, key, self._database.new_id, revision, self._database.now())

    def _add(
        self,
        connection: sqlite3.Connection,
        act: str,
        number: int,
        faces: Sequence[NewFace],
        galleries: Sequence[str],
        revision: int,
        by: Grant,
    ) -> KnownPerson:
        admit_count(person_rows.count_faces(connection, number) + len(faces))
        joined = galleries_of(connection, galleries)
        face_rows.add_faces(connection, number, faces, joined, revision, self._database.now())
        person_rows.touch(connection, [number], revision)
        person = person_rows.known_person(connection, number)
        assert person is not None  # noqa: S101  in the same transaction
        self._database.record(connection, by, act, about_person(person, person.faces[: len(faces)]))
        return person

    def _move(self, connection: sqlite3.Connection, face: KnownFace, key: str, revision: int) -> None:
        """Gives a face to the person with another key, or to a new one."""
        owner = person_rows.number_of_id(connection, face.person)
        heir = person_rows.number_of(connection, key)
        if heir is None:
            heir = self._make_person(connection, key, revision)
        admit_count(person_rows.count_faces(connection, heir) + 1)
        connection.execute("UPDATE faces SET person = ? WHERE number = ?", (heir, face.number))
        if owner is not None:
            person_rows.settle(connection, [owner], revision, self._database.now())

    def _delete(self, connection: sqlite3.Connection, numbers: Sequence[int]) -> None:
        revision = advance(connection)
        owners = face_rows.delete_faces(connection, numbers, revision)
        person_rows.settle(connection, owners, revision, self._database.now())


def _face(connection: sqlite3.Connection, number: int) -> KnownFace | None:
    if not face_rows.is_number(number):
        return None
    return face_rows.known_faces(connection, [number]).get(number)
