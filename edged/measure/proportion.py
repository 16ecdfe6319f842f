"""A share that was counted, and between what limits the true one lies."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_CERTAINTY: Final = 0.95
_HALVINGS: Final = 60


@dataclass(frozen=True, slots=True)
class Proportion:
    """So many of so many.

    Attributes:
        count: how many did; of: how many there were.
    """

    count: int
    of: int

    def __post_init__(self) -> None:
        if not 0 <= self.count <= self.of:
            raise ValueError(f"{self.count} of {self.of} is no proportion")

    @property
    def share(self) -> float:
        """0–1; 0 of nothing."""
        return self.count / self.of if self.of else 0.0

    @property
    def limits(self) -> tuple[float, float]:
        """The exact interval (Clopper and Pearson) that holds the true share with a certainty of 95 %.

        Its lower end is the share at which so many or more would be seen in one of forty such counts, its upper end
        that at which so few or fewer would. Of nothing nothing is known: 0 to 1.
        """
        tail = (1 - _CERTAINTY) / 2
        lower, upper = 0.0, 1.0
        if self.of and self.count > 0:
            lower = _solved(lambda share: at_most(self.count - 1, self.of, share) - (1 - tail))
        if self.of and self.count < self.of:
            upper = _solved(lambda share: at_most(self.count, self.of, share) - tail)
        return lower, upper

    def text(self) -> str:
        """`3 of 1,000 (0.30 %, 0.06–0.87 %)`."""
        if not self.of:
            return "none"
        low, high = self.limits
        places = 2 if self.of >= 100 else 1
        interval = f"{low * 100:.{places}f}–{high * 100:.{places}f} %"
        return f"{self.count:,} of {self.of:,} ({self.share * 100:.{places}f} %, {interval})"


def at_most(count: int, of: int, share: float) -> float:
    """The probability of `count` or fewer of `of`, each with probability `share`."""
    if share <= 0:
        return 1.0
    if share >= 1:
        return 1.0 if count >= of else 0.0
    logs = [
        math.lgamma(of + 1)
        - math.lgamma(number + 1)
        - math.lgamma(of - number + 1)
        + number * math.log(share)
        + (of - number) * math.log1p(-share)
        for number in range(count + 1)
    ]
    return min(1.0, math.fsum(math.exp(log) for log in logs))


def _solved(falling: Callable[[float], float]) -> float:
    """Where a function that falls from 0 to 1 is zero."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if falling(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
