"""Who resembles a face: the immutable picture of the gallery that lookups are made in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from edged.domain.person import Candidate, ModelRef, Person
from edged.domain.survey import NO_SURVEY, Survey
from edged.gallery.roll import Roll

_PROBES_AT_ONCE: Final = 32
"""Bounds the table of scores: so many rows of four bytes a template."""
_GLANCE_NAMES: Final = 2
"""Up to so many people are taken from a glance: it finds the nearest, and less surely those behind."""


class Narrowing(Protocol):
    """Something that names, fast, the rows which may be nearest to a probe. It never scores: the snapshot does."""

    @property
    def covered(self) -> int:
        """It knows the rows below this number; the snapshot compares all later ones itself."""
        ...

    @property
    def sure(self) -> float:
        """After a glance a best score above this is taken; whoever scores less is scanned for."""
        ...

    def glance(self, probe: NDArray[np.float32]) -> NDArray[np.int32] | None:
        """All rows of the few people whom a quick look names for one unit vector, deleted ones among them.

        Any thread. None where it has no quick look.
        """
        ...

    def scan(self, probes: NDArray[np.float32]) -> Iterator[NDArray[np.int32]]:
        """For each unit vector all rows of the people who are worth comparing, deleted ones among them. Any thread."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The gallery at one version. Nothing in it ever changes, so any number of threads may ask it at once.

    Attributes:
        model: the model whose vectors are compared here.
        roll: the people and their templates.
        narrowing: chooses what to compare in a large gallery; None compares everything.
        survey: how alike its people are, as they were when that was last looked into: a moment ago.
    """

    model: ModelRef
    roll: Roll
    narrowing: Narrowing | None = None
    survey: Survey = NO_SURVEY

    @property
    def version(self) -> int:
        """The revision of the database that this is a picture of; grows with every change, also across restarts."""
        return self.roll.revision

    @property
    def digest(self) -> str:
        """32 hex digits that are equal on two devices exactly when the same people have the same templates.

        Made of what people are called and of their vectors, not of our ids, of the order of enrolment or of index
        files. It guards against mistakes, not against somebody who forges a collision.
        """
        return self.roll.digest

    @property
    def persons(self) -> int:
        """How many people are enrolled, those without a template of this model included."""
        return len(self.roll.members)

    @property
    def templates(self) -> int:
        """How many templates a probe is compared with."""
        return self.roll.templates

    def person(self, id: str) -> Person | None:  # noqa: A002  as `Person.id`
        """Whoever has this id of ours; None where nobody has, any more. Takes as long as `faces_of`."""
        return next((item.person for item in self.roll.members.values() if item.person.id == id), None)

    def faces_of(self, customer_person_id: str) -> NDArray[np.float32]:
        """One person's templates, a new array, float32, shape (n, dimension); none where nobody has this key.

        Takes a look at every member: a millisecond or two for 50,000.
        """
        members = self.roll.members.values()
        rows = next((item.rows for item in members if item.person.customer_person_id == customer_person_id), ())
        return self.roll.matrix.vectors[list(rows)]

    def nearest(self, probes: NDArray[np.float32], k: int = 2) -> tuple[tuple[Candidate, ...], ...]:
        """The people most like each probe. Does not block; any thread.

        Args:
            probes: float32, shape (N, dimension), each row of unit length, made by `model`.
            k: how many people to name for each, at least 1.

        Returns:
            for each probe up to `k` different people, the most similar first, each with the exact cosine of their
            most similar template. Fewer where fewer are enrolled; none for a probe with a value that is not finite.
            A narrowing may miss the nearest as rarely as its trial says, and those far behind it more often.

        Raises:
            ValueError: the probes have another dimension: they come from another model, which is a bug of the caller.
        """
        if probes.ndim != 2 or probes.shape[1] != self.model.dimension:
            raise ValueError(f"probes of shape {probes.shape} in a gallery of dimension {self.model.dimension}")
        search = partial(self._narrowed, self.narrowing) if self.narrowing else self._everywhere
        finite = np.asarray(np.isfinite(probes).all(axis=1))
        found: list[tuple[Candidate, ...]] = []
        for start in range(0, len(probes), _PROBES_AT_ONCE):
            some = slice(start, start + _PROBES_AT_ONCE)
            answers = iter(search(probes[some][finite[some]], k))
            found += [next(answers) if sound else () for sound in finite[some]]
        return tuple(found)

    def _everywhere(self, probes: NDArray[np.float32], k: int) -> list[tuple[Candidate, ...]]:
        matrix = self.roll.matrix
        scores = probes @ matrix.vectors.T
        scores[:, self.roll.dead] = -np.inf
        return [self._best(row, matrix.owners, k) for row in scores]

    def _narrowed(self, narrowing: Narrowing, probes: NDArray[np.float32], k: int) -> list[tuple[Candidate, ...]]:
        """Compares the people whom the narrowing names and every row that it does not know.

        A glance names few, which is enough for the nearest and the one behind them. A probe for which that is not sure
        is scanned for, and one for which too few people are named is compared with everything.
        """
        matrix, covered = self.roll.matrix, narrowing.covered
        late_scores = probes @ matrix.vectors[covered:].T
        late_scores[:, self.roll.dead[self.roll.dead >= covered] - covered] = -np.inf
        late_owners = matrix.owners[covered:]
        enough = min(k, self.persons)

        def among(place: int, named: NDArray[np.int32]) -> tuple[Candidate, ...]:
            rows = self.roll.alive(named)
            own = matrix.vectors.take(rows, axis=0, mode="clip")  # twice as fast as an index, which checks each
            scores = np.concatenate((own @ probes[place], late_scores[place]))
            best = self._best(scores, np.concatenate((matrix.owners[rows], late_owners)), k)
            return best if len(best) >= enough else ()

        found: list[tuple[Candidate, ...]] = [()] * len(probes)
        for place, probe in enumerate(probes if k <= _GLANCE_NAMES else ()):
            rows = narrowing.glance(probe)
            best = among(place, rows) if rows is not None else ()
            found[place] = best if best and best[0].similarity > narrowing.sure else ()
        unsure = [place for place, best in enumerate(found) if not best]
        for place, rows in zip(unsure, narrowing.scan(probes[unsure]) if unsure else (), strict=True):
            found[place] = among(place, rows)
        lost = [place for place, best in enumerate(found) if not best]
        for place, best in zip(lost, self._everywhere(probes[lost], k) if lost else (), strict=True):
            found[place] = best
        return found

    def _best(self, scores: NDArray[np.float32], owners: NDArray[np.int32], k: int) -> tuple[Candidate, ...]:
        """The `k` best people by their best score; `scores` is used up. For a small k faster than any sorting."""
        best: list[Candidate] = []
        while len(best) < k and scores.size:
            at = int(scores.argmax())
            if scores[at] == -np.inf:
                break
            owner = owners[at]
            best.append(Candidate(self.roll.members[int(owner)].person, float(np.clip(scores[at], -1, 1))))
            scores[owners == owner] = -np.inf
        return tuple(best)
