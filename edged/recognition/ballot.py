"""What the good frames of one track say together."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.frame import Image

_WINDOW: Final = 8
_SAME_FACE: Final = 0.25
"""Good frames of one face, seconds apart, have cosines well above 0.6 and two strangers' rarely exceed 0.3: in between
is room for a bad frame on one side and for a look-alike on the other."""


@dataclass(frozen=True, slots=True, eq=False)
class Vote:
    """One good frame of a face.

    Attributes:
        embedding: float32, shape (dimension,), unit length.
        crop: the aligned face that it was made from.
    """

    embedding: NDArray[np.float32]
    crop: Image


@dataclass(slots=True)
class Ballot:
    """The latest good frames of a track, eight at most.

    The mean of cosines is linear in the probe, so one lookup with the mean embedding, scaled by its length, gives for
    every template exactly the mean of that template's cosines over the frames.
    """

    votes: deque[Vote] = field(default_factory=lambda: deque(maxlen=_WINDOW))

    def belongs(self, embedding: NDArray[np.float32]) -> bool:
        """Whether this can be the face that voted before; false when another face took the track over."""
        return not self.votes or float(self.mean() @ embedding) >= _SAME_FACE

    def cast(self, vote: Vote) -> None:
        self.votes.append(vote)

    def mean(self) -> NDArray[np.float32]:
        """The mean of the votes' embeddings, shape (dimension,), of length at most 1. Needs one vote at least."""
        return np.asarray(np.mean([vote.embedding for vote in self.votes], axis=0), dtype=np.float32)

    def probe(self) -> tuple[NDArray[np.float32], float]:
        """The mean as a unit vector to look up, and the length by which the similarities it finds are to be scaled."""
        mean = self.mean()
        length = float(np.linalg.norm(mean))
        return mean / np.float32(length), length
