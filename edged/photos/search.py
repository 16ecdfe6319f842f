"""A search of a guest for themselves in the photographs of an event."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from edged.domain.person import ModelRef


@dataclass(frozen=True, slots=True)
class Found:
    """A photograph somebody may be in, and the cosine of the likest face in it."""

    photo: str
    similarity: float


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """The face that a search was done with.

    Attributes:
        vector: float32, shape (dimension,), unit length; model: who made it.
    """

    vector: NDArray[np.float32]
    model: ModelRef


@dataclass(frozen=True, slots=True)
class Search:
    """A selfie search that was done.

    Attributes:
        request_id: a UUID in canonical text; one event's.
        confidence: 0–1, of the best photograph; 0 where none was found.
        photos: ids, the best first; those deleted or hidden since are among them.
        probe: what was searched with; None where there was no face, or it was done before probes were kept.
        consent: the version of the consent that the guest gave on a page of ours; None: somebody else asked for it.
        done: when, UTC seconds since the epoch; set by the store.
    """

    request_id: str
    confidence: float
    photos: tuple[str, ...]
    probe: Probe | None = field(default=None, compare=False)
    consent: int | None = None
    done: float = field(default=0.0, compare=False)


class Turn(Enum):
    """Whose turn a search is that is not done yet."""

    MINE = "mine"
    """The caller's: it must end with `finish_search` or `drop_search`."""
    OTHERS = "others"
    """Somebody else does it just now; ask again in a moment."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What was removed when a guest was forgotten.

    Attributes:
        searches: theirs, with what they were done with; selfies, denials: with them.
        faces: templates that were taken out of photographs, which stay.
    """

    searches: int = 0
    selfies: int = 0
    denials: int = 0
    faces: int = 0
