"""What a cosine means in one gallery: from the risk an administrator accepts to the cosine a face must reach, and from
a cosine to the probability that it is the person.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Protocol, Self

from edged.domain.curve import Curve
from edged.domain.survey import NO_SURVEY, Site, Survey

_FAMILY: Final = 0.95
"""Templates of one person are alike, so that a stranger who is unlike the one is unlike the others: t of them count as
t^0.95 independent comparisons. `edged eval thresholds` measures the exponent on LFW: 0.75 to 0.80 at a rate of 1e-2,
0.90 at 1e-4, 0.95 to 0.99 at 1e-5, where the data end; a threshold needs rates of 1e-5 and rarer."""
_AT_MOST_LOWER: Final = 3.0
"""A site's own people never lower a threshold so far that the model's curve says more than this many times the target:
enrolled people were photographed with care, and may resemble each other less than passers-by in bad light do."""
_HIGHEST: Final = 0.95
"""As in `Curve.cosine_at`: a door that opens."""
_NINE_IN_TEN: Final = 1.645
"""Standard deviations to both sides of a normal distribution's middle that hold nine tenths of it."""
_NOTHING: Final = 0.0005
"""A shift that three digits do not show."""
_RULE_OF_THREE: Final = 3.0
"""If none of n strangers is accepted, the true chance is below 3 / n with 95 % certainty."""


class Crowd(Protocol):
    """What must be known of a gallery; `edged.gallery.snapshot.Snapshot` knows it."""

    @property
    def persons(self) -> int: ...
    @property
    def templates(self) -> int: ...
    @property
    def survey(self) -> Survey: ...


@dataclass(frozen=True, slots=True)
class Threshold:
    """The cosine that a face must reach, and what that rests on.

    Attributes:
        low, high: the interval that holds, in nine sites of ten, the cosine at which the target is kept exactly.
        basis: what it rests on, in words.
        warning: why the target cannot be shown to be kept; empty where it can.
    """

    cosine: float
    low: float
    high: float
    basis: str
    warning: str


@dataclass(frozen=True, slots=True)
class Scale:
    """What cosines mean in one gallery at one moment.

    Attributes:
        curve: of the embedding model in use.
        persons, templates: in the gallery.
        site: how alike its people are.
    """

    curve: Curve
    persons: int
    templates: int
    site: Site = NO_SURVEY.site

    @classmethod
    def of(cls, curve: Curve, crowd: Crowd) -> Self:
        return cls(curve, crowd.persons, crowd.templates, crowd.survey.site)

    @property
    def comparisons(self) -> float:
        """To how many independent comparisons with strangers a look-up amounts; at least 1.

        Different people count as independent. On LFW a target of 1 % is then kept at 0.8 to 1.1 %.
        """
        persons = max(min(self.persons, self.templates), 1)
        return float(persons * (max(self.templates, 1) / persons) ** _FAMILY)

    def cosine_for(self, target_fpir: float) -> float:
        """The cosine at which a stranger's visit is taken for anyone enrolled with probability `target_fpir`.

        With n comparisons, each at the rate r, the chance is 1 - (1 - r)^n. The curve gives the cosine of r, and the
        site's own people move it. The frames of one decision are averaged before they are compared, and count once.
        The curve is that of single photographs, and a mean varies less, so that its tail is nearer: that is left as a
        reserve for visits that are decided again and again, every `decision.look_again_s`, and count once too.

        Args:
            target_fpir: accepted chance a visit, 0–1.
        """
        rate = self._rate(target_fpir)
        lowest = self.curve.cosine_at(min(_AT_MOST_LOWER * rate, 0.5))
        return min(max(self.curve.cosine_at(rate) + self.site.shift, lowest), _HIGHEST)

    def threshold(self, target_fpir: float) -> Threshold:
        """The same cosine, with what it rests on and how sure it is."""
        rate = self._rate(target_fpir)
        middle = self.curve.cosine_at(rate) + self.site.expected
        reach = _NINE_IN_TEN * self.site.deviation
        return Threshold(
            cosine=self.cosine_for(target_fpir),
            low=middle - reach,
            high=min(middle + reach, _HIGHEST),
            basis=self._basis(),
            warning=self._warning(target_fpir, rate),
        )

    def confidence(self, similarity: float) -> float:
        """The probability, 0–1, that the best match of a look-up is the person, by its cosine.

        Enrolled people and strangers being equally likely to come. The best of n strangers' comparisons reaches a
        cosine about n times as often as one does, so that the odds of one comparison are divided by n.
        """
        return self.curve.confidence(similarity - self.site.shift, self.comparisons)

    def _rate(self, target_fpir: float) -> float:
        """What one comparison may go wrong with."""
        return -math.expm1(math.log1p(-target_fpir) / self.comparisons)

    def _basis(self) -> str:
        if not self.site.rate:
            return "the model's curve"
        if abs(self.site.shift) < _NOTHING:
            return f"the model's curve, which {self.site.people} enrolled people bear out"
        return (
            f"the model's curve, moved by {self.site.shift:+.3f} for how alike {self.site.people} enrolled people are"
        )

    def _warning(self, target_fpir: float, rate: float) -> str:
        rarest, _ = self.curve.points[-1]
        wanted = math.ceil(_RULE_OF_THREE / target_fpir)
        warnings = []
        if self.persons < wanted:
            warnings.append(
                f"{self.persons} people cannot show whether one visit in {1 / target_fpir:,.0f} goes wrong; "
                f"that takes {wanted:,}"
            )
        if rate < rarest:
            warnings.append(
                f"the model's curve was measured down to one comparison in {1 / rarest:,.0f} and is drawn out to one "
                f"in {1 / rate:,.0f}"
            )
        return "; ".join(warnings)
