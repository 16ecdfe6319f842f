"""What the good frames of one face say together."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edged.domain.frame import Image


@dataclass(frozen=True, slots=True, eq=False)
class Vote:
    """One good frame of a face.

    Attributes:
        embedding: float32, shape (dimension,), unit length.
        crop: the aligned face that it was made from.
        liveness: how alive it looked, 0–1; None where that was not asked.
    """

    embedding: NDArray[np.float32]
    crop: Image
    liveness: float | None = None


@dataclass(slots=True, eq=False)
class Ballot:
    """The latest good frames of a face.

    The mean of cosines is linear in the probe, so one lookup with the mean embedding, scaled by its length, gives for
    every template exactly the mean of that template's cosines over the frames.
    """

    votes: list[Vote] = field(default_factory=list)

    def likeness(self, embedding: NDArray[np.float32]) -> float:
        """The mean cosine of a frame to those that voted; 0 where none did."""
        return float(self.mean() @ embedding) if self.votes else 0.0

    def cast(self, vote: Vote, keep: int) -> None:
        """Adds a vote; only the latest `keep` count."""
        self.votes.append(vote)
        del self.votes[:-keep]

    def mean(self) -> NDArray[np.float32]:
        """The mean of the votes' embeddings, shape (dimension,), of length at most 1. Needs one vote at least."""
        return np.asarray(np.mean([vote.embedding for vote in self.votes], axis=0), dtype=np.float32)

    def liveness(self) -> float | None:
        """How alive the face looked, the mean of the frames that were asked; None where none was."""
        asked = [vote.liveness for vote in self.votes if vote.liveness is not None]
        return sum(asked) / len(asked) if asked else None

    def probe(self) -> tuple[NDArray[np.float32], float]:
        """The mean as a unit vector to look up, and the length by which the similarities it finds are to be scaled."""
        mean = self.mean()
        length = float(np.linalg.norm(mean))
        return mean / np.float32(length), length
