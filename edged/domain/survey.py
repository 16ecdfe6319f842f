"""What a gallery says of itself: how alike the people are who are enrolled in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

_SITES_DIFFER: Final = 0.02
"""Standard deviation of the shifts that sites are presumed to have: LFW's people, put into eight groups of those most
alike, have shifts of 0.015 (`edged eval thresholds`); at some sites, such as schools, people are more alike."""
_CARRIED: Final = 0.01
"""Standard error, presumed, of carrying a shift from the rate that it was measured at to the rarer one that a threshold
needs."""
_NOBODY: Final[Mapping[str, float]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Site:
    """How the enrolled people resemble each other, beside what the model's curve expects of strangers.

    Attributes:
        people: how many were compared with each other.
        rate: the rarest rate of the curve that they could show; 0 where they are too few for any.
        measured: by how much more cosine they reach at that rate than the curve says.
        error: its standard error.
    """

    people: int = 0
    rate: float = 0.0
    measured: float = 0.0
    error: float = 0.0

    @property
    def shift(self) -> float:
        """By how much the curve is moved here.

        Upwards by what is expected; downwards by as much of it as lies beyond one standard deviation: a stranger
        accepted costs more than one asked for another look.
        """
        return self.expected if self.expected > 0 else min(self.expected + self.deviation, 0.0)

    @property
    def expected(self) -> float:
        """What was measured, weighed against that sites differ little: the mean of the posterior of a normal
        distribution whose prior is around no shift.
        """
        return self.measured * self._weight

    @property
    def deviation(self) -> float:
        """Standard deviation of the true shift around `expected`."""
        return float(_SITES_DIFFER * (1 - self._weight) ** 0.5)

    @property
    def _weight(self) -> float:
        if not self.rate:
            return 0.0
        return _SITES_DIFFER**2 / (_SITES_DIFFER**2 + self.error**2 + _CARRIED**2)


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Two enrolled people who are too much alike.

    Attributes:
        one, other: their ids, in order.
        similarity: the highest cosine of a template of the one with a template of the other.
        same: they are probably one person who is enrolled twice.
    """

    one: str
    other: str
    similarity: float
    same: bool


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What was found when the enrolled people were compared with each other; never changes.

    Attributes:
        site: how alike they are in general.
        look_alikes: the pairs that are too much alike, the most alike first.
    """

    site: Site = Site()
    look_alikes: tuple[LookAlike, ...] = ()
    _by_person: Mapping[str, Mapping[str, float]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_person: dict[str, dict[str, float]] = {}
        for pair in self.look_alikes:
            by_person.setdefault(pair.one, {})[pair.other] = pair.similarity
            by_person.setdefault(pair.other, {})[pair.one] = pair.similarity
        object.__setattr__(self, "_by_person", by_person)

    def like(self, person: str) -> Mapping[str, float]:
        """Ids of the people who look like the person with this id, each with their similarity."""
        return self._by_person.get(person, _NOBODY)


NO_SURVEY: Final = Survey()
"""Of a gallery that has not been looked at yet."""
