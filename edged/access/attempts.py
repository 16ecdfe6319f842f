"""Wrong codes and false faces at a door: how many lately, and how long no code is taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

WINDOW_S: Final = 600.0
"""`alarm_after` counts attempts within this."""
FREE: Final = 5
"""So many wrong codes within the hour cost nothing."""

_MEMORY_S: Final = 3600.0
_FIRST_WAIT_S: Final = 30.0
_LONGEST_WAIT_S: Final = 900.0
_MOST: Final = 64
"""Attempts of a door that are remembered, of each kind: who shows pictures shall not make it forget wrong codes."""


class Attempt(StrEnum):
    """What somebody tried."""

    CODE = "code"
    """A code that did not fit."""
    SPOOF = "spoof"
    """A face that does not live."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """What was tried at which door, within the last hour. Times are those of the clock that never jumps.

    Attributes:
        made: by door, the oldest first.
    """

    made: Mapping[str, tuple[tuple[Attempt, float], ...]] = field(default_factory=lambda: MappingProxyType({}))

    def after(self, door: str, attempt: Attempt, mono: float) -> Attempts:
        """With one more."""
        kept = [item for item in self.made.get(door, ()) if mono - item[1] < _MEMORY_S]
        alike = [item for item in kept if item[0] is attempt]
        if len(alike) >= _MOST:
            kept.remove(alike[0])
        return Attempts(MappingProxyType({**self.made, door: (*kept, (attempt, mono))}))

    def count(self, door: str, attempt: Attempt, mono: float, within_s: float = WINDOW_S) -> int:
        """How many there were at this door lately."""
        return len(self._lately(door, attempt, mono, within_s))

    def wait_s(self, door: str, mono: float) -> float:
        """For how many seconds no code is taken at this door; 0 where one is.

        From the fifth wrong one within an hour on, half a minute, and twice as long after each further one, up to a
        quarter of an hour. A right code in between changes nothing: whoever has one could try others with it.
        """
        wrong = self._lately(door, Attempt.CODE, mono, _MEMORY_S)
        if len(wrong) < FREE:
            return 0.0
        pause = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** (len(wrong) - FREE))
        return max(0.0, wrong[-1] + pause - mono)

    def _lately(self, door: str, attempt: Attempt, mono: float, within_s: float) -> list[float]:
        return [at for kind, at in self.made.get(door, ()) if kind is attempt and mono - at < within_s]
