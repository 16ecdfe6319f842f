"""Events to search with selfies: people in several photographs each and strangers around them, composed of real faces.

They are composed of embeddings, not of pixels: whose faces are in one photograph is made up, the faces are not.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.errors import Refused

_MOST_IN_ONE: Final = 6
"""Faces of a photograph; from 1 on all numbers are equally frequent."""
_GUESTS: Final = 0.4
"""The share of an event's faces that guests have at most, and with those of people who are there twice: `_KNOWN`."""
_KNOWN: Final = 0.55
_FEWEST: Final = 3
"""Photographs that a guest has: one is the selfie."""


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Faces to compose events of.

    Attributes:
        vectors: float32, shape (n, dimension), unit length; people: the name of each one's person, shape (n,).
    """

    vectors: NDArray[np.float32]
    people: NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False)
class AlbumEvent:
    """Faces in photographs, and selfies of some of the people.

    Attributes:
        faces: rows of the pool, shape (n,), each there once; photos: the number of each one's photograph.
        selfies: rows of the pool that are not among the faces; each of somebody who is in two photographs at least.
    """

    faces: NDArray[np.int64]
    photos: NDArray[np.int64]
    selfies: tuple[int, ...]


def pool_of(vectors: NDArray[np.float32], names: Sequence[str], aliases: Mapping[str, str]) -> Pool:
    """Faces with the names of their people, of whom some have two."""
    return Pool(vectors, np.array([aliases.get(name, name) for name in names]))


def halves(pool: Pool) -> tuple[Pool, Pool]:
    """Half of the people to choose by, half to report on.

    By a digest of the name, so that somebody stays on one side whatever else is changed.
    """
    second = np.array([hashlib.sha256(name.encode()).digest()[-1] % 2 == 1 for name in pool.people.tolist()], np.bool_)
    first, other = (Pool(pool.vectors[those], pool.people[those]) for those in (~second, second))
    return first, other


def compose(pool: Pool, faces: int, chance: np.random.Generator) -> AlbumEvent:
    """An event of about so many faces, fewer where the pool has no more.

    Guests are people with three faces or more: one is their selfie, the others are in the event. Then come people with
    two, then people with one. A photograph shows one to six of them, nobody twice.

    Raises:
        Refused: nobody has three faces.
    """
    owned: dict[str, list[int]] = {}
    for row in chance.permutation(len(pool.people)).tolist():
        owned.setdefault(str(pool.people[row]), []).append(row)
    guests = [own for own in owned.values() if len(own) >= _FEWEST]
    if not guests:
        raise Refused("too_few_faces", f"nobody has {_FEWEST} photographs", "Name a folder with several of a person.")
    selfies, rows = [guests[0][0]], guests[0][1:]
    for selfie, *others in guests[1:]:
        if len(rows) + len(others) <= faces * _GUESTS:
            selfies.append(selfie)
            rows += others
    for own in (own for own in owned.values() if len(own) == _FEWEST - 1):
        if len(rows) + len(own) <= faces * _KNOWN:
            rows += own
    strangers = [row for own in owned.values() if len(own) == 1 for row in own]
    chosen = np.array(rows + strangers[: max(0, faces - len(rows))], np.int64)
    return AlbumEvent(chosen, _photographs(pool.people[chosen], chance), tuple(selfies))


def _photographs(people: NDArray[np.str_], chance: np.random.Generator) -> NDArray[np.int64]:
    photos = np.empty(len(people), np.int64)
    waiting = deque(chance.permutation(len(people)).tolist())
    number = 0
    while waiting:
        there: set[str] = set()
        for _ in range(int(chance.integers(1, _MOST_IN_ONE + 1))):
            place = next((place for place, face in enumerate(waiting) if people[face] not in there), None)
            if place is None:
                break
            there.add(people[waiting[place]])
            photos[waiting[place]] = number
            del waiting[place]
        number += 1
    return photos
