"""The thread that asks a centre about visitors whom the device does not know."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from queue import Empty, Full, Queue
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from edged.central.second_opinion import Opinion
from edged.domain.errors import EdgedError
from edged.domain.event import Event, Outcome, Phase
from edged.domain.frame import Image
from edged.domain.person import Candidate, Person
from edged.runtime.clock import Clock
from edged.runtime.conditions import Conditions
from edged.runtime.stop import Stop
from edged.vision.thumbnail import thumbnail_of

log = logging.getLogger(__name__)

_MOST_WAITING: Final = 8
"""Visitors who wait to be asked about; above, the newest stay unknown: the answer would come too late."""
_MOST_VISITS: Final = 256
_ROUND_S: Final = 0.5
_SIDE: Final = 480


class Opinions(Protocol):
    """What the asker needs of `edged.central.second_opinion.SecondOpinion`."""

    @property
    def problem(self) -> EdgedError | None:
        """See there."""
        ...

    def of(self, vector: NDArray[np.float32], jpeg: bytes) -> Opinion | None:
        """See there."""
        ...

    def forget(self) -> None:
        """See there."""
        ...


class Asker:
    """Asks about each unknown visit once, and tells the answer as an update of the visit.

    The device's own decision is never waited for and never changed: it has been told before. What the centre says is
    marked as the centre's, and holds for the rest of the visit.

    Args:
        opinions: made on the asker's thread.
        embed: from an aligned face to its vector; blocks. Raises Unavailable.
        keep: takes over events for good.
        new_id: a UUIDv7.
        version: of the people here: another one, and what the centre has said holds no more.
    """

    def __init__(
        self,
        opinions: Callable[[], Opinions],
        embed: Callable[[Image], NDArray[np.float32]],
        *,
        keep: Callable[[tuple[Event, ...]], None],
        new_id: Callable[[], str],
        version: Callable[[], int],
        clock: Clock,
        conditions: Conditions,
    ) -> None:
        self._opinions = opinions
        self._embed = embed
        self._keep = keep
        self._new_id = new_id
        self._version = version
        self._as_of = version()
        self._clock = clock
        self._conditions = conditions
        self._waiting: Queue[Event] = Queue(_MOST_WAITING)
        self._visits: OrderedDict[str, Event | None] = OrderedDict()
        """Those that were asked about, with the centre's answer where it knows somebody."""

    def amended(self, events: Sequence[Event]) -> tuple[Event, ...]:
        """The events, with what the centre has said about their visits; of new unknown ones it is asked.

        The judge's thread; returns at once.
        """
        return tuple(map(self._amended, events))

    def run(self, stop: Stop) -> None:
        """Asks until `stop`. Blocks."""
        while not stop.is_set():
            try:
                opinions = self._opinions()
            except EdgedError as error:
                self._conditions.begin("central.opinion", error)
                stop.wait(30.0)
                continue
            while not stop.is_set():
                try:
                    event = self._waiting.get(timeout=_ROUND_S)
                except Empty:
                    continue
                self._ask(opinions, event)

    def _amended(self, event: Event) -> Event:
        told = self._visits.get(event.visit)
        if event.outcome is not Outcome.UNKNOWN:
            return event
        if told is not None:
            return replace(event, outcome=told.outcome, best=told.best, confidence=told.confidence, by_centre=True)
        if event.visit not in self._visits and event.shot is not None and event.shot.crops:
            self._remember(event.visit, None)
            try:
                self._waiting.put_nowait(event)
            except Full:
                log.info("too many unknown visitors at once: the centre is not asked about one of them")
        return event

    def _ask(self, opinions: Opinions, event: Event) -> None:
        shot = event.shot
        assert shot is not None  # noqa: S101  only those with one wait
        try:
            vector = self._embed(shot.crops[-1])
        except EdgedError as error:
            self._conditions.begin("central.opinion", error)
            return
        if (version := self._version()) != self._as_of:
            self._as_of = version
            opinions.forget()
        opinion = opinions.of(vector, thumbnail_of(shot.picture, _SIDE))
        if opinions.problem is None:
            self._conditions.end("central.opinion")
        else:
            self._conditions.begin("central.opinion", opinions.problem)
        match = opinion and opinion.match
        if not match:
            return
        person = Person("", match.key)
        answer = replace(
            event,
            id=self._new_id(),
            phase=Phase.UPDATE,
            outcome=Outcome.KNOWN,
            best=Candidate(person, 0.0),
            confidence=match.confidence,
            decided=self._clock.now(),
            by_centre=True,
            shot=None,
        )
        self._remember(event.visit, answer)
        self._keep((answer,))

    def _remember(self, visit: str, answer: Event | None) -> None:
        self._visits[visit] = answer
        while len(self._visits) > _MOST_VISITS:
            self._visits.popitem(last=False)
