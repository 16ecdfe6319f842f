"""When a missed objective becomes an alarm, and when that ends: minutes, not moments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Alert:
    """What the minutes so far amount to. A value: each minute makes another.

    Attributes:
        standing: whether the alarm stands.
        against: how many minutes in a row have spoken against what stands.
    """

    standing: bool = False
    against: int = 0

    def after(self, missed: bool | None, minutes: int) -> Alert:
        """After one minute more.

        Args:
            missed: whether the objective was missed in it; None: nothing was measured, so that the minute says nothing.
            minutes: so many in a row begin an alarm, and end it.
        """
        if missed is None:
            return self
        if missed is self.standing:
            return replace(self, against=0)
        if self.against + 1 >= minutes:
            return Alert(not self.standing)
        return replace(self, against=self.against + 1)


QUIET: Final = Alert()
"""Nothing was measured yet."""
