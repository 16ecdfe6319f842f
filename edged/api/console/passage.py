"""What the console shows of passages: the verdict, every rule that was asked, and which one decided."""

from __future__ import annotations

from edged.domain.person import Person
from edged.wire.passage import PassageRecord
from edged.wire.payload import Part, Payload


class WhoPart(Part):
    """Somebody who is enrolled."""

    id: str
    customer_person_id: str
    name: str = ""


class KeptPassage(PassageRecord):
    """A passage as it was kept."""

    number: int = 0
    """Its place in the order of keeping, for paging; 0: it is not kept."""


class PassageList(Payload):
    """Passages, newest first."""

    passages: tuple[KeptPassage, ...]
    more: bool
    """There are older ones."""


def kept_passage(record: PassageRecord, number: int = 0) -> KeptPassage:
    """A passage with its place."""
    return KeptPassage(**dict(record), number=number)


def who(person: Person) -> WhoPart:
    """Somebody, as far as lists say."""
    return WhoPart(id=person.id, customer_person_id=person.customer_person_id, name=person.name)
