"""One line of the journal for each visit that is decided, with the figures that it rests on and without whom it was.

Who it was stands in the event: `edged replay EVENT` shows it, for as long as it is kept and the person is known. A
journal would keep the name of somebody who asked to be forgotten.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from edged.domain.event import Event, Outcome, Phase

log = logging.getLogger(__name__)

_MOST: Final = 1000
"""Visits under way of which is remembered what was told."""


class VisitLog:
    """Tells of visits as their events are accepted. Belongs to one thread."""

    def __init__(self) -> None:
        self._told: OrderedDict[str, Outcome] = OrderedDict()

    def tell(self, events: Iterable[Event]) -> None:
        """A line for each visit that begins, and one for each that turns out to be something else."""
        for event in events:
            if event.phase is Phase.END:
                self._told.pop(event.visit, None)
            elif self._told.get(event.visit) is not event.outcome:
                again = event.visit in self._told
                self._told[event.visit] = event.outcome
                if len(self._told) > _MOST:
                    self._told.popitem(last=False)
                log.info(_sentence(event, again=again), extra={"keys": _keys(event)})


def _sentence(event: Event, *, again: bool) -> str:
    milliseconds = _milliseconds(event)
    now = "now " if again else ""
    return f"{event.camera}: {now}{event.outcome} after {milliseconds} ms"


def _keys(event: Event) -> dict[str, object]:
    return {
        "camera": event.camera,
        "event": event.id,
        "visit": event.visit,
        "outcome": event.outcome.value,
        "ms": _milliseconds(event),
        "similarity": round(event.similarity, 3),
        "threshold": round(event.threshold, 3),
        "margin": round(event.margin, 3),
        "confidence": round(event.confidence, 4),
        "frames": event.frames,
        "quality": round(event.quality.score, 2) if event.quality else None,
        "index": event.index,
        "config": event.config,
        "by_centre": event.by_centre or None,
    }


def _milliseconds(event: Event) -> int:
    """From the picture to the decision."""
    return round(1000 * (event.decided.mono - event.captured.mono))
