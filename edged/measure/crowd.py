"""A gallery of people whom nobody has met."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edged.domain.person import Person
from edged.gallery.roll import Roll, Templates

_SEED = 1


def crowd(vectors: NDArray[np.float32], owners: NDArray[np.int32]) -> Roll:
    """A roll of these people, in memory only.

    Args:
        vectors: float32, shape (templates, dimension), unit length.
        owners: int32, shape (templates,): the number of each one's person.
    """
    people = {int(number): Person(id=f"{number}", customer_person_id=f"{number}") for number in np.unique(owners)}
    prints = np.random.default_rng(_SEED).integers(0, 2**63, (len(vectors), 2)).astype(np.uint64)
    return Roll.empty(vectors.shape[1]).after(1, (), people, [Templates(owners, vectors, prints)])
