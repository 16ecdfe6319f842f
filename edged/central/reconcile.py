"""What is to be done here when the centre has told something, and what it is to be told. Nothing is done here.

The rules, for a person whom both know. What both had when they last agreed is remembered (`Link`):

1. Who is deleted on either side is deleted on both, whatever was changed meanwhile.
2. Fields that changed at the centre hold; fields that changed here only are told to the centre.
3. Faces that came on either side are had by both, those that went on either side by neither.
4. Somebody who was enrolled on both sides under one key is one person: the centre's fields, the faces of both.

Where the two sides had both changed something, that is a conflict: it is settled by these rules, and reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from edged.central.port import Page, RemotePerson
from edged.gallery.links import Link
from edged.wire.roster import fields_digest

BOTH_CHANGED: Final = "fields were changed here and at the centre: the centre's hold"
BOTH_ENROLLED: Final = "enrolled here and at the centre under one key: they are one person, with the faces of both"
DELETED_HERE: Final = "deleted here and changed at the centre: deleted"
DELETED_THERE: Final = "deleted at the centre and changed here: deleted"
KEY_PASSED_ON: Final = "the centre has given the key to somebody else: whoever had it is deleted"


@dataclass(frozen=True, slots=True)
class Local:
    """A person as the device has them.

    Attributes:
        id: ours; key: the customer's, may be empty.
        fields: digest, see `edged.wire.roster.fields_digest`.
        faces: what names their faces.
        touched: something was done to them since the two agreed. Where they differ from what was agreed all the same,
            the database was damaged, and the centre is believed.
        stale: those of their faces that the embedding model in use has not seen yet.
    """

    id: str
    key: str
    fields: str
    faces: frozenset[str]
    touched: bool = True
    stale: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Known:
    """What the device knows of the people of a page, at one moment.

    Attributes:
        links: by the centre's id; people: by ours.
        keys: our id of whoever has a key.
    """

    links: Mapping[str, Link]
    people: Mapping[str, Local]
    keys: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What is to be done about one person of the centre.

    Attributes:
        remote: as the centre has them.
        person: our id; empty: they are to be enrolled.
        takes_fields: the centre's fields are to be taken over.
        add, drop: faces to be taken over, and to be deleted.
        replaces: our id of somebody who is to be deleted first, since their key is this one's now.
        link: what both have in common after it; `person` is still empty for somebody new.
        settled: both have the same after it; else the centre is to be told.
    """

    remote: RemotePerson
    person: str
    takes_fields: bool
    add: frozenset[str]
    drop: frozenset[str]
    replaces: str
    link: Link
    settled: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done about a page.

    Attributes:
        gone: the centre's ids of those whom it has deleted and the device knows.
        steps: about the others; whoever needs none but the note that they were listed has one that changes nothing.
        conflicts: the centre's id, and one of the sentences of this module.
    """

    gone: tuple[str, ...]
    steps: tuple[Step, ...]
    conflicts: tuple[tuple[str, str], ...]


def reconcile(page: Page, known: Known, listing: int, *, careful: bool = False) -> Plan:
    """What a page of the centre means for the device.

    Args:
        page: as the centre told it; somebody may come twice, the last one counts.
        known: of these people.
        listing: the number of the whole list that is being read, or was last.
        careful: the centre was put back from a backup, or built anew: another id for a key is no sign that whoever had
            it was deleted.
    """
    conflicts = []
    latest = {person.id: person for person in page.people}
    gone = tuple(central for central in dict.fromkeys(page.gone) if central in known.links and central not in latest)
    for central in gone:
        link = known.links[central]
        here = known.people.get(link.person)
        if here is not None and not _is_as_agreed(link, here):
            conflicts.append((central, DELETED_THERE))
    steps = []
    for remote in latest.values():
        step, conflict = _step(remote, known, listing, careful=careful)
        if conflict:
            conflicts.append((remote.id, conflict))
        if step is not None:
            steps.append(step)
    return Plan(gone, tuple(steps), tuple(conflicts))


@dataclass(frozen=True, slots=True)
class Difference:
    """What the device has and the centre does not, or the other way round.

    Attributes:
        fields: they are others here.
        add: faces that the centre lacks; forget: faces that were deleted here.
    """

    fields: bool
    add: frozenset[str]
    forget: frozenset[str]

    def __bool__(self) -> bool:
        return self.fields or bool(self.add) or bool(self.forget)


def difference(link: Link | None, here: Local) -> Difference:
    """What the centre is to be told of somebody who is here."""
    if link is None:
        return Difference(True, here.faces - here.stale, frozenset())
    refused = link.refused.keys()
    return Difference(here.fields != link.fields, here.faces - link.faces - refused, link.faces - here.faces - refused)


def must_ask(marked: int, linked: int, share: float, least: int) -> bool:
    """Whether so many deletions at once are for a person to confirm.

    Args:
        marked: how many are to be deleted; linked: how many people are shared with the centre, these among them.
        share: the part of them above which it is asked; least: up to so many are never asked about.
    """
    return marked > max(least, share * linked)


def shared_fields(remote: RemotePerson) -> str:
    """The digest of a remote person's fields."""
    name = " ".join(part for part in (remote.first_name, remote.last_name) if part)
    return fields_digest(name, remote.email, remote.phone, remote.groups)


def _step(remote: RemotePerson, known: Known, listing: int, *, careful: bool) -> tuple[Step | None, str]:
    link = known.links.get(remote.id)
    fields = shared_fields(remote)
    there = frozenset(face.photo_hash for face in remote.faces)
    if link is not None and link.person not in known.people:
        return None, DELETED_HERE if (fields, there) != (link.fields, link.faces) else ""
    if link is None:
        return _first_step(remote, known, listing, fields, there, careful=careful)
    here = known.people[link.person]
    if not here.touched:
        link = replace(link, fields=here.fields, faces=link.faces & (here.faces | link.refused.keys()))
    takes_fields = fields != link.fields
    lacking = there - link.faces - here.faces  # what both had and is not here was deleted here: it does not come back
    add = (lacking | (here.stale & there)) - link.refused.keys()
    drop = (link.faces - there) & here.faces
    refused = {name: why for name, why in link.refused.items() if name in there or name in here.faces}
    after = Link(remote.id, here.id, fields, there, refused, listing)
    conflict = BOTH_CHANGED if takes_fields and here.fields not in {link.fields, fields} else ""
    settled = not difference(after, _changed(here, fields if takes_fields else here.fields, add, drop))
    return Step(remote, here.id, takes_fields and here.fields != fields, add, drop, "", after, settled), conflict


def _first_step(
    remote: RemotePerson, known: Known, listing: int, fields: str, there: frozenset[str], *, careful: bool
) -> tuple[Step, str]:
    """About somebody whom no link knows: new here, enrolled on both sides, or somebody new under an old key."""
    holder = known.people.get(known.keys.get(remote.key, "")) if remote.key else None
    other = next((link for link in known.links.values() if holder and link.person == holder.id), None)
    if holder is None or (other is not None and not careful):
        link = Link(remote.id, "", fields, there, {}, listing)
        replaces = holder.id if holder else ""
        return Step(remote, "", True, there, frozenset(), replaces, link, True), KEY_PASSED_ON if replaces else ""
    link = Link(remote.id, holder.id, fields, there, {}, listing)
    add = there - (holder.faces - holder.stale)
    settled = not difference(link, _changed(holder, fields, add, frozenset()))
    same = holder.fields == fields and holder.faces == there
    step = Step(remote, holder.id, holder.fields != fields, add, frozenset(), "", link, settled)
    return step, "" if same else BOTH_ENROLLED


def _changed(here: Local, fields: str, add: frozenset[str], drop: frozenset[str]) -> Local:
    return replace(here, fields=fields, faces=(here.faces | add) - drop)


def _is_as_agreed(link: Link, here: Local) -> bool:
    return not difference(link, here)
