"""A centre and a device made of dictionaries: what is left when pictures, databases and networks are taken away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from edged.central.port import Page, RemoteFace, RemotePerson
from edged.central.reconcile import Known, Local, difference, reconcile, shared_fields
from edged.gallery.links import Link
from edged.wire.roster import fields_digest


@dataclass
class ToyCentre:
    """Attributes: people: by id; log: what was changed, a place each."""

    people: dict[str, RemotePerson] = field(default_factory=dict)
    log: dict[str, int] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    place: int = 0
    made: int = 0

    def enrol(self, key: str, name: str, faces: frozenset[str]) -> str:
        found = next((person for person in self.people.values() if person.key == key), None)
        if found is None:
            self.made += 1
            found = RemotePerson(f"c{self.made}", key)
        had = {face.photo_hash for face in found.faces}
        self._keep(replace(found, first_name=name, faces=_faces(had | faces)))
        return found.id

    def change(self, person: str, *, name: str | None = None, add: str = "", drop: str = "") -> None:
        found = self.people.get(person)
        if found is not None:
            faces = {face.photo_hash for face in found.faces} | ({add} if add else set())
            self._keep(
                replace(found, first_name=found.first_name if name is None else name, faces=_faces(faces - {drop}))
            )

    def delete(self, person: str) -> None:
        if self.people.pop(person, None) is not None:
            del self.log[person]
            self.place += 1
            self.gone[person] = self.place

    def page(self, cursor: int, limit: int) -> Page:
        """The next piece, deletions in their places."""
        found = sorted((place, own) for own, place in {**self.log, **self.gone}.items() if place > cursor)
        some = found[:limit]
        return Page(
            tuple(own for _place, own in some if own in self.gone),
            tuple(self.people[own] for _place, own in some if own in self.people),
            str(some[-1][0] if some else cursor),
            len(found) > limit,
        )

    def roster(self) -> Mapping[str, tuple[str, frozenset[str]]]:
        return {
            person.key: (person.first_name, frozenset(face.photo_hash for face in person.faces))
            for person in self.people.values()
        }

    def _keep(self, person: RemotePerson) -> None:
        self.place += 1
        self.people[person.id] = person
        self.log[person.id] = self.place


@dataclass
class ToyPerson:
    id: str
    key: str
    name: str
    faces: frozenset[str]

    def local(self) -> Local:
        return Local(self.id, self.key, fields_digest(self.name, "", "", ()), self.faces)


@dataclass
class ToyDevice:
    """Attributes: people: by our id; links: by the centre's; cursor: how far it has read."""

    people: dict[str, ToyPerson] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    cursor: int = 0
    made: int = 0
    conflicts: list[str] = field(default_factory=list)

    def enrol(self, key: str, name: str, faces: frozenset[str]) -> None:
        found = next((person for person in self.people.values() if person.key == key), None)
        if found is None:
            self.made += 1
            found = ToyPerson(f"d{self.made}", key, name, frozenset())
            self.people[found.id] = found
        found.name, found.faces = name, found.faces | faces

    def delete(self, key: str) -> None:
        self.people = {own: person for own, person in self.people.items() if person.key != key}

    def pull(self, page: Page) -> None:
        known = Known(
            self.links,
            {own: person.local() for own, person in self.people.items()},
            {person.key: own for own, person in self.people.items()},
        )
        plan = reconcile(page, known, 0)
        self.conflicts += [what for _central, what in plan.conflicts]
        for central in plan.gone:
            self.people.pop(self.links.pop(central).person, None)
        for step in plan.steps:
            if step.replaces:
                del self.people[step.replaces]
                self.links = {own: link for own, link in self.links.items() if link.person != step.replaces}
            own = step.person
            if not own:
                self.made += 1
                own = f"d{self.made}"
                self.people[own] = ToyPerson(own, step.remote.key, "", frozenset())
            person = self.people[own]
            if step.takes_fields:
                person.name = step.remote.first_name
            person.faces = (person.faces | step.add) - step.drop
            self.links[step.remote.id] = replace(step.link, person=own)
            assert step.settled == (not difference(self.links[step.remote.id], person.local()))

    def push(self, centre: ToyCentre) -> None:
        for central, link in list(self.links.items()):
            if link.person not in self.people:
                centre.delete(central)
                del self.links[central]
        linked = {link.person: link for link in self.links.values()}
        for person in list(self.people.values()):
            agreed = linked.get(person.id)
            found = difference(agreed, person.local())
            if not found:
                continue
            if agreed is not None and agreed.central not in centre.people:
                continue  # it will be told that they are gone
            central = agreed.central if agreed else centre.enrol(person.key, person.name, person.faces)
            if agreed is not None:
                for face in found.add:
                    centre.change(central, add=face)
                for face in found.forget:
                    centre.change(central, drop=face)
                if found.fields:
                    centre.change(central, name=person.name)
            there = centre.people[central]
            faces = frozenset(face.photo_hash for face in there.faces)
            self.links[central] = Link(central, person.id, shared_fields(there), faces)

    def roster(self) -> Mapping[str, tuple[str, frozenset[str]]]:
        return {person.key: (person.name, person.faces) for person in self.people.values()}


def _faces(hashes: frozenset[str] | set[str]) -> tuple[RemoteFace, ...]:
    return tuple(RemoteFace(name, 1.0, None, name) for name in sorted(hashes))
