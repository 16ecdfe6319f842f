"""What was done to people, for whoever takes notes of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TypeAlias

from edged.domain.person import Person


class Done(StrEnum):
    """What was done to somebody."""

    ENROLLED = "enrolled"
    """They are new, or got more faces."""
    CHANGED = "changed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Happening:
    """One person in one transaction.

    Attributes:
        done: what was done; person: our id of whom.
        faces: templates that came; below 0: that went.
        is_new: they were not there before; fields: else, names of the fields that have other values now.
        by: who had it done; empty where nobody said.
    """

    done: Done
    person: str
    faces: int
    is_new: bool
    by: str
    fields: tuple[str, ...] = ()


Witness: TypeAlias = Callable[[Happening], None]
"""Told of everything that was done, when it is on the disk, on the thread that did it. Must return quickly."""


class Happenings:
    """What is done in one transaction, person by person. Belongs to one thread."""

    def __init__(self) -> None:
        self._faces: dict[str, int] = {}
        self._new: set[str] = set()
        self._fields: dict[str, dict[str, None]] = {}
        self._deleted: set[str] = set()

    def touch(self, person: str, faces: int = 0, *, is_new: bool = False, changed: Collection[str] = ()) -> None:
        """Somebody is new, has other values in some fields, or got or lost so many faces."""
        self._fields.setdefault(person, {}).update(dict.fromkeys(changed))
        self._faces[person] = self._faces.get(person, 0) + faces
        if is_new:
            self._new.add(person)

    def delete(self, person: str) -> None:
        self._faces.setdefault(person, 0)
        self._deleted.add(person)

    def by(self, who: str) -> list[Happening]:
        """All of them, in the order in which they began. Who came and went in the same transaction is left out."""
        return [
            Happening(
                self._done(person, faces), person, faces, person in self._new, who, tuple(self._fields.get(person, ()))
            )
            for person, faces in self._faces.items()
            if not (person in self._new and person in self._deleted)
        ]

    def _done(self, person: str, faces: int) -> Done:
        if person in self._deleted:
            return Done.DELETED
        return Done.ENROLLED if person in self._new or faces > 0 else Done.CHANGED


def changed_fields(before: Person, after: Person) -> tuple[str, ...]:
    """The names of the fields in which they differ."""
    return tuple(item.name for item in fields(Person) if getattr(before, item.name) != getattr(after, item.name))
