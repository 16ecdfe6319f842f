"""The device's own gallery as the directory that the dialects speak of."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from edged.api.access import Grant
from edged.api.audit import about_person
from edged.api.directory import (
    DEFAULT_GALLERY,
    EVERY_FACE,
    FaceChange,
    FaceFilter,
    FacePage,
    Fields,
    GalleryChange,
    KnownFace,
    KnownPerson,
    Match,
    Meta,
    NewFace,
)
from edged.domain.errors import Refused
from edged.domain.person import ModelRef, Origin, Person, Template
from edged.domain.rect import Rect
from edged.gallery.face_book import FaceBook
from edged.gallery.faces import StoredFace, StoredPerson, Which, is_gallery_name, joined
from edged.gallery.gallery import Gallery
from edged.gallery.rows import image_name
from edged.runtime.face_reader import FaceReader
from edged.runtime.judge import Judge
from edged.runtime.keeper import Keeper

_T = TypeVar("_T")

_PATIENCE_S: Final = 4.0
_LARGEST: Final = 2**31 - 1
_REASONS: Final = {
    **dict.fromkeys(("customer_person_id", "name", "email", "phone"), "bad_text"),
    "groups": "bad_gallery",
    "too_many_templates": "too_many_faces",
}
"""What the gallery calls it, and what the dialects do."""


class DeviceDirectory:
    """`edged.api.directory.Directory` of a device. Any thread.

    What changes something is done by the keeper between two of its own tasks, and waited for, for seconds at most. What
    only asks reads the database on a connection of its own, or the snapshot that the cameras are judged by.

    Galleries are the groups of a person, so all faces of a person are in the same ones.

    Args:
        keeper: writes; judge: told who is no stranger any more, None where there is none.
        reader: reads.
    """

    def __init__(self, keeper: Keeper, reader: FaceReader, judge: Judge | None = None) -> None:
        self._keeper = keeper
        self._reader = reader
        self._judge = judge

    def enroll(
        self,
        key: str,
        faces: Sequence[NewFace],
        *,
        by: Grant,
        fields: Fields | None = None,
        galleries: Sequence[str] = (),
    ) -> KnownPerson:
        """See `Directory.enroll`. Raises Refused `model_mismatch`, too: the vector is not of the device's model."""
        joining = _admitted(galleries)
        templates = self._templates(faces)
        given = fields or Fields()

        def work(book: FaceBook) -> KnownPerson:
            before = book.person(key)
            known = before or StoredPerson(Person("", key), key, "", "", ())
            person, old = (
                known.person,
                Fields(known.first_name, known.last_name, known.person.email, known.person.phone),
            )
            first, last = given.first_name or old.first_name, given.last_name or old.last_name
            changes_name = given.first_name or given.last_name
            person = replace(
                person,
                name=_name(first, last) if changes_name else person.name,
                email=given.email or old.email,
                phone=given.phone or old.phone,
                groups=_united(person.groups, joining),
            )
            stored = book.store(person, first if changes_name or before else None)
            return self._added(book, "enroll", stored, templates, by)

        person = self._change(work, by)
        self._no_strangers(templates)
        return person

    def update(self, key: str, fields: Fields, faces: Sequence[NewFace] = (), *, by: Grant) -> KnownPerson | None:
        """See `Directory.update`."""
        templates = self._templates(faces)

        def work(book: FaceBook) -> KnownPerson | None:
            before = book.person(key)
            if before is None:
                return None
            name = _name(fields.first_name, fields.last_name)
            person = replace(before.person, name=name, email=fields.email, phone=fields.phone)
            return self._added(book, "update", book.store(person, fields.first_name), templates, by)

        person = self._change(work, by)
        if person is not None:
            self._no_strangers(templates)
        return person

    def person(self, key: str) -> KnownPerson | None:
        """See `Directory.person`."""
        found = self._reader.person(key=key)
        return _known_person(found) if found else None

    def person_by_id(self, person: str) -> KnownPerson | None:
        """See `Directory.person_by_id`."""
        found = self._reader.person(person=person)
        return _known_person(found) if found else None

    def delete_person(self, key: str, *, by: Grant) -> KnownPerson | None:
        """See `Directory.delete_person`. What else holds them is removed within seconds, with a receipt."""

        def work(book: FaceBook) -> KnownPerson | None:
            found = book.person(key)
            if found is None:
                return None
            book.remove_person(found.person.id)
            # The id stands in the receipt, too. The key would outlive whom it names.
            book.record(by.id, by.name, "delete_person", found.person.id)
            return _known_person(found)

        return self._change(work, by)

    def face(self, number: int) -> KnownFace | None:
        """See `Directory.face`."""
        found = self._reader.face(number) if _is_number(number) else None
        return _known(found) if found else None

    def faces(self, wanted: FaceFilter = EVERY_FACE, limit: int = 100) -> FacePage:
        """See `Directory.faces`."""
        upwards = wanted.least is not None and wanted.below is None
        found = self._reader.faces(_which(wanted), limit + 1, newest=not upwards)
        goes_on = len(found) > limit
        shown = sorted(found[:limit], key=lambda face: -face.number)
        if upwards:
            behind = bool(self._reader.faces(_which(replace(wanted, least=None, below=wanted.least)), 1))
        elif wanted.below is not None:
            behind = bool(self._reader.faces(_which(replace(wanted, least=wanted.below, below=None)), 1))
        else:
            behind = False
        older, newer = (behind, goes_on) if upwards else (goes_on, behind)
        return FacePage(tuple(_known(face) for face in shown), older, newer)

    def change_face(self, number: int, change: FaceChange, *, by: Grant) -> KnownFace | None:
        """See `Directory.change_face`.

        Other galleries hold for the person, and so for all their faces. A face that moves to somebody else is in their
        galleries from then on; whoever is made for it is in those that it was in.
        """
        galleries = change.galleries or GalleryChange()
        admitted = _admitted((*galleries.add, *(galleries.exactly or ())))

        def work(book: FaceBook) -> KnownFace | None:
            before = book.face(number)
            if before is None:
                return None
            owner = book.person_by_id(before.person)
            assert owner is not None  # noqa: S101  in the same transaction
            if change.key is not None and change.key != before.key:
                heir = book.person(change.key)
                if heir is None:
                    made = book.store(Person("", change.key, groups=before.groups), None)
                    heir = StoredPerson(made, change.key, "", "", ())
                book.move(number, heir.person)
                owner = heir
            if change.galleries is not None:
                for name in admitted:
                    book.make_gallery(name)
                groups = _changed(owner.person.groups, change.galleries)
                book.store(replace(owner.person, groups=groups), owner.first_name if owner.person.name else None)
            face = book.face(number)
            assert face is not None  # noqa: S101  in the same transaction
            book.record(by.id, by.name, "change_face", f"face {number} of {face.key or face.person}")
            return _known(face)

        return self._change(work, by) if _is_number(number) else None

    def delete_faces(self, wanted: FaceFilter, *, by: Grant) -> int:
        """See `Directory.delete_faces`. ValueError without a filter."""
        if wanted == EVERY_FACE:
            raise ValueError("not everybody at once")

        def work(book: FaceBook) -> int:
            numbers = [face.number for face in book.faces(_which(wanted))]
            if numbers:
                book.remove(numbers)
                book.record(by.id, by.name, "delete_faces", f"faces {', '.join(map(str, numbers))}")
            return len(numbers)

        return self._change(work, by)

    def delete_face(self, number: int, *, by: Grant) -> bool:
        """See `Directory.delete_face`."""

        def work(book: FaceBook) -> bool:
            face = book.face(number)
            if face is None:
                return False
            book.remove([number])
            book.record(by.id, by.name, "delete_face", f"face {number} of {face.person}")
            return True

        return _is_number(number) and self._change(work, by)

    def metas(self, gallery: str | None = None) -> Sequence[Meta]:
        """See `Directory.metas`."""
        found = self._reader.keys(_group(gallery))
        return [Meta(key, count, _known(newest)) for key, count, newest in found]

    def galleries(self) -> Sequence[str]:
        """See `Directory.galleries`."""
        return [DEFAULT_GALLERY, *(name for name in self._reader.galleries() if name != DEFAULT_GALLERY)]

    def create_gallery(self, name: str, *, by: Grant) -> bool:
        """See `Directory.create_gallery`."""
        _admitted([name])

        def work(book: FaceBook) -> bool:
            if name in (DEFAULT_GALLERY, *book.galleries()):
                return False
            book.make_gallery(name)
            book.record(by.id, by.name, "create_gallery", name)
            return True

        return self._change(work, by)

    def delete_gallery(self, name: str, *, purge: bool, by: Grant) -> bool:
        """See `Directory.delete_gallery`."""
        if name == DEFAULT_GALLERY:
            raise Refused("default_gallery", f"the gallery {DEFAULT_GALLERY} stays")

        def work(book: FaceBook) -> bool:
            if name not in book.galleries():
                return False
            numbers = [face.number for face in book.faces(Which(group=name))]
            if purge:
                book.remove(numbers)
            book.drop_gallery(name)
            what = f"{name}, its {len(numbers)} faces {'deleted' if purge else 'kept'}"
            book.record(by.id, by.name, "delete_gallery", what)
            return True

        return is_gallery_name(name) and self._change(work, by)

    def nearest(
        self, model: ModelRef, vector: NDArray[np.float32], count: int, wanted: FaceFilter = EVERY_FACE
    ) -> Sequence[Match]:
        """See `Directory.nearest`."""
        found = self._reader.nearest(model, vector, count, _which(replace(wanted, least=None, below=None)))
        return [Match(_known(face), similarity) for face, similarity in found]

    def people(self, wanted: FaceFilter = EVERY_FACE) -> int:
        """See `Directory.people`."""
        return self._reader.people(_which(wanted))

    def note(self, act: str, about: str, *, by: Grant) -> None:
        """See `Directory.note`."""
        self._change(lambda book: book.record(by.id, by.name, act, about), by)

    def _change(self, work: Callable[[FaceBook], _T], by: Grant) -> _T:
        """Has it done by the keeper. Raises Refused in the words of the directory, and Unavailable."""

        def errand(gallery: Gallery) -> _T:
            return gallery.change(work, by=f"token:{by.id}")

        try:
            return self._keeper.ask(errand).result(_PATIENCE_S)
        except Refused as error:
            raise Refused(_REASONS.get(error.reason, error.reason), error.what, error.remedy) from error

    def _added(self, book: FaceBook, act: str, person: Person, templates: Sequence[Template], by: Grant) -> KnownPerson:
        book.add(person, templates)
        stored = book.person_by_id(person.id)
        assert stored is not None  # noqa: S101  in the same transaction
        known = _known_person(stored)
        book.record(by.id, by.name, act, about_person(known, known.faces[: len(templates)]))
        return known

    def _templates(self, faces: Sequence[NewFace]) -> list[Template]:
        if any(face.model != self._reader.model for face in faces):
            raise Refused("model_mismatch", "the face was seen by another model than this device's")
        return [_template(face) for face in faces]

    def _no_strangers(self, templates: Sequence[Template]) -> None:
        if self._judge is not None and templates:
            vectors = np.stack([template.vector for template in templates])
            self._judge.ask(lambda recognizer: recognizer.forget_strangers(vectors))


def _template(face: NewFace) -> Template:
    """A face of its own, also where the photograph was enrolled before: each request makes another one."""
    box, mark = face.seen.box, os.urandom(16)
    image = image_name(face.stem, face.suffix, mark.hex())
    origin = Origin(face.photo_hash, (box.left, box.top, box.right, box.bottom), image)
    own_hash = hashlib.sha256(bytes.fromhex(face.photo_hash) + mark).hexdigest()
    return Template(face.seen.vector, face.seen.quality, own_hash, crop=face.seen.crop, origin=origin)


def _known(face: StoredFace) -> KnownFace:
    return KnownFace(
        face.number,
        face.person,
        face.key,
        face.created,
        face.photo[:32],
        Rect(*face.box),
        tuple(sorted({DEFAULT_GALLERY, *face.groups})),
        face.image,
    )


def _known_person(found: StoredPerson) -> KnownPerson:
    fields = Fields(found.first_name, found.last_name, found.person.email, found.person.phone)
    return KnownPerson(found.person.id, found.key, fields, tuple(_known(face) for face in found.faces))


def _which(wanted: FaceFilter) -> Which:
    return Which(_group(wanted.gallery), wanted.key, wanted.person, wanted.least, wanted.below)


def _group(gallery: str | None) -> str | None:
    return None if gallery == DEFAULT_GALLERY else gallery


def _is_number(number: int) -> bool:
    return 1 <= number <= _LARGEST


def _name(first_name: str, last_name: str) -> str:
    return joined(first_name, last_name)


def _admitted(names: Sequence[str]) -> tuple[str, ...]:
    """The galleries but `default`. Raises Refused `bad_gallery`."""
    if not all(is_gallery_name(name) for name in names):
        raise Refused("bad_gallery", "the name of a gallery is 1 to 48 letters, digits, _ or -")
    return tuple(name for name in names if name != DEFAULT_GALLERY)


def _united(groups: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*groups, *more)))


def _changed(groups: Sequence[str], change: GalleryChange) -> tuple[str, ...]:
    """A person's groups after a change of galleries; groups that cannot be galleries are none of its business."""
    others = [group for group in groups if not is_gallery_name(group)]
    mine = [group for group in groups if is_gallery_name(group)] if change.exactly is None else list(change.exactly)
    left = [name for name in (*mine, *change.add) if name not in change.remove and name != DEFAULT_GALLERY]
    return _united(others, left)
