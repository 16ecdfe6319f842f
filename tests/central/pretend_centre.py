"""A centre in memory, behind the port that the real ones have."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from edged.central.port import (
    EVERY_FIELD,
    Orders,
    OtherLife,
    Outgoing,
    Page,
    Picture,
    RemoteFace,
    RemotePerson,
    Standing,
    Taken,
)
from edged.central.reconcile import shared_fields
from edged.domain.errors import EdgedError, Refused
from edged.domain.person import ModelRef
from edged.wire.roster import RosterDigest
from tests.gallery.sample import directions


def face(name: str, *, with_vector: bool = True, seed: int | None = None) -> RemoteFace:
    """A face that `name` stands for: its vector is made of it."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    vector = directions(int(digest[:8], 16) if seed is None else seed, 1)[0] if with_vector else None
    return RemoteFace(digest, 0.5, vector, name)


@dataclass
class PretendCentre:
    """Attributes: epoch: names this life; faults: raised by the next calls, one each; asked: what was called."""

    name: str = "pretend https://centre"
    lists: bool = True
    tells_deletions: bool = True
    keeps: frozenset[str] = EVERY_FIELD
    epoch: str = "a"
    place: int = 0
    people: dict[str, RemotePerson] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    faults: list[EdgedError | None] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    receipts: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    reports: list[Standing] = field(default_factory=list)
    groups: tuple[str, ...] | None = None
    pictures: dict[str, Picture | EdgedError] = field(default_factory=dict)
    requests: dict[str, str] = field(default_factory=dict)
    unlike: set[str] = field(default_factory=set)
    before: Callable[[], None] = lambda: None

    def enrol(self, own: str, key: str, *faces: RemoteFace, **fields: Any) -> None:
        self.place += 1
        self.people[own] = RemotePerson(own, key, faces=faces, **fields)
        self.places[own] = self.place

    def change(self, own: str, **fields: Any) -> None:
        self.place += 1
        self.people[own] = replace(self.people[own], **fields)
        self.places[own] = self.place

    def delete(self, own: str) -> None:
        del self.people[own], self.places[own]
        self.place += 1
        self.gone[own] = self.place

    def changes(self, cursor: str, model: ModelRef, limit: int) -> Page:
        self._called("changes")
        epoch, _, place = cursor.partition(".")
        if cursor and (epoch != self.epoch or int(place) > self.place):
            raise OtherLife
        after = int(place or 0)
        found = sorted(
            (place, own)
            for own, place in {**self.places, **self.gone}.items()
            if place > after and (own in self.people or self.tells_deletions)
        )
        some = found[:limit]
        ahead = [own for _place, own in found[limit:] if own in self.gone]
        last = some[-1][0] if some else after
        gone = [own for _place, own in some if own in self.gone]
        people = [self.people[own] for _place, own in some if own in self.people]
        return Page(
            (*gone, *ahead),
            tuple(people),
            f"{self.epoch}.{last}",
            len(found) > limit,
            self.place,
            begins=not self.tells_deletions and not after,
        )

    def refresh(self, people: Mapping[str, frozenset[str]]) -> Page:
        self._called("refresh")
        gone = tuple(own for own in people if own not in self.people)
        return Page(gone, tuple(self.people[own] for own in people if own in self.people), "", more=False)

    def picture(self, face: RemoteFace) -> Picture:
        self._called("picture")
        found = self.pictures.get(face.address, Picture(face.address.encode(), is_keepsake=True))
        if isinstance(found, EdgedError):
            raise found
        return found

    def push(self, person: Outgoing, model: ModelRef) -> Taken:
        self._called("push")
        own = person.id or self.requests.get(person.request, "")
        if own and own not in self.people:
            raise Refused("not_found" if person.id else "deleted_there", "nobody has this id")
        own = own or next((known.id for known in self.people.values() if known.key == person.key), "")
        if not own:
            own = self.requests[person.request] = f"made-{self.place}"
            self.people[own] = RemotePerson(own, person.key)
        before = self.people[own]
        refused = {item.photo_hash: "unlike" for item in person.add if item.photo_hash in self.unlike}
        had = {item.photo_hash: item for item in before.faces}
        for item in person.add:
            if item.photo_hash not in refused:
                had.setdefault(item.photo_hash, RemoteFace(item.photo_hash, item.quality, item.vector, item.photo_hash))
        faces = tuple(item for name, item in had.items() if name not in person.forget)
        self.change(own, faces=faces)
        if person.with_fields:
            fields = ("first_name", "last_name", "email", "phone", "groups")
            self.change(own, **{name: getattr(person, name) for name in fields})
        now = self.people[own]
        return Taken(own, shared_fields(now), frozenset(item.photo_hash for item in faces), refused)

    def remove(self, person: str) -> None:
        self._called("remove")
        if person in self.people:
            self.delete(person)

    def report(self, standing: Standing, model: ModelRef) -> Orders | None:
        self._called("report")
        self.reports.append(standing)
        return Orders(self.groups, self.roster() if standing.cursor == f"{self.epoch}.{self.place}" else None)

    def hand_in(self, receipts: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        self._called("hand_in")
        self.receipts += receipts

    def close(self) -> None:
        """Nothing to hang up."""

    def roster(self) -> str:
        digest = RosterDigest()
        for person in self.people.values():
            digest.add(person.id, person.key, shared_fields(person), (item.photo_hash for item in person.faces))
        return digest.value()

    def _called(self, what: str) -> None:
        self.asked.append(what)
        self.before()
        if self.faults and (fault := self.faults.pop(0)):
            raise fault
