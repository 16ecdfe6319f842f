"""Whether a target is kept: by how much photographs of one person count, and what a site's own people add."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.curve import Curve
from edged.domain.errors import Refused
from edged.domain.progress import Progress
from edged.domain.scale import Scale
from edged.domain.survey import NO_SURVEY, Site
from edged.gallery.impostors import measure_site
from edged.gallery.look_alikes import same_from
from edged.measure.crowd import crowd
from edged.measure.identification import search
from edged.measure.report import Report, Table

TARGETS: Final = (3e-2, 1e-2, 3e-3)
PHOTOS: Final = (2, 3, 4, 6)
_DRAWS: Final = 5
_GROUPS: Final = 8
_ROUNDS: Final = 40
_LEAST_PEOPLE: Final = 20
_LEAST_MATCHES: Final = 30
_MOST_TEMPLATES: Final = 4
_SEED: Final = 1
_HALVES: Final = """\
Half of a site's people are enrolled with up to four photographs, the others come as strangers, five times each; each
photograph is a visit.\
"""


@dataclass(frozen=True, slots=True)
class Family:
    """How the chance of a false match with a person grows with the number of their photographs.

    Attributes:
        photos: of each person; people: who have so many.
        exponents: by the rate of one comparison: the chance grows as photos to this power. None where fewer than 30
            false matches could be seen.
    """

    photos: int
    people: int
    exponents: dict[float, float | None]


@dataclass(frozen=True, slots=True)
class Kept:
    """How a target was kept in galleries of one kind.

    Attributes:
        kind: how the people of a site were chosen; people: enrolled, on average; visits: of strangers, in all.
        shift: the mean shift of the sites, and how far they lie apart (standard deviation).
        accepted: share of strangers taken for somebody; by the model's curve alone, and with the site's people.
        missed: share of enrolled people's visits not recognised; likewise.
    """

    kind: str
    target: float
    people: float
    visits: int
    shift: tuple[float, float]
    accepted: tuple[float, float]
    missed: tuple[float, float]


def family_growth(vectors: NDArray[np.float32], people: Sequence[str], curve: Curve) -> tuple[Family, ...]:
    """Compares everybody's photographs with those of others, of whom more and more are taken together.

    Args:
        vectors: float32, shape (n, dimension), unit length.
        people: whom each shows.
    """
    chance = np.random.default_rng(_SEED)
    _, numbers, counts = np.unique(np.asarray(people), return_inverse=True, return_counts=True)
    return tuple(_family(vectors, numbers, counts, photos, curve, chance) for photos in PHOTOS)


def _family(
    vectors: NDArray[np.float32],
    numbers: NDArray[np.intp],
    counts: NDArray[np.intp],
    photos: int,
    curve: Curve,
    chance: np.random.Generator,
) -> Family:
    chosen = np.flatnonzero(counts >= photos)
    one, together = dict.fromkeys(dict(curve.points), 0), dict.fromkeys(dict(curve.points), 0)
    for _ in range(_DRAWS):
        for person in chosen:
            rows = chance.permutation(np.flatnonzero(numbers == person))[:photos]
            scores = vectors @ vectors[rows].T
            scores[numbers == person] = -1.0
            for rate, cosine in curve.points:
                one[rate] += int(np.count_nonzero(scores >= cosine))
                together[rate] += int(np.count_nonzero(scores.max(axis=1) >= cosine))
    exponents = {
        rate: math.log(together[rate] / (one[rate] / photos)) / math.log(photos)
        if together[rate] >= _LEAST_MATCHES * _DRAWS
        else None
        for rate in one
    }
    return Family(photos, len(chosen), exponents)


def targets_kept(
    vectors: NDArray[np.float32], people: Sequence[str], curve: Curve, progress: Progress
) -> tuple[Kept, ...]:
    """Enrols half of a site's people, lets the other half come as strangers, and counts.

    Sites of three kinds: everybody; groups of an eighth drawn at random; and eight groups of those most alike (k-means
    of the people's centroids), which stand for sites where people resemble each other more than the curve expects.

    Args:
        vectors: float32, shape (n, dimension), unit length.
        people: whom each shows.

    Raises:
        Refused: fewer than 160 people.
    """
    chance = np.random.default_rng(_SEED)
    _, numbers = np.unique(np.asarray(people), return_inverse=True)
    count = int(numbers.max()) + 1
    if count < _GROUPS * _LEAST_PEOPLE:
        raise Refused("too_few_people", f"{count} people are too few for {_GROUPS} sites", "Use more photographs.")
    sites: list[tuple[str, list[NDArray[np.intp]]]] = [
        ("everybody", [np.arange(count)]),
        ("drawn at random", list(np.array_split(chance.permutation(count), _GROUPS))),
        ("most alike", list(_most_alike(vectors, numbers, count, chance))),
    ]
    found = []
    for place, (kind, groups) in enumerate(sites):
        progress(f"sites: {kind}", place / len(sites))
        trials = [
            _trial(vectors, numbers, chance.permutation(group), curve)
            for group in groups
            if len(group) >= _LEAST_PEOPLE
            for _ in range(_DRAWS)
        ]
        found += [_kept(kind, target, trials) for target in TARGETS]
    progress("targets checked", 1.0)
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    """One site, half enrolled: the best cosines of the visits, and the thresholds."""

    people: int
    site: Site
    strangers: NDArray[np.float64]
    enrolled: NDArray[np.float64]
    thresholds: dict[float, tuple[float, float]]


def _trial(vectors: NDArray[np.float32], numbers: NDArray[np.intp], group: NDArray[np.intp], curve: Curve) -> _Trial:
    inside = group[: len(group) // 2]
    rows = [np.flatnonzero(numbers == person) for person in inside]
    gallery = np.concatenate([own[: min(_MOST_TEMPLATES, max(1, len(own) // 2))] for own in rows])
    probes = np.setdiff1d(np.flatnonzero(np.isin(numbers, group)), gallery)
    roll = crowd(vectors[gallery], numbers[gallery].astype(np.int32))
    site = measure_site(roll, curve, same_from(Scale(curve, len(inside), len(gallery))))
    found = search(vectors[gallery], numbers[gallery].astype(str), vectors[probes], numbers[probes].astype(str))
    right = np.where(found.right, found.cosines[found.enrolled], -1.0)
    thresholds = {}
    for target in TARGETS:
        alone, refined = (Scale(curve, len(inside), len(gallery), each) for each in (NO_SURVEY.site, site))
        thresholds[target] = (alone.cosine_for(target), refined.cosine_for(target))
    return _Trial(len(inside), site, found.strangers, right, thresholds)


def _kept(kind: str, target: float, trials: Sequence[_Trial]) -> Kept:
    def share(of: str, which: int, *, below: bool) -> float:
        hits = [(getattr(trial, of) >= trial.thresholds[target][which]) != below for trial in trials]
        return float(np.mean(np.concatenate(hits)))

    shifts = [trial.site.shift for trial in trials]
    return Kept(
        kind,
        target,
        people=float(np.mean([trial.people for trial in trials])),
        visits=sum(len(trial.strangers) for trial in trials),
        shift=(float(np.mean(shifts)), float(np.std(shifts))),
        accepted=(share("strangers", 0, below=False), share("strangers", 1, below=False)),
        missed=(share("enrolled", 0, below=True), share("enrolled", 1, below=True)),
    )


def _most_alike(
    vectors: NDArray[np.float32], numbers: NDArray[np.intp], count: int, chance: np.random.Generator
) -> Iterator[NDArray[np.intp]]:
    """Groups of people, by k-means of their centroids on the sphere."""
    sums = np.zeros((count, vectors.shape[1]), np.float32)
    np.add.at(sums, numbers, vectors)
    faces = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    middles = faces[chance.permutation(count)[:_GROUPS]]
    for _ in range(_ROUNDS):
        nearest = (faces @ middles.T).argmax(axis=1)
        means = [faces[nearest == group].mean(axis=0) for group in range(_GROUPS) if (nearest == group).any()]
        middles = np.array([mean / np.linalg.norm(mean) for mean in means], np.float32)
    for group in range(len(middles)):
        yield np.flatnonzero(nearest == group)


def thresholds_report(families: Sequence[Family], kept: Sequence[Kept]) -> Report:
    """Both, as tables."""
    rates = [rate for rate, _ in families[0].exponents.items()] if families else []
    growth = Table(
        ("photographs of each", "people", *(f"exponent at {rate:g}" for rate in rates)),
        tuple(
            (
                str(family.photos),
                str(family.people),
                *("" if exponent is None else f"{exponent:.2f}" for exponent in family.exponents.values()),
            )
            for family in families
        ),
    )
    columns = ("people of a site", "enrolled", "strangers' visits", "shift", "target")
    sites = Table(
        (*columns, "FPIR, curve alone", "with the site", "FNIR, curve alone", "with the site"),
        tuple(
            (
                item.kind,
                f"{item.people:.0f}",
                f"{item.visits:,}",
                f"{item.shift[0]:+.3f} ± {item.shift[1]:.3f}",
                f"{item.target:.1%}",
                *(f"{share:.2%}" for share in (*item.accepted, *item.missed)),
            )
            for item in kept
        ),
    )
    return Report(
        "Thresholds: is the target kept?",
        (
            "The chance that a stranger matches one of t photographs of a person grows as t to this power:",
            growth,
            _HALVES,
            sites,
        ),
    )
