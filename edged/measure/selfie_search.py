"""The photographs that selfie searches find in composed events, at every threshold."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edged.domain.curve import Curve
from edged.measure.album_event import AlbumEvent, Pool
from edged.photos.likeness import SURE, Likeness, alike

FLOOR: Final = 0.2
"""The similarity below which nothing is looked at: of two strangers one in twenty reaches it."""
_NOTHING: Final = math.inf
"""The cosine from which a plain scan joins a face."""


class Wrong(NamedTuple):
    """A photograph that was found and does not show the guest, but this one."""

    guest: str
    taken: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What guests see at one threshold.

    Attributes:
        recall: of all photographs with the guest in them, those found; guests: the mean of each guest's own.
        precision: of all photographs found, those with the guest in them.
        spared: the share of searches that found no wrong one.
    """

    recall: float
    guests: float
    precision: float
    spared: float


@dataclass(frozen=True, slots=True, eq=False)
class Searches:
    """Many searches, with all that they would find at a low threshold.

    Attributes:
        odds: the logarithm of each found photograph's odds, among as many faces as the event has, shape (found,).
        right: whether the guest is in it; searches: the number of the search, both shape (found,).
        wanted: in how many photographs the guest is, by the number of the search.
        weight: as how many a wrong photograph counts.
        mistakes: the wrong ones, each with its odds.
    """

    odds: NDArray[np.float64]
    right: NDArray[np.bool_]
    searches: NDArray[np.int64]
    wanted: NDArray[np.int64]
    weight: float
    mistakes: tuple[tuple[float, Wrong], ...]

    def at(self, confidence: float) -> Outcome:
        """With the threshold at this confidence, 0–1 and neither."""
        shown = self.odds >= math.log(confidence / (1 - confidence))
        hits = np.bincount(self.searches[shown & self.right], minlength=len(self.wanted))
        misses = np.bincount(self.searches[shown & ~self.right], minlength=len(self.wanted))
        found, wrong = int(hits.sum()), float(misses.sum()) * self.weight
        return Outcome(
            found / int(self.wanted.sum()),
            float(np.mean(hits / self.wanted)),
            found / (found + wrong) if found else 1.0,
            float(np.mean(misses == 0)),
        )

    def curve(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Recall and precision at every threshold, from the highest on."""
        order = np.argsort(-self.odds, kind="stable")
        found = np.cumsum(self.right[order])
        wrong = np.cumsum(~self.right[order]) * self.weight
        return np.asarray(found / self.wanted.sum()), np.asarray(found / (found + wrong))

    def best(self, precision: float) -> float:
        """The highest recall with this precision, at whatever threshold."""
        recalls, precisions = self.curve()
        enough = recalls[precisions >= precision]
        return float(enough.max()) if len(enough) else 0.0

    def wrong_at(self, confidence: float) -> list[Wrong]:
        """Who was taken for whom with this threshold: each pair once, the most alike first."""
        least = math.log(confidence / (1 - confidence))
        pairs: dict[tuple[str, str], Wrong] = {}
        for odds, wrong in sorted(self.mistakes, key=lambda mistake: -mistake[0]):
            if odds >= least:
                pairs.setdefault((wrong.guest, wrong.taken), wrong)
        return list(pairs.values())


@dataclass(frozen=True, slots=True)
class Rule:
    """How photographs are judged, among so many faces.

    Attributes:
        joins: whether certain photographs are joined to the selfie; otherwise it is a plain scan.
        faces: how many there are, or are taken to be.
    """

    curve: Curve
    joins: bool
    faces: int

    def cosine(self, confidence: float) -> float:
        """From which on a comparison with so many faces has this confidence."""
        return self.curve.cosine_of(self.faces * confidence / (1 - confidence))

    def odds(self, similarity: float) -> float:
        """The logarithm of the odds that go with it: confidence, without its ends where all is 0 or 1."""
        return self.curve.slope * similarity + self.curve.intercept - math.log(self.faces)

    def find(
        self, probe: NDArray[np.float32], vectors: NDArray[np.float32], photos: NDArray[np.int64], least: float
    ) -> tuple[Likeness, ...]:
        """See `alike`."""
        sure = self.cosine(SURE) if self.joins else _NOTHING
        return alike(probe, vectors, photos, least=least, sure=sure)


def search(
    pool: Pool, events: Iterator[AlbumEvent], curve: Curve, *, joins: bool, faces: int | None = None
) -> Searches:
    """Searches each event with each of its selfies. Blocks for milliseconds a search.

    Args:
        faces: judged as if an event had so many; a wrong photograph counts as often as there would be more of them.
    """
    odds: list[float] = []
    right: list[bool] = []
    searches: list[int] = []
    wanted: list[int] = []
    mistakes: list[tuple[float, Wrong]] = []
    weight = 1.0
    for event in events:
        rule = Rule(curve, joins, faces or len(event.faces))
        weight = rule.faces / len(event.faces)
        vectors, people = pool.vectors[event.faces], pool.people[event.faces]
        for selfie in event.selfies:
            guest = str(pool.people[selfie])
            theirs = set(event.photos[people == guest].tolist())
            for found in rule.find(pool.vectors[selfie], vectors, event.photos, FLOOR):
                odds.append(rule.odds(found.similarity))
                right.append(found.photo in theirs)
                searches.append(len(wanted))
                if found.photo not in theirs:
                    mistakes.append((odds[-1], Wrong(guest, str(people[found.face]), found.similarity)))
            wanted.append(len(theirs))
    return Searches(
        np.array(odds),
        np.array(right, np.bool_),
        np.array(searches, np.int64),
        np.array(wanted),
        weight,
        tuple(mistakes),
    )
