"""Pairs of enrolled people who are too much alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from edged.domain.scale import Scale
from edged.domain.survey import LookAlike
from edged.gallery.roll import Member, Roll

_RISK: Final = 1e-3
"""Two people look alike if the one, were they a stranger, would be taken for the other at the default target: so alike
are, by chance, half a pair among a thousand people."""
_SPARE: Final = 0.02
"""Pairs are remembered down to so much less, so that a limit that falls a little finds them without a new search."""
_SLACK: Final = 0.30
"""Two people whose centroids have at most so much less cosine than the limit are compared template by template. A pair
is missed where the one template that is like the other person is unlike its own person's; `edged bench survey` counts
them. People with one template each are never missed."""
_ENROLLED_TWICE: Final = 0.01
"""The share of people who are presumed to be enrolled a second time, before anything is known of their faces."""
_PROBABLY: Final = 9.0
"""The odds from which two are called one person."""
_SCORES_AT_ONCE: Final = 2_000_000
"""Bounds the tables in memory: four bytes each."""


def same_from(scale: Scale) -> float:
    """The cosine from which two enrolled people are probably one.

    Each is compared with all others, one of whom in a hundred cases is the same person: the odds before are a hundredth
    to the number of comparisons.
    """
    return scale.curve.cosine_of(_PROBABLY * scale.comparisons / _ENROLLED_TWICE)


@dataclass(frozen=True, slots=True, eq=False)
class Resemblance:
    """The pairs of a roll that are alike, and what is needed to find out again soon.

    Attributes:
        roll: whose people were compared.
        floor: every pair that reaches this cosine is known, but for those that `_SLACK` misses.
        known: the pairs, by the numbers of the two people, the lower first.
    """

    roll: Roll
    floor: float
    known: dict[tuple[int, int], float]

    @classmethod
    def nothing(cls, dimension: int) -> Self:
        """Of an empty roll."""
        return cls(Roll.empty(dimension), 0.0, {})

    def after(self, roll: Roll, scale: Scale) -> Resemblance:
        """The pairs of another roll. Only people who are new or whose templates changed are compared, with everybody;
        all are, when the limit has fallen below the floor, or when the rows have other numbers.

        Comparing all takes about half a minute of processor time for 50,000 people with four templates each, and one
        against all less than a second; the matrix products release the interpreter.
        """
        limit = limit_of(scale)
        before = self.roll.members if limit >= self.floor else {}
        floor = max(self.floor, limit - 2 * _SPARE) if before else limit - _SPARE
        fresh: list[tuple[int, Member]] = []
        old: list[tuple[int, Member]] = []
        for number, member in roll.members.items():
            if member.rows:
                unchanged = number in before and before[number].rows == member.rows
                (old if unchanged else fresh).append((number, member))
        still = {number for number, _ in old}
        known = {
            (one, two): cosine
            for (one, two), cosine in self.known.items()
            if cosine >= floor and one in still and two in still
        }
        known.update(_alike(roll, fresh, old, floor))
        return Resemblance(roll, floor, known)

    def pairs(self, scale: Scale) -> tuple[LookAlike, ...]:
        """Those that reach the limit, the most alike first."""
        limit, same = limit_of(scale), same_from(scale)
        found = []
        for pair, cosine in self.known.items():
            if cosine >= limit:
                one, other = sorted(self.roll.members[number].person.id for number in pair)
                found.append(LookAlike(one, other, cosine, cosine >= same))
        return tuple(sorted(found, key=lambda pair: -pair.similarity))


def limit_of(scale: Scale) -> float:
    """The cosine from which two people look alike."""
    return scale.cosine_for(_RISK)


def _alike(
    roll: Roll, fresh: Sequence[tuple[int, Member]], old: Sequence[tuple[int, Member]], floor: float
) -> Iterator[tuple[tuple[int, int], float]]:
    """The pairs with at least one fresh person whose best templates reach the floor."""
    people = [*fresh, *old]
    centroids = _centroids(roll, [member for _, member in people])
    at_once = max(1, _SCORES_AT_ONCE // max(len(people), 1))
    for begin in range(0, len(fresh), at_once):
        end = min(begin + at_once, len(fresh))
        near = centroids[begin:end] @ centroids[begin:].T >= floor - _SLACK
        for place in range(begin, end):
            others = np.flatnonzero(near[place - begin, place - begin + 1 :]) + place + 1
            if not others.size:
                continue
            number, member = people[place]
            for other, cosine in zip(others.tolist(), _best(roll, member, [people[at] for at in others]), strict=True):
                if cosine >= floor:
                    one, two = sorted((number, people[other][0]))
                    yield (one, two), cosine


def _best(roll: Roll, member: Member, others: Sequence[tuple[int, Member]]) -> list[float]:
    """The highest cosine of a template of this person with one of each of the others."""
    rows = [row for _, other in others for row in other.rows]
    starts = np.cumsum([0, *(len(other.rows) for _, other in others[:-1])])
    scores = (roll.matrix.vectors[list(member.rows)] @ roll.matrix.vectors[rows].T).max(axis=0)
    best: list[float] = np.clip(np.maximum.reduceat(scores, starts), -1, 1).tolist()
    return best


def _centroids(roll: Roll, members: Sequence[Member]) -> NDArray[np.float32]:
    """The mean of each person's templates as a unit vector; float32, shape (people, dimension)."""
    vectors = roll.matrix.vectors
    centroids = np.empty((len(members), vectors.shape[1]), np.float32)
    at_once = max(1, _SCORES_AT_ONCE // (8 * vectors.shape[1]))
    for begin in range(0, len(members), at_once):
        some = members[begin : begin + at_once]
        starts = np.cumsum([0, *(len(member.rows) for member in some[:-1])])
        rows = [row for member in some for row in member.rows]
        centroids[begin : begin + len(some)] = np.add.reduceat(vectors[rows], starts, axis=0)
    lengths = np.linalg.norm(centroids, axis=1, keepdims=True)
    return np.asarray(centroids / np.maximum(lengths, np.float32(1e-6)), np.float32)
