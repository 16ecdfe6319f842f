"""What looking at a gallery as a whole costs, and which look-alikes it misses."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import numpy as np

from edged.domain.curve import Curve
from edged.domain.progress import Progress
from edged.domain.scale import Scale
from edged.gallery.impostors import measure_site
from edged.gallery.look_alikes import Resemblance, limit_of, same_from
from edged.gallery.roll import Roll
from edged.measure.crowd import crowd
from edged.measure.population import Population
from edged.measure.report import Report, Table

_ROWS_AT_ONCE: Final = 256
_MOST_COMPARED: Final = 50_000
"""Templates up to which the pairs that are found are compared with all there are."""
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class SurveyCost:
    """One gallery.

    Attributes:
        people, templates: in it; source: what they are, in words.
        site_s, all_s, one_s: processor seconds, of all threads, of measuring how alike the people are, of finding all
            look-alikes, and of finding those of one person who is new.
        pairs: look-alikes found; missed: those that a comparison of all templates finds besides; None where that was
            not made.
    """

    people: int
    templates: int
    source: str
    site_s: float
    all_s: float
    one_s: float
    pairs: int
    missed: int | None


def measure_surveys(
    populations: Sequence[Callable[[], Population]], curve: Curve, progress: Progress
) -> tuple[SurveyCost, ...]:
    """Surveys each population once. Blocks for about half a minute for 50,000 people with four templates each."""
    found = []
    for place, make in enumerate(populations):
        progress("surveying", place / len(populations))
        found.append(_survey(make(), curve))
    progress("surveyed", 1.0)
    return tuple(found)


def survey_report(costs: Sequence[SurveyCost]) -> Report:
    """As a table."""
    columns = ("people", "templates", "look-alikes", "missed", "site, CPU s", "all pairs, CPU s", "one person, CPU s")
    rows = tuple(
        (
            f"{cost.people:,}",
            f"{cost.templates:,}",
            f"{cost.pairs}",
            "" if cost.missed is None else f"{cost.missed}",
            *(f"{seconds:.2f}" for seconds in (cost.site_s, cost.all_s, cost.one_s)),
        )
        for cost in costs
    )
    sources = "; ".join(f"{cost.people:,} people: {cost.source}" for cost in costs)
    return Report("Survey", (f"{sources}.", Table(columns, rows)))


def _survey(population: Population, curve: Curve) -> SurveyCost:
    roll = crowd(population.vectors, population.owners)
    alone = Scale(curve, len(roll.members), roll.templates)
    site, site_s = _timed(lambda: measure_site(roll, curve, same_from(alone)))
    scale = replace(alone, site=site)
    nothing = Resemblance.nothing(population.vectors.shape[1])
    resemblance, all_s = _timed(lambda: nothing.after(roll, scale))
    last = max(roll.members)
    members = {number: member for number, member in roll.members.items() if number != last}
    before = replace(resemblance, roll=replace(roll, members=members))
    _, one_s = _timed(lambda: before.after(roll, scale))
    pairs = len(resemblance.pairs(scale))
    missed = _pairs_of_all(roll, limit_of(scale)) - pairs if roll.templates <= _MOST_COMPARED else None
    return SurveyCost(len(roll.members), roll.templates, population.source, site_s, all_s, one_s, pairs, missed)


def _timed(act: Callable[[], _Result]) -> tuple[_Result, float]:
    begun = time.process_time()
    return act(), time.process_time() - begun


def _pairs_of_all(roll: Roll, limit: float) -> int:
    """How many pairs of people have two templates that reach the limit, by comparing all."""
    vectors, owners = roll.matrix.vectors, roll.matrix.owners
    pairs: set[tuple[int, int]] = set()
    for begin in range(0, len(vectors), _ROWS_AT_ONCE):
        rows, columns = np.nonzero(vectors[begin : begin + _ROWS_AT_ONCE] @ vectors.T >= limit)
        for one, other in zip(owners[begin + rows].tolist(), owners[columns].tolist(), strict=True):
            if one < other:
                pairs.add((one, other))
    return len(pairs)
