"""How long to wait before trying again."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(slots=True)
class Backoff:
    """Doubles from `first` to `longest` seconds, with jitter, so that a thousand devices do not return together.

    Attributes:
        tries: failures since the last success.
    """

    first: float
    longest: float
    chance: random.Random
    tries: int = 0

    def failed(self) -> float:
        """Counts a failure and gives the seconds to wait: between half and all of the doubled time."""
        ceiling = min(self.longest, self.first * 2.0 ** min(self.tries, 30))
        self.tries += 1
        return self.chance.uniform(ceiling / 2, ceiling)

    def worked(self) -> None:
        self.tries = 0
