"""When the gallery is looked at as a whole: soon after it has changed, and never on a thread that others wait for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from edged.domain.curve import Curve
from edged.domain.frame import Moment
from edged.gallery.gallery import Gallery
from edged.gallery.roll import Roll
from edged.gallery.survey import Surveyed
from edged.runtime import worker
from edged.runtime.alarm import Alarm

_SETTLED_S: Final = 3.0
"""A gallery that has not changed for so long is looked at: whoever enrols ten people is not met by ten surveys."""
_OVERDUE_S: Final = 60.0
"""One that keeps changing is looked at so often."""


class Surveyor:
    """Belongs to the keeper; has a thread of its own for as long as a survey takes.

    Args:
        gallery: the keeper's.
        curve: of the model in use.
        adopt: takes a survey over, called on the surveyor's thread; must return quickly.
    """

    def __init__(self, gallery: Gallery, curve: Curve, *, adopt: Callable[[Surveyed], None], alarm: Alarm) -> None:
        self._gallery = gallery
        self._curve = curve
        self._adopt = adopt
        self._alarm = alarm
        self._thread: worker.Thread | None = None
        self._revision = -1
        self._changed_s = float("-inf")
        self._begun_s = float("-inf")

    def follow(self, now: Moment) -> None:
        """Begins a survey when it is time for one. The keeper calls it at every round."""
        roll = self._gallery.snapshot().roll
        if roll.revision != self._revision:
            self._revision, self._changed_s = roll.revision, now.mono
        if roll.revision == self._gallery.surveyed.roll.revision or (self._thread and self._thread.is_alive()):
            return
        if now.mono - self._changed_s >= _SETTLED_S or now.mono - self._begun_s >= _OVERDUE_S:
            self._begun_s = now.mono
            before = self._gallery.surveyed
            self._thread = worker.Thread("surveyor", lambda: self._survey(before, roll), self._alarm)
            self._thread.start()

    def _survey(self, before: Surveyed, roll: Roll) -> None:
        self._adopt(before.after(roll, self._curve))
