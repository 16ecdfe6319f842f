"""What is odd about a good face: it looks like somebody else, or unlike the person's other photographs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from edged.domain.curve import Curve
from edged.domain.person import Candidate, Person

_RESEMBLES_CHANCE: Final = 1e-3
"""The accepted chance that a new face resembles anybody of the gallery by mere chance. Of 3,701 photographs of LFW,
each compared with all others, 0.24 % did; where others of the same person were there, 94 % were found to."""
_UNLIKE_RATE: Final = 1e-2
"""A face is unlike the others below the cosine that strangers reach in one of so many comparisons. On LFW 0.8 % of the
photographs were below it beside one other of the same person, 0.2 to 0.3 % beside several; 99 % of wrong ones were."""


class Oddity(StrEnum):
    """Why a photograph is doubted; the words are stable."""

    RESEMBLES_OTHER = "resembles_other"
    UNLIKE_OTHERS = "unlike_others"


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing that is odd about a face.

    Attributes:
        oddity: what it is.
        what, remedy: the same in words, for a person; each one sentence without a full stop.
        person: whom it resembles; None where it is unlike its own.
        similarity: the cosine that is too high or too low; limit: the bound.
    """

    oddity: Oddity
    what: str
    remedy: str
    person: Person | None
    similarity: float
    limit: float


class Known(Protocol):
    """Who is enrolled; `edged.gallery.snapshot.Snapshot` is one."""

    @property
    def templates(self) -> int: ...
    def nearest(self, probes: NDArray[np.float32], k: int = 2) -> Sequence[Sequence[Candidate]]: ...
    def faces_of(self, customer_person_id: str) -> NDArray[np.float32]:
        """The templates of one person, float32, shape (n, dimension); none where nobody has this key."""


def find_doubts(known: Known, curve: Curve, key: str, faces: NDArray[np.float32]) -> list[tuple[Doubt, ...]]:
    """What is odd about each of a person's new faces, judged beside the enrolled ones and beside each other. Pure.

    Args:
        known: who is enrolled, the person among them where they are.
        curve: of the model that made the faces.
        key: the customer_person_id for which they are to be enrolled.
        faces: float32, shape (n, dimension), unit length.
    """
    if not len(faces):
        return []
    resembling = _resembling(known, curve, key, faces)
    return [
        tuple(doubt for doubt in doubts if doubt)
        for doubts in zip(resembling, _unlike(known.faces_of(key), curve, faces), strict=True)
    ]


def _resembling(known: Known, curve: Curve, key: str, faces: NDArray[np.float32]) -> list[Doubt | None]:
    limit = curve.cosine_at(_RESEMBLES_CHANCE / max(known.templates, 1))
    found: list[Doubt | None] = []
    for candidates in known.nearest(faces, k=2):
        others = [item for item in candidates if item.person.customer_person_id != key]
        best = others[0] if others else None
        found.append(_resembles(best, limit) if best and best.similarity >= limit else None)
    return found


def _resembles(other: Candidate, limit: float) -> Doubt:
    name, other_key = other.person.name, other.person.customer_person_id
    return Doubt(
        Oddity.RESEMBLES_OTHER,
        f"the face resembles {name} ({other_key})" if name else f"the face resembles {other_key}",
        "If it is one person under two IDs, delete one of them; twins and close relatives may look so alike",
        other.person,
        other.similarity,
        limit,
    )


def _unlike(enrolled: NDArray[np.float32], curve: Curve, faces: NDArray[np.float32]) -> list[Doubt | None]:
    """By the median of the cosines to all the others, so that one wrong photograph spoils no right one among three."""
    everybody = np.concatenate([faces, enrolled]) if len(enrolled) else faces
    if len(everybody) < 2:
        return [None] * len(faces)
    limit = curve.cosine_at(_UNLIKE_RATE)
    cosines = faces @ everybody.T
    typical = [float(np.median(np.delete(row, place))) for place, row in enumerate(cosines)]
    return [_stranger(cosine, limit, len(everybody) - 1) if cosine < limit else None for cosine in typical]


def _stranger(cosine: float, limit: float, others: int) -> Doubt:
    return Doubt(
        Oddity.UNLIKE_OTHERS,
        "the face does not look like the person's other photograph"
        if others == 1
        else f"the face does not look like the person's other {others} photographs",
        "Look whether it shows somebody else; if so, delete the person and enrol the right photographs",
        None,
        cosine,
        limit,
    )
