"""Who is it, of many, or nobody? Open-set identification.

ISO/IEC 19795-1: FPIR is the share of strangers for whom anyone is returned; FNIR the share of enrolled people who are
not returned as the best match.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Accepted(NamedTuple):
    """A stranger who was taken for somebody."""

    stranger: str
    taken_for: str
    cosine: float


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """The best match of each probe in a gallery, whatever its cosine. All arrays have the shape (probes,).

    Attributes:
        people: whom each probe shows.
        found: whose template is its best match.
        cosines: of that match.
        enrolled: whether its person is in the gallery at all.
    """

    people: NDArray[np.str_]
    found: NDArray[np.str_]
    cosines: NDArray[np.float64]
    enrolled: NDArray[np.bool_]

    @property
    def strangers(self) -> NDArray[np.float64]:
        """The cosines of the strangers' best matches."""
        return self.cosines[~self.enrolled]

    @property
    def right(self) -> NDArray[np.bool_]:
        """Of the probes of enrolled people: whether the best match is the person."""
        return np.asarray(self.found == self.people)[self.enrolled]

    def accepted(self, threshold: float) -> list[Accepted]:
        """The strangers taken for somebody, the most alike first."""
        rows = np.flatnonzero(~self.enrolled & (self.cosines >= threshold))
        matches = [Accepted(str(self.people[row]), str(self.found[row]), float(self.cosines[row])) for row in rows]
        return sorted(matches, key=lambda match: -match.cosine)

    def fpir(self, threshold: float) -> float:
        return float(np.mean(self.strangers >= threshold))

    def fnir(self, threshold: float) -> float:
        return float(1 - np.mean(self.right & (self.cosines[self.enrolled] >= threshold)))

    def mistaken(self, threshold: float) -> int:
        """How many probes of enrolled people are taken for somebody else."""
        return int(np.count_nonzero(~self.right & (self.cosines[self.enrolled] >= threshold)))

    def rank_one(self) -> float:
        """The share of the probes of enrolled people whose best match is the person, at any cosine."""
        return float(np.mean(self.right))


def search(
    gallery: NDArray[np.float32],
    owners: NDArray[np.str_],
    probes: NDArray[np.float32],
    people: NDArray[np.str_],
) -> Search:
    """Compares every probe with every template, exactly.

    Args:
        gallery: float32, shape (templates, dimension), unit length.
        owners: whose each template is, shape (templates,).
        probes: float32, shape (probes, dimension), unit length.
        people: whom each probe shows; a stranger owns no template.
    """
    cosines = probes @ gallery.T
    best = cosines.argmax(axis=1)
    scores = cosines[np.arange(len(probes)), best].astype(np.float64)
    return Search(people, owners[best], scores, np.isin(people, owners))
