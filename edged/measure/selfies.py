"""`edged bench selfies`: does a selfie find the right photographs, and how soon?"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from edged.config.document import ModelSettings, QualitySettings
from edged.domain.curve import Curve
from edged.domain.progress import Progress
from edged.measure.album_event import AlbumEvent, Pool, compose, halves, pool_of
from edged.measure.album_siblings import Siblings, try_siblings
from edged.measure.gaze import gaze
from edged.measure.photo_set import read_photos
from edged.measure.population import synthetic
from edged.measure.selfie_search import Outcome, Rule, Searches, Wrong, search
from edged.vision.sight import open_sight

PLAIN: Final = "selfie alone"
JOINED: Final = "joined"
RECALL: Final = 0.97
PRECISION: Final = 0.99
CONFIDENCES: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999)
"""Thresholds to choose from, and to tell of."""
_CAREFUL: Final = 0.995
"""The precision to choose by: half of the mistakes that are allowed, for the people to come are others."""
_SMALL: Final = 300
_LARGE: Final = 20_000
_COSINES: Final = (0.4, 0.5, 0.6)
"""Of siblings; photographs of one person have 0.65."""
_TOGETHER: Final = (0, 1, 2)
_PHOTOS_EACH: Final = 6
_STRANGERS: Final = 0.6
"""Of the faces of a made-up event."""


@dataclass(frozen=True, slots=True)
class Amount:
    """How often each is done: events of 300 faces, of all faces, and timed searches."""

    small: int
    whole: int
    timed: int


FULL: Final = Amount(40, 12, 200)
QUICK: Final = Amount(3, 1, 10)


@dataclass(frozen=True, slots=True)
class Speed:
    """Processor time of the searching thread, in events of made-up people."""

    faces: int
    rule: str
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True, eq=False)
class Selfies:
    """What was found; of the reporting half where nothing else is said.

    Attributes:
        people, guests, faces: of the reporting half; a guest has three photographs or more.
        largest: faces of an event with all of them.
        chosen: the confidence chosen on the other half, by rule.
        choice: what it came to there, by kind of event and rule.
        searches: by kind of event and rule.
        siblings: by rule.
    """

    people: int
    guests: int
    faces: int
    largest: int
    chosen: Mapping[str, float]
    choice: Mapping[str, Mapping[str, Outcome]]
    searches: Mapping[str, Mapping[str, Searches]]
    siblings: Mapping[str, tuple[Siblings, ...]]
    speeds: tuple[Speed, ...]

    def outcome(self, kind: str, rule: str) -> Outcome:
        """With the chosen threshold."""
        return self.searches[kind][rule].at(self.chosen[rule])

    def wrong(self, kind: str) -> list[Wrong]:
        """Who was taken for whom, with photographs joined."""
        return self.searches[kind][JOINED].wrong_at(self.chosen[JOINED])

    @property
    def real(self) -> tuple[str, ...]:
        """The kinds of event in which every stranger counts once."""
        return tuple(kind for kind, rules in self.searches.items() if rules[JOINED].weight == 1)

    @property
    def is_good(self) -> bool:
        """Whether the target was reached in all of these."""
        outcomes = [self.outcome(kind, JOINED) for kind in self.real]
        return all(each.recall >= RECALL and each.precision >= PRECISION for each in outcomes)


def look_at(models: ModelSettings, folder: Path, aliases: Mapping[str, str], progress: Progress) -> tuple[Pool, Curve]:
    """The main face of each photograph, a folder for each person. Blocks for about 20 ms a photograph.

    Raises:
        Refused: there are no photographs, or one cannot be read.
    """
    sight = open_sight(models)
    seen = gaze(sight, [photo.path for photo in read_photos(folder)], QualitySettings(), progress)
    return pool_of(seen.vectors, [path.parent.name for path in seen.paths], aliases), sight.curve


def measure_selfies(pool: Pool, curve: Curve, amount: Amount, progress: Progress) -> Selfies:
    """Chooses a threshold on half of the people, and counts on the other half. Blocks for about a minute.

    Raises:
        Refused: in one half nobody has three photographs.
    """
    choosing, reporting = halves(pool)
    progress("half of the people, to choose by", 0.1)
    tried = _all_searches(choosing, curve, amount)
    chosen = {rule: _chosen([rules[rule] for rules in tried.values()]) for rule in (PLAIN, JOINED)}
    progress("the other half, to report on", 0.4)
    searches = _all_searches(reporting, curve, amount)
    progress("brothers and sisters", 0.7)
    event = compose(reporting, len(reporting.people), np.random.default_rng(0))
    siblings = {
        rule: tuple(
            try_siblings(reporting, event, curve, cosine, together, chosen[rule], joins=rule == JOINED)
            for cosine in _COSINES
            for together in _TOGETHER
        )
        for rule in (PLAIN, JOINED)
    }
    progress("processor time", 0.8)
    speeds = [
        _speed(curve, pool.vectors.shape[1], faces, rule, chosen[rule], amount.timed)
        for faces in (_SMALL, 2000, _LARGE)
        for rule in chosen
    ]
    progress("all was measured", 1.0)
    counts = np.unique(reporting.people, return_counts=True)[1]
    return Selfies(
        len(counts),
        int(np.count_nonzero(counts > 2)),
        len(reporting.people),
        len(event.faces),
        chosen,
        {kind: {rule: each.at(chosen[rule]) for rule, each in rules.items()} for kind, rules in tried.items()},
        searches,
        siblings,
        tuple(speeds),
    )


def _all_searches(pool: Pool, curve: Curve, amount: Amount) -> dict[str, dict[str, Searches]]:
    whole = len(pool.people)
    kinds = {
        f"{_SMALL} faces": (_SMALL, amount.small, None),
        "all faces of the half": (whole, amount.whole, None),
        f"as if {_LARGE:,} faces": (whole, amount.whole, _LARGE),
    }
    return {
        kind: {
            rule: search(pool, _events(pool, faces, times), curve, joins=rule == JOINED, faces=judged)
            for rule in (PLAIN, JOINED)
        }
        for kind, (faces, times, judged) in kinds.items()
    }


def _events(pool: Pool, faces: int, times: int) -> Iterator[AlbumEvent]:
    for seed in range(times):
        yield compose(pool, faces, np.random.default_rng(seed))


def _chosen(kinds: list[Searches]) -> float:
    """The lowest confidence that is precise enough in all kinds of event, else the highest there is."""
    careful = (each for each in CONFIDENCES if all(kind.at(each).precision >= _CAREFUL for kind in kinds))
    return next(careful, CONFIDENCES[-1])


def _speed(curve: Curve, dimension: int, faces: int, rule: str, confidence: float, times: int) -> Speed:
    """Of made-up people: there are no 20,000 real faces, and how long it takes does not depend on whose they are."""
    guests = int(faces * (1 - _STRANGERS) / (_PHOTOS_EACH - 1))
    made = synthetic(guests, _PHOTOS_EACH, dimension, int(3 * faces * _STRANGERS), seed=1)
    names = [f"guest {owner}" for owner in made.owners.tolist()] + [
        f"other {each}" for each in range(len(made.strangers))
    ]
    pool = Pool(np.concatenate((made.vectors, made.strangers)), np.array(names))
    event = compose(pool, faces, np.random.default_rng(1))
    how = Rule(curve, rule == JOINED, faces)
    vectors, least = pool.vectors[event.faces], how.cosine(confidence)
    spent: list[float] = []
    for turn in range(times):
        probe = pool.vectors[event.selfies[turn % len(event.selfies)]]
        begun = time.thread_time()
        how.find(probe, vectors, event.photos, least)
        spent.append((time.thread_time() - begun) * 1000)
    return Speed(len(event.faces), rule, *(float(each) for each in np.percentile(spent, (50, 95))))
