"""What a cosine of one model means: how often strangers reach it, and how likely it is the same person."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Curve:
    """The measured error curve of an embedding model.

    Attributes:
        points: (false-accept rate of one comparison, cosine that gives it), at least two, by falling rate.
        slope, intercept: the logistic regression of "same person" on the cosine, at even odds.
    """

    points: tuple[tuple[float, float], ...]
    slope: float
    intercept: float

    def __post_init__(self) -> None:
        if len(self.points) < 2:
            raise ValueError("a curve needs two points at least")
        for (rate, cosine), (rarer, higher) in pairwise(self.points):
            if not 0 < rarer < rate < 1 or higher <= cosine:
                raise ValueError("a curve's rates fall and its cosines rise")

    def cosine_at(self, rate: float) -> float:
        """The cosine that strangers reach with probability `rate` in one comparison.

        Linear in the logarithm of the rate between the measured points and beyond them, with the slope of the nearest
        pair: the tail of impostor scores is close to exponential. Never above 0.95, so that a rate that nobody could
        measure still leaves a door that opens.
        """
        if rate <= 0:
            raise ValueError("a rate is positive")
        pairs = list(pairwise(self.points))
        left, right = next((pair for pair in pairs if rate >= pair[1][0]), pairs[-1])
        share = (math.log(left[0]) - math.log(rate)) / (math.log(left[0]) - math.log(right[0]))
        return min(0.95, left[1] + share * (right[1] - left[1]))

    def confidence(self, cosine: float, comparisons: float = 1.0) -> float:
        """The probability, 0–1, that two faces with this cosine are one person, both being equally likely before.

        Args:
            comparisons: with how many strangers a face was compared to find this cosine as the highest; the odds are
                divided by it.
        """
        log_odds = self.slope * cosine + self.intercept - math.log(comparisons)
        return (1.0 + math.tanh(log_odds / 2)) / 2  # the logistic function, in a form that never overflows

    def cosine_of(self, odds: float) -> float:
        """The cosine from which the odds of one person to two, both being equally likely before, are so high."""
        return (math.log(odds) - self.intercept) / self.slope
