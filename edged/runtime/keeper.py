"""The thread that owns every write to a database: events, acknowledgements, what other processes enrolled, clean-up."""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar

from edged.config.document import Document
from edged.domain.curve import Curve
from edged.domain.errors import EdgedError, Unavailable
from edged.domain.event import Event
from edged.domain.progress import quiet
from edged.gallery.build import Built, Plan, build
from edged.gallery.gallery import Gallery
from edged.gallery.shots import Bounds, ShotStore
from edged.gallery.survey import Surveyed
from edged.mqtt.outbox import News, Outbox
from edged.runtime import worker
from edged.runtime.alarm import Alarm
from edged.runtime.clock import Clock
from edged.runtime.conditions import Conditions
from edged.runtime.errand import Errand
from edged.runtime.stop import Stop
from edged.runtime.surveyor import Surveyor
from edged.runtime.visit_log import VisitLog
from edged.wire.passage import PassageRecord, without_person

_T = TypeVar("_T")

_ROUND_S: Final = 0.25
_TRIM_S: Final = 60.0
_SETTLE_S: Final = 20.0
"""After a deletion the index is made anew once this has passed, for all who were deleted meanwhile."""
_MAX_HELD: Final = 10_000
"""Events held in memory while the disk refuses them; above, the oldest are lost and counted."""


@dataclass(frozen=True, slots=True)
class _Keep:
    news: tuple[News, ...]


@dataclass(frozen=True, slots=True)
class _Acknowledge:
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Adopt:
    built: Built


@dataclass(frozen=True, slots=True)
class _AdoptSurvey:
    surveyed: Surveyed


@dataclass(frozen=True, slots=True)
class _Configure:
    document: Document


_Task: TypeAlias = _Keep | _Acknowledge | _Adopt | _AdoptSurvey | _Configure | Errand[Any]


class Keeper:
    """Writes what the other threads hand it. They never wait for the disk.

    Args:
        outbox, gallery, shots: its own; nobody else writes to them.
        curve: of the model whose embeddings the gallery holds.
        changed: called on this thread when there are new events to send, or people changed.
    """

    def __init__(
        self,
        outbox: Outbox,
        gallery: Gallery,
        shots: ShotStore,
        document: Document,
        *,
        curve: Curve,
        clock: Clock,
        conditions: Conditions,
        changed: Callable[[], None],
        alarm: Alarm,
    ) -> None:
        self._outbox = outbox
        self._gallery = gallery
        self._shots = shots
        self._document = document
        self._gone = gallery.departed()
        self._clock = clock
        self._conditions = conditions
        self._changed = changed
        self._alarm = alarm
        self._tasks: queue.SimpleQueue[_Task] = queue.SimpleQueue()
        self._held: list[News] = []
        self._visits = VisitLog()
        self._trimmed = clock.now()
        self._builder: worker.Thread | None = None
        self._surveyor = Surveyor(gallery, curve, adopt=self._take_survey, alarm=alarm)
        self._outdated: float | None = None
        self.lost = 0
        """Events that the disk refused for so long that memory ran out; never happens while a byte is free."""
        self.alive = clock.now()

    def keep(self, news: tuple[News, ...]) -> None:
        """Takes events, passages and alarms over. Any thread; returns at once. Accepted means committed, a moment
        later.
        """
        self._tasks.put(_Keep(news))

    def acknowledge(self, numbers: Sequence[int]) -> None:
        """These rows of the outbox are settled. Any thread; returns at once."""
        self._tasks.put(_Acknowledge(tuple(numbers)))

    def configure(self, document: Document) -> None:
        """From the next round on its bounds hold. Any thread; returns at once."""
        self._tasks.put(_Configure(document))

    def ask(self, work: Callable[[Gallery], _T]) -> Errand[_T]:
        """Has something written on this thread, after the events that wait. Any thread; returns at once."""
        errand = Errand(lambda: work(self._gallery))
        self._tasks.put(errand)
        return errand

    def run(self, stop: Stop) -> None:
        """Serves until `stop`, then writes what is still waiting and closes the databases. Blocks."""
        try:
            while not stop.is_set():
                self.run_once(_ROUND_S)
            self.run_once(0.0)
        finally:
            self._outbox.close()
            self._gallery.close()

    def run_once(self, seconds: float) -> None:
        """Waits so long for work and does all there is, in as few transactions as possible."""
        news, numbers, built, errands = self._gather(seconds)
        self.alive = now = self._clock.now()
        self._guard("gallery", self._follow_gallery)  # first: what is stored next names nobody who was deleted
        if news or self._held:
            self._store([self._without_the_gone(item) for item in news])
        if numbers:
            self._guard("outbox", lambda: self._outbox.acknowledge(numbers))
        for item in built:
            self._guard("index", partial(self._gallery.adopt, item))
        for errand in errands:
            errand.do()
        if errands:  # one may have deleted somebody: what is stored next must not name them
            self._gone = self._gallery.departed()
        self._guard("index", self._rebuild_if_needed)
        self._surveyor.follow(now)
        if now.mono - self._trimmed.mono >= _TRIM_S:
            self._trimmed = now
            self._guard("outbox", lambda: self._trim(now.utc))

    def _gather(self, seconds: float) -> tuple[list[News], list[int], list[Built], list[Errand[Any]]]:
        news: list[News] = []
        numbers: list[int] = []
        built: list[Built] = []
        errands: list[Errand[Any]] = []
        try:
            task = self._tasks.get(timeout=seconds) if seconds > 0 else self._tasks.get_nowait()
            while True:
                match task:
                    case _Keep():
                        news += task.news
                    case _Acknowledge():
                        numbers += task.numbers
                    case _Adopt():
                        built.append(task.built)
                    case _AdoptSurvey():
                        self._guard("survey", partial(self._gallery.adopt_survey, task.surveyed))
                    case _Configure():
                        self._document = task.document
                        self._gallery.configure(task.document.gallery, keep_crops=task.document.privacy.keep_crops)
                    case Errand():
                        errands.append(task)
                task = self._tasks.get_nowait()
        except queue.Empty:
            return news, numbers, built, errands

    def _store(self, news: list[News]) -> None:
        """Commits them; what the disk refuses is held in memory and tried again at every round."""
        if self._document.events.keep_shots:
            for event in news:
                if isinstance(event, Event) and event.shot is not None:
                    self._guard("shots", partial(self._shots.save, event.id, event.shot, event.outcome))
        self._held += news
        if len(self._held) > _MAX_HELD:
            self.lost += len(self._held) - _MAX_HELD
            del self._held[:-_MAX_HELD]
        try:
            self._outbox.append(self._held)
        except Unavailable as error:
            self._conditions.begin("outbox", error)
            return
        self._visits.tell(item for item in self._held if isinstance(item, Event))
        self._held.clear()
        self._conditions.end("outbox")
        self._changed()

    def _follow_gallery(self) -> None:
        """Takes over what another process enrolled or deleted."""
        if self._gallery.refresh():
            self._gone = self._gallery.departed()
            self._changed()

    def _without_the_gone(self, item: News) -> News:
        """The event or passage as it may be kept: a visit outlives the deletion of whom it names."""
        match item:
            case Event(best=best) if best and best.person.id in self._gone:
                return replace(item, best=None)
            case PassageRecord(person=person) if person and person.id in self._gone:
                return without_person(item)
            case _:
                return item

    def _rebuild_if_needed(self) -> None:
        """Has a new index built when it is time."""
        if self._is_time_to_build() and (self._builder is None or not self._builder.is_alive()):
            self._outdated = None
            plan = self._gallery.begin_build()
            self._builder = worker.Thread("index-builder", lambda: self._build(plan), self._alarm)
            self._builder.start()

    def _is_time_to_build(self) -> bool:
        """At once where lookups gain by it; some time after a deletion, so that one build serves many."""
        if not self._gallery.needs_rebuild:
            self._outdated = None
            return False
        now = self._clock.now().mono
        self._outdated = now if self._outdated is None else self._outdated
        return not self._gallery.rebuild_can_wait or now - self._outdated >= _SETTLE_S

    def _build(self, plan: Plan) -> None:
        """On the builder's own thread: a build of minutes must not hold events up."""
        self._guard("index", lambda: self._tasks.put(_Adopt(build(plan, quiet))))

    def _take_survey(self, surveyed: Surveyed) -> None:
        self._tasks.put(_AdoptSurvey(surveyed))

    def _trim(self, now: float) -> None:
        events = self._document.events
        unknown_days = min(self._document.privacy.unknown_days, events.max_age_days)
        self._outbox.trim(now, events)
        self._shots.trim(Bounds(events.max_shots_mb * 2**20, events.max_age_days, unknown_days), now)

    def _guard(self, name: str, act: Callable[[], object]) -> None:
        """Does something; what goes wrong becomes a condition, and is tried again at the next round."""
        try:
            act()
        except EdgedError as error:
            self._conditions.begin(name, error)
        else:
            if name != "outbox" or not self._held:
                self._conditions.end(name)
