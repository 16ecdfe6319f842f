"""Who is enrolled, as it stands in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from edged.domain.person import Person
from edged.gallery.fingerprint import added_up, as_text, person_print, words
from edged.gallery.matrix import Matrix
from edged.gallery.pace import unhurried

_BREATH: Final = 512


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One person of the roll and the rows of the matrix that are theirs."""

    person: Person
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Templates:
    """Templates in the order in which they were stored, column by column.

    Attributes:
        owners: int32, shape (N,): numbers of people; vectors: float32, shape (N, dimension); prints: uint64, (N, 2).
    """

    owners: NDArray[np.int32]
    vectors: NDArray[np.float32]
    prints: NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Roll:
    """People, their templates of one model, and the tombstones of deleted ones, at one revision of the database.

    Attributes:
        revision: of the database.
        members: by the number that the database gave them; numbers are never used twice.
        matrix: all rows, deleted ones among them until the roll is packed.
        dead: int32, the rows of people who are no longer enrolled, ascending.
    """

    revision: int
    members: Mapping[int, Member]
    matrix: Matrix
    dead: NDArray[np.int32]
    _sum: NDArray[np.uint64] = field(repr=False)

    @classmethod
    def empty(cls, dimension: int) -> Self:
        """A roll of nobody at revision 0."""
        return cls(0, {}, Matrix.with_room(0, dimension), np.empty(0, np.int32), np.zeros(2, np.uint64))

    @property
    def templates(self) -> int:
        return self.matrix.count - len(self.dead)

    @property
    def digest(self) -> str:
        return as_text(self._sum)

    def alive(self, rows: NDArray[np.int32]) -> NDArray[np.int32]:
        """Those of these rows that belong to people who are still enrolled."""
        if not len(self.dead):
            return rows
        at = np.minimum(np.searchsorted(self.dead, rows), len(self.dead) - 1)
        alive: NDArray[np.int32] = rows[self.dead[at] != rows]
        return alive

    def rows_of(self, people: Iterable[int]) -> NDArray[np.intp]:
        """All rows of these enrolled people, ascending."""
        return np.array(sorted(row for number in people for row in self.members[number].rows), np.intp)

    def with_room(self, rows: int) -> Self:
        """The same roll, which can take so many rows more without moving in between."""
        return replace(self, matrix=self.matrix.with_room_for(rows))

    def after(
        self,
        revision: int,
        gone: Iterable[int],
        people: Mapping[int, Person],
        templates: Iterable[Templates],
        prints: NDArray[np.uint64] | None = None,
    ) -> Roll:
        """This roll with what changed up to `revision` taken over; this one stays as it is.

        Args:
            gone: numbers of people deleted since; those who were never here are passed over.
            people: those enrolled or changed since, everybody among them who owns one of `templates`.
            templates: those added since.
            prints: of `people`, in their order, where they are known already.
        """
        members = dict(self.members)
        left = {number: members.pop(number) for number in gone if number in members}
        changed = {number: members[number] for number in people if number in members}
        dead = np.array([row for member in left.values() for row in member.rows], np.int32)
        total = self._sum - _sum_over(member.person for member in (*left.values(), *changed.values()))
        total += (_sum_over(people.values()) if prints is None else added_up(prints)) - added_up(
            self.matrix.prints[dead]
        )

        rows = {number: list(changed[number].rows) if number in changed else [] for number in people}
        matrix = self.matrix
        for some in templates:
            for row, owner in enumerate(some.owners.tolist(), start=matrix.count):
                rows[owner].append(row)
            matrix = matrix.extended(some.vectors, some.owners, some.prints)
            total += added_up(some.prints)
        members.update((number, Member(person, tuple(rows[number]))) for number, person in people.items())
        return Roll(revision, members, matrix, np.sort(np.concatenate((self.dead, dead))), total)

    def packed(self) -> Roll:
        """The same people in a new matrix without dead rows; rows have other numbers then. Lets other threads in."""
        matrix = self.matrix.without(self.dead)
        order = np.argsort(matrix.owners, kind="stable")
        owners, begins = np.unique(matrix.owners[order], return_index=True)
        rows, ends = order.tolist(), [*begins[1:].tolist(), matrix.count]
        own = dict(zip(owners.tolist(), zip(begins.tolist(), ends, strict=False), strict=True))
        members = {
            number: Member(member.person, tuple(rows[slice(*own.get(number, (0, 0)))]))
            for number, member in unhurried(self.members.items(), _BREATH)
        }
        return Roll(self.revision, members, matrix, np.empty(0, np.int32), self._sum)


def _sum_over(people: Iterable[Person]) -> NDArray[np.uint64]:
    return added_up(words(b"".join(person_print(person) for person in people)))
