"""Made-up people that a hub and its devices sync: the same in every process, and what is to be left of them."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from edged.api.directory import NewFace, SeenFace
from edged.domain.person import ModelRef, Template
from edged.domain.rect import Rect

Roster: TypeAlias = Mapping[str, frozenset[str]]
"""What names the faces of everybody, by key."""

_ENROL: Final = 0.45
_ADD: Final = 0.6
_NEWEST: Final = 3
_PHOTOS: Final = 1_000_000
"""So many that no photograph is taken twice."""
_NOISE: Final = 0.7
"""Two faces of one person have a cosine of about two thirds."""
_CROP: Final = b"\xff\xd8\xff\xe0"
"""A JPEG as far as anybody looks who has a vector."""


def photo_hash(key: str, photo: int) -> str:
    return hashlib.sha256(f"{key} {photo}".encode()).hexdigest()


def face_vector(key: str, photo: int, dimension: int) -> NDArray[np.float32]:
    """One of somebody's faces, unit length; their faces are like each other, and like nobody else's."""
    own = _numbers(key, dimension) + _NOISE * _numbers(photo_hash(key, photo), dimension)
    return (own / np.linalg.norm(own)).astype(np.float32)


def as_template(key: str, photo: int, model: ModelRef) -> Template:
    """The face as a device enrols it."""
    return Template(face_vector(key, photo, model.dimension), 0.8, photo_hash(key, photo))


def as_face(key: str, photo: int, model: ModelRef) -> NewFace:
    """The face as a hub enrols it."""
    seen = SeenFace(Rect(0, 0, 112, 112), face_vector(key, photo, model.dimension), 0.8, _CROP)
    return NewFace(seen, model, photo_hash(key, photo))


def _numbers(text: str, dimension: int) -> NDArray[np.float64]:
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(dimension)


@dataclass
class Expected:
    """What has to be left, whatever is cut off in between. A key is never used again.

    Attributes:
        faces: of whoever was enrolled, by key, once that had returned.
        deleted: keys of those whose deletion had returned.
        doubtful: faces of enrolments that were cut off, and keys of deletions that were.
    """

    faces: dict[str, set[str]] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)

    def enrolled(self, key: str, photo: int) -> None:
        self.faces.setdefault(key, set()).add(photo_hash(key, photo))

    def begun(self, key: str, photo: int | None) -> None:
        """An enrolment, or a deletion where there is no photo, that was cut off."""
        self.doubtful.add(key if photo is None else photo_hash(key, photo))

    def next_deed(
        self, chance: random.Random, new: str, keys: Sequence[str], *, more_faces: bool = True
    ) -> tuple[str, int | None]:
        """Somebody new is enrolled, or somebody gets another face, or is deleted, as often as not one of the newest.

        Args:
            new: a key that nobody had; keys: of those who are there.
            more_faces: a device's made-up faces have no crops, without which a hub gives nobody another face.

        Returns:
            a key, and the number of a photograph, or None for a deletion.
        """
        draw = chance.random()
        if draw < _ENROL or not keys or (draw < _ADD and not more_faces):
            return new, 0
        newest = [key for key in list(self.faces)[-_NEWEST:] if key in keys]
        key = chance.choice(newest if newest and chance.random() < 1 / 2 else keys)
        return key, chance.randrange(1, _PHOTOS) if draw < _ADD else None

    def lost(self, roster: Roster) -> int:
        """People who should be there, or should have a face more."""
        there = {key: faces for key, faces in self.faces.items() if key not in self.deleted | self.doubtful}
        return sum(not faces <= roster.get(key, frozenset()) for key, faces in there.items())

    def back(self, roster: Roster) -> int:
        """People who were deleted and are there."""
        return len(self.deleted & roster.keys())

    def strange(self, roster: Roster) -> int:
        """People with a face that nobody gave them."""
        return sum(not faces <= self.faces.get(key, set()) | self.doubtful for key, faces in roster.items())
