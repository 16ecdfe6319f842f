"""A directory that is a few dictionaries, to compare with; and what is done to both at random."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count

from hypothesis import strategies as st

from edged.api.directory import Directory, FaceChange, FaceFilter, GalleryChange
from tests.api.painted import MODEL, new_face, vector
from tests.hub.site import BY

KEYS = ("", "a", "b", "c")
GALLERIES = ("x", "y")


@dataclass(frozen=True, slots=True)
class Face:
    """Attributes: person: any mark of whose it is; who: whom it shows."""

    person: int
    key: str
    who: int
    galleries: frozenset[str]


@dataclass(slots=True)
class ModelDirectory:
    """What there should be."""

    faces: dict[int, Face] = field(default_factory=dict)
    galleries: set[str] = field(default_factory=set)
    people: dict[str, int] = field(default_factory=dict)
    _marks: count[int] = field(default_factory=count)

    def owner(self, key: str) -> int:
        if not key:
            return next(self._marks)
        return self.people.setdefault(key, next(self._marks))

    def settle(self) -> None:
        there = {face.key for face in self.faces.values()}
        self.people = {key: mark for key, mark in self.people.items() if key in there}

    def fitting(self, wanted: FaceFilter) -> dict[int, Face]:
        return {
            number: face
            for number, face in self.faces.items()
            if wanted.gallery in {None, "default", *face.galleries}
            and wanted.key in {None, face.key}
            and number >= (wanted.least or 0)
            and (wanted.below is None or number < wanted.below)
        }


@dataclass(frozen=True, slots=True)
class Enroll:
    key: str
    who: tuple[int, ...]
    galleries: frozenset[str]

    def do(self, directory: Directory, model: ModelDirectory) -> None:
        faces = [new_face(who) for who in self.who]
        person = directory.enroll(self.key, faces, by=BY, galleries=sorted(self.galleries))
        owner = model.owner(self.key)
        for face, who in zip(person.faces, reversed(self.who), strict=False):
            assert face.number not in model.faces
            model.faces[face.number] = Face(owner, self.key, who, self.galleries)
        model.galleries |= self.galleries


@dataclass(frozen=True, slots=True)
class DeletePerson:
    key: str

    def do(self, directory: Directory, model: ModelDirectory) -> None:
        assert (directory.delete_person(self.key, by=BY) is not None) == (self.key in model.people)
        if self.key:
            model.faces = {number: face for number, face in model.faces.items() if face.key != self.key}
        model.settle()


@dataclass(frozen=True, slots=True)
class DeleteFaces:
    wanted: FaceFilter

    def do(self, directory: Directory, model: ModelDirectory) -> None:
        going = model.fitting(self.wanted)
        assert directory.delete_faces(self.wanted, by=BY) == len(going)
        model.faces = {number: face for number, face in model.faces.items() if number not in going}
        model.settle()


@dataclass(frozen=True, slots=True)
class ChangeFace:
    """Attributes: at: which of the faces that are there."""

    at: int
    key: str | None
    galleries: GalleryChange | None

    def do(self, directory: Directory, model: ModelDirectory) -> None:
        if not model.faces:
            return
        number = sorted(model.faces)[self.at % len(model.faces)]
        assert directory.change_face(number, FaceChange(self.key, self.galleries), by=BY) is not None
        face = model.faces[number]
        if self.key is not None and self.key != face.key:
            face = replace(face, key=self.key, person=model.owner(self.key))
        if self.galleries is not None:
            change = self.galleries
            begun = face.galleries if change.exactly is None else frozenset(change.exactly)
            joined = begun | frozenset(change.add)
            model.galleries |= (joined if change.exactly is not None else frozenset(change.add)) - {"default"}
            face = replace(face, galleries=joined - frozenset(change.remove) - {"default"})
        model.faces[number] = face
        model.settle()


@dataclass(frozen=True, slots=True)
class DeleteFace:
    at: int

    def do(self, directory: Directory, model: ModelDirectory) -> None:
        number = sorted(model.faces)[self.at % len(model.faces)] if model.faces else self.at + 1
        assert directory.delete_face(number, by=BY) == (model.faces.pop(number, None) is not None)
        model.settle()


@dataclass(frozen=True, slots=True)
class CreateGallery:
    name: str

    def do(self, directory: Directory, model: ModelDirectory) -> None:
        assert directory.create_gallery(self.name, by=BY) == (self.name not in model.galleries)
        model.galleries.add(self.name)


@dataclass(frozen=True, slots=True)
class DeleteGallery:
    name: str
    purge: bool

    def do(self, directory: Directory, model: ModelDirectory) -> None:
        assert directory.delete_gallery(self.name, purge=self.purge, by=BY) == (self.name in model.galleries)
        model.galleries.discard(self.name)
        left = {
            number: replace(face, galleries=face.galleries - {self.name})
            for number, face in model.faces.items()
            if not (self.purge and self.name in face.galleries)
        }
        model.faces = left
        model.settle()


Deed = Enroll | DeletePerson | DeleteFaces | ChangeFace | DeleteFace | CreateGallery | DeleteGallery

_KEYS = st.sampled_from(KEYS)
_NAMES = st.sampled_from(GALLERIES)
_SOME = st.frozensets(_NAMES)
_NUMBERS = st.integers(0, 30)
_LISTS = st.lists(st.sampled_from((*GALLERIES, "default")), max_size=2).map(tuple)
DEEDS: st.SearchStrategy[list[Deed]] = st.lists(
    st.one_of(
        st.builds(Enroll, _KEYS, st.lists(st.integers(1, 5), min_size=1, max_size=2).map(tuple), _SOME),
        st.builds(Enroll, _KEYS, st.lists(st.integers(1, 5), min_size=1, max_size=2).map(tuple), _SOME),
        st.builds(DeletePerson, _KEYS),
        st.builds(
            DeleteFaces,
            st.builds(FaceFilter, gallery=st.none() | _NAMES, key=_KEYS) | st.builds(FaceFilter, gallery=_NAMES),
        ),
        st.builds(
            ChangeFace,
            _NUMBERS,
            st.none() | _KEYS,
            st.none() | st.builds(GalleryChange, _LISTS, _LISTS, st.none() | _LISTS),
        ),
        st.builds(DeleteFace, _NUMBERS),
        st.builds(CreateGallery, _NAMES),
        st.builds(DeleteGallery, _NAMES, st.booleans()),
    ),
    max_size=12,
)


def empty(directory: Directory) -> None:
    """Takes everything out of a directory."""
    for name in directory.galleries()[1:]:
        directory.delete_gallery(name, purge=True, by=BY)
    directory.delete_faces(FaceFilter(least=0), by=BY)


def compare(directory: Directory, model: ModelDirectory) -> None:
    """Asks the directory everything, and the model what the answers should be."""
    assert directory.galleries() == ["default", *sorted(model.galleries)]
    for key in KEYS:
        person = directory.person(key)
        expected = sorted((number for number, face in model.faces.items() if key and face.key == key), reverse=True)
        assert ([face.number for face in person.faces] if person else []) == expected
    for gallery in (None, *GALLERIES):
        counted = {meta.key: (meta.count, meta.newest.number) for meta in directory.metas(gallery)}
        fitting = model.fitting(FaceFilter(gallery=gallery))
        own = {key: [number for number, face in fitting.items() if face.key == key] for key in KEYS[1:]}
        assert counted == {key: (len(numbers), max(numbers)) for key, numbers in own.items() if numbers}
        for wanted in (FaceFilter(gallery=gallery), *(FaceFilter(gallery=gallery, key=key) for key in KEYS)):
            _compare_filtered(directory, model, wanted)


def _compare_filtered(directory: Directory, model: ModelDirectory, wanted: FaceFilter) -> None:
    fitting = model.fitting(wanted)
    page = directory.faces(wanted)
    assert {face.number: (face.key, face.galleries) for face in page.faces} == {
        number: (face.key, tuple(sorted({"default", *face.galleries}))) for number, face in fitting.items()
    }
    assert [face.number for face in page.faces] == sorted(fitting, reverse=True)
    people = {face.person for face in fitting.values()}
    assert len({face.person for face in page.faces}) == len(people) == directory.people(wanted)
    matches = directory.nearest(MODEL, vector(3), 3, wanted)
    truth = sorted((float(vector(face.who) @ vector(3)) for face in fitting.values()), reverse=True)
    assert all(match.face.number in fitting for match in matches)
    assert len({match.face.number for match in matches}) == min(3, len(fitting))
    for match, cosine in zip(matches, truth, strict=False):
        assert abs(match.similarity - cosine) < 2e-6
