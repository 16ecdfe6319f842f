"""How entries of the audit log put what they are about: keys and numbers, never a face or a name."""

from __future__ import annotations

from collections.abc import Sequence

from edged.api.directory import FaceFilter, KnownFace, KnownPerson


def about_person(person: KnownPerson, faces: Sequence[KnownFace]) -> str:
    """What an entry says of somebody and some of their faces."""
    numbers = ", ".join(str(face.number) for face in faces) or "none"
    return f"{person.key or person.id}, faces {numbers}"


def about_filter(wanted: FaceFilter, count: int) -> str:
    """What an entry says of so many faces that a filter chose."""
    names = ("gallery", "key", "person", "least", "below")
    terms = ((name, getattr(wanted, name)) for name in names)
    return f"{count} faces of " + ", ".join(f"{name} {value}" for name, value in terms if value is not None)


def about_push(person: KnownPerson, added: Sequence[KnownFace], removed: Sequence[int], request: str) -> str:
    """What an entry says of what a device has pushed."""
    gone = ", ".join(map(str, removed)) or "none"
    return f"{about_person(person, added)}, removed {gone}, request {request}"
