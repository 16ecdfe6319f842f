"""Between the people of the device and what `reconcile` says of them, within one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from edged.central.port import Outgoing, OutgoingFace, Page, RemoteFace
from edged.central.reconcile import Difference, Known, Local, Step
from edged.domain.errors import Refused
from edged.domain.person import ModelRef, Person, Template
from edged.gallery.admission import MAX_TEMPLATES, clean_template
from edged.gallery.face_book import FaceBook
from edged.gallery.faces import StoredPerson, is_gallery_name, joined
from edged.gallery.links import Link
from edged.wire.roster import fields_digest

Keeps: TypeAlias = frozenset[str]
"""See `edged.central.port.Centre.keeps`."""

_DEFAULT: Final = "default"

Portraits: TypeAlias = Mapping[tuple[str, str], Template | str]
"""By the centre's id and the face's hash: the template that was made of it, or why there is none."""


def known_of(book: FaceBook, page: Page, keeps: Keeps) -> Known:
    """What the device knows of the people of a page."""
    links = book.links.get([person.id for person in page.people] + list(page.gone))
    holders = {
        person.key: stored
        for person in page.people
        if person.key and person.id not in links and (stored := book.person(person.key))
    }
    links |= {link.central: link for link in book.links.of([stored.person.id for stored in holders.values()]).values()}
    people = {}
    for link in list(links.values()):
        stored = book.person_by_id(link.person)
        if stored is not None:
            people[link.person] = local_of(book, stored, keeps, link)
        elif not book.was_deleted(link.person):
            del links[link.central]
    for stored in holders.values():
        people.setdefault(stored.person.id, local_of(book, stored, keeps))
    return Known(links, people, {key: stored.person.id for key, stored in holders.items()})


def local_of(book: FaceBook, stored: StoredPerson, keeps: Keeps, link: Link | None = None) -> Local:
    """A person as `reconcile` sees them."""
    person = stored.person
    faces = book.links.hashes(person.id)
    stale = faces - book.links.hashes(person.id, book.model)
    fields = fields_digest(
        person.name if "name" in keeps else "",
        person.email if "email" in keeps else "",
        person.phone if "phone" in keeps else "",
        galleries_of(person.groups) if "groups" in keeps else (),
    )
    touched = link is None or book.links.is_touched(link)
    return Local(person.id, stored.key, fields, faces, touched, stale)


def take_step(book: FaceBook, step: Step, known: Known, portraits: Portraits, keeps: Keeps) -> str:
    """Does a step; returns why not all of it could be done, or nothing."""
    remote, links = step.remote, book.links
    _replace(book, step, known)
    try:
        person = _person(book, step, keeps)
    except Refused as refusal:
        before = links.get([remote.id]).get(remote.id)
        if before is not None:  # they are in the list all the same: nobody may take them for deleted
            links.put(replace(before, listing=step.link.listing), settled=not links.is_touched(before))
        return f"{refusal.reason}: {refusal.what}"
    if step.drop:
        book.strip(person.id, step.drop)
    found: list[Template] = []
    refused, later = dict(step.link.refused), set()
    room = MAX_TEMPLATES - len(links.hashes(person.id, book.model))
    for face in remote.faces:
        if face.photo_hash not in step.add:
            continue
        made = _template(face, portraits.get((remote.id, face.photo_hash)), book.model)
        if made is None:
            later.add(face.photo_hash)
        elif isinstance(made, str):
            refused[face.photo_hash] = made
        elif len(found) == room:
            refused[face.photo_hash] = "too_many_templates"
        else:
            found.append(made)
    book.add(person, found)
    link = replace(step.link, person=person.id, faces=step.link.faces - later, refused=refused)
    links.put(link, settled=step.settled)
    return ", ".join(sorted(set(refused.values())))


def _replace(book: FaceBook, step: Step, known: Known) -> None:
    """Deletes whoever had the key before, where somebody did."""
    if not step.replaces or book.person_by_id(step.replaces) is None:
        return
    former = next(link for link in known.links.values() if link.person == step.replaces)
    book.links.owe(former)
    book.links.drop(former.central)
    book.remove_person(step.replaces)


def _person(book: FaceBook, step: Step, keeps: Keeps) -> Person:
    """The person of a step with the fields that they are to have. Raises Refused where a field is unfit."""
    remote = step.remote
    stored = book.person_by_id(step.person) if step.person else None
    if stored and not step.takes_fields:
        return stored.person
    before = stored.person if stored else Person("", remote.key)
    own_groups = [name for name in before.groups if not is_gallery_name(name)]
    person = replace(
        before,
        name=joined(remote.first_name, remote.last_name) if "name" in keeps else before.name,
        email=remote.email if "email" in keeps else before.email,
        phone=remote.phone if "phone" in keeps else before.phone,
        groups=(
            tuple(dict.fromkeys((*own_groups, *galleries_of(remote.groups)))) if "groups" in keeps else before.groups
        ),
    )
    if stored and not stored.key:
        person = replace(person, customer_person_id="")
    first_name = remote.first_name if "name" in keeps else stored.first_name if stored else None
    return book.store(person, first_name)


def _template(face: RemoteFace, portrait: Template | str | None, model: ModelRef) -> Template | str | None:
    """What the device remembers of a face; why it cannot; or None where it was not looked at."""
    made = portrait if face.vector is None else Template(face.vector, face.quality, face.photo_hash)
    try:
        return clean_template(made, model) if isinstance(made, Template) else made
    except Refused as refusal:
        return refusal.reason


def outgoing_of(book: FaceBook, stored: StoredPerson, link: Link | None, told: Difference, revision: int) -> Outgoing:
    """What the centre is told of somebody as they are in this revision."""
    faces = book.templates(stored.person.id, told.add)
    return Outgoing(
        request=_request(stored.person.id, revision),
        id=link.central if link else "",
        key=stored.key,
        first_name=stored.first_name,
        last_name=stored.last_name,
        email=stored.person.email,
        phone=stored.person.phone,
        groups=galleries_of(stored.person.groups),
        with_fields=told.fields,
        add=tuple(map(_outgoing_face, faces)),
        forget=told.forget,
        known=link.faces if link else frozenset(),
    )


def _outgoing_face(template: Template) -> OutgoingFace:
    assert template.origin is not None  # noqa: S101  every stored template has one
    crop = template.crop if isinstance(template.crop, bytes) else None
    return OutgoingFace(template.photo_hash, template.quality, template.origin.box, template.vector, crop)


def _request(person: str, revision: int) -> str:
    """A UUID for what is told of somebody as they are in this revision."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{person} {revision}"))


def galleries_of(groups: Collection[str]) -> tuple[str, ...]:
    """The groups that both sides have: those that can be the name of a gallery."""
    return tuple(sorted({name for name in groups if is_gallery_name(name) and name != _DEFAULT}))
