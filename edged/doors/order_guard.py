"""Which orders may open a door."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from edged.domain.errors import Refused
from edged.doors.order import Pulse
from edged.doors.plan import MAX_PULSE_S

_MOST_TOKENS: Final = 4096
_AHEAD_S: Final = 0.05
"""Two processors' clocks may differ by less; what lies further ahead is a lie."""


class OrderGuard:
    """Refuses what is stale, comes from the future, was there before, or asks for what there is not.

    Reads no clock, least of all the wall's: whoever sets that can make nothing fresh. Its memory of tokens ends with
    the process; what was made before it began is stale to the next.

    Args:
        doors: their names.
        fresh_s: an order that rests on something older is refused.
        began: when this process did.
    """

    def __init__(self, doors: Iterable[str], fresh_s: float, began: float) -> None:
        self._doors = frozenset(doors)
        self._fresh_s = fresh_s
        self._began = began
        self._tokens: OrderedDict[str, None] = OrderedDict()

    def admit(self, pulse: Pulse, now: float) -> None:
        """Lets an order through, once.

        Raises:
            Refused: `no_door`, `too_long`, `stale`, `repeated`.
        """
        if pulse.door not in self._doors:
            raise Refused("no_door", "there is no such door")
        if not 0 < pulse.seconds <= MAX_PULSE_S:
            raise Refused(
                "too_long", f"a door opens for more than 0 and up to {MAX_PULSE_S:g} s, not {pulse.seconds:g} s"
            )
        age = now - pulse.made
        if age < -_AHEAD_S:
            raise Refused("stale", f"the decision lies {-age:.3f} s ahead of now")
        if age > self._fresh_s or pulse.made < self._began:
            raise Refused("stale", f"the decision is {age:.3f} s old")
        if pulse.token in self._tokens:
            raise Refused("repeated", "this order has been carried out already")
        self._tokens[pulse.token] = None
        while len(self._tokens) > _MOST_TOKENS:
            self._tokens.popitem(last=False)
