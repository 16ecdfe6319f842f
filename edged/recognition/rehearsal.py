"""Enrolling for practice: everything is judged as if it were stored, and nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from edged.domain.person import Candidate, Person, Template
from edged.recognition.doubt import Known


class Rehearsal:
    """A gallery together with whom it would have after enrolments that never reach it. One thread."""

    def __init__(self, known: Known, dimension: int) -> None:
        self._known = known
        self._vectors = np.empty((256, dimension), np.float32)
        self._owners: list[Person] = []

    @property
    def templates(self) -> int:
        return self._known.templates + len(self._owners)

    def snapshot(self) -> Known:
        """What lookups are made in: itself."""
        return self

    def enroll(self, person: Person, templates: Sequence[Template]) -> Person:
        """Remembers the templates until the rehearsal is over."""
        for template in templates:
            if len(self._owners) == len(self._vectors):
                self._vectors = np.concatenate([self._vectors, np.empty_like(self._vectors)])
            self._vectors[len(self._owners)] = template.vector
            self._owners.append(person)
        return person

    def nearest(self, probes: NDArray[np.float32], k: int = 2) -> Sequence[Sequence[Candidate]]:
        """As `Snapshot.nearest`."""
        scores = probes @ self._vectors[: len(self._owners)].T
        return [
            self._best(row, enrolled, k) for row, enrolled in zip(scores, self._known.nearest(probes, k), strict=True)
        ]

    def faces_of(self, customer_person_id: str) -> NDArray[np.float32]:
        """As `Snapshot.faces_of`."""
        rows = [row for row, owner in enumerate(self._owners) if owner.customer_person_id == customer_person_id]
        return np.concatenate([self._known.faces_of(customer_person_id), self._vectors[rows]])

    def _best(self, row: NDArray[np.float32], enrolled: Sequence[Candidate], k: int) -> tuple[Candidate, ...]:
        best = {item.person.customer_person_id: item for item in enrolled}
        for place in np.argsort(-row)[: 64 * k].tolist():
            key = self._owners[place].customer_person_id
            if key not in best or best[key].similarity < row[place]:
                best[key] = Candidate(self._owners[place], float(row[place]))
        return tuple(islice(sorted(best.values(), key=lambda item: -item.similarity), k))
