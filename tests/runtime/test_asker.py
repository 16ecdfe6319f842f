"""Visitors whom the device does not know, and a centre that may."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edged.central.miicloud import Match
from edged.central.second_opinion import Opinion
from edged.domain.errors import EdgedError, Unavailable
from edged.domain.event import BestShot, Event, Outcome, Phase
from edged.domain.frame import Image, Moment
from edged.measure.sample_event import sample_event
from edged.runtime.asker import Asker
from edged.runtime.clock import SystemClock
from edged.runtime.conditions import Conditions
from edged.runtime.stop import Stop
from edged.wire.event import message_of, record_of
from tests.central.whole_site import eventually

SHOT = BestShot((np.zeros((112, 112, 3), np.uint8),), np.zeros((40, 40, 3), np.uint8), Moment(0.0, 0.0))


class Centre:
    """Answers as it was told to, and keeps what it was asked."""

    def __init__(self, *answers: Opinion | None) -> None:
        self.answers = list(answers)
        self.asked: list[bytes] = []
        self.problem: EdgedError | None = None
        self.forgotten = 0

    def of(self, vector: NDArray[np.float32], jpeg: bytes) -> Opinion | None:
        self.asked.append(jpeg)
        return self.answers.pop(0)

    def forget(self) -> None:
        self.forgotten += 1


def visitor(visit: str, phase: Phase = Phase.NEW, *, shot: BestShot | None = SHOT) -> Event:
    return replace(sample_event(1, outcome=Outcome.UNKNOWN), visit=visit, phase=phase, shot=shot)


@contextmanager
def asking(centre: Centre, version: Callable[[], int] = lambda: 1) -> Iterator[tuple[Asker, list[Event], Conditions]]:
    kept: list[Event] = []
    conditions = Conditions(SystemClock())

    def embed(_crop: Image) -> NDArray[np.float32]:
        return np.full(128, 128**-0.5, np.float32)

    asker = Asker(
        lambda: centre,
        embed,
        keep=kept.extend,
        new_id=lambda: "an-id",
        version=version,
        clock=SystemClock(),
        conditions=conditions,
    )
    stop = Stop()
    thread = threading.Thread(target=asker.run, args=(stop,))
    thread.start()
    try:
        yield asker, kept, conditions
    finally:
        stop.set()
        thread.join(10)


def test_a_visitor_whom_the_centre_knows_is_told_as_an_update_and_stays_that_for_the_visit() -> None:
    with asking(Centre(Opinion(Match("4711", 0.93)))) as (asker, kept, _conditions):
        (first,) = asker.amended([visitor("v1")])
        assert first.outcome is Outcome.UNKNOWN, "the device's own decision is not waited for"
        eventually(lambda: kept)
        (update,) = kept
        assert (update.id, update.phase, update.visit) == ("an-id", Phase.UPDATE, "v1")
        message = message_of(record_of(update), device="d", boot="b", seq=1, published=0.0, replayed=False)
        assert message.person is not None
        assert (message.outcome, message.by_centre, message.confidence) == (Outcome.KNOWN, True, 0.93)
        assert (message.person.id, message.person.customer_person_id) == ("", "4711")
        (end,) = asker.amended([visitor("v1", Phase.END, shot=None)])
        assert (end.outcome, end.by_centre) == (Outcome.KNOWN, True)
        (other,) = asker.amended([visitor("v2", shot=None)])
        assert other.outcome is Outcome.UNKNOWN


def test_a_visit_is_asked_about_once_and_somebody_whom_the_device_knows_never() -> None:
    centre = Centre(Opinion(None), Opinion(None))
    with asking(centre) as (asker, kept, _conditions):
        known = replace(visitor("v0"), outcome=Outcome.KNOWN)
        assert asker.amended([known]) == (known,)
        asker.amended([visitor("v1")])
        asker.amended([visitor("v1", Phase.UPDATE)])
        asker.amended([visitor("v2")])
        eventually(lambda: len(centre.asked) == 2)
        assert all(jpeg.startswith(b"\xff\xd8") for jpeg in centre.asked)
        assert not kept


def test_a_centre_that_is_away_is_a_condition_and_holds_nothing_up() -> None:
    centre = Centre(None, Opinion(None))
    centre.problem = Unavailable("the centre is away")
    with asking(centre) as (asker, _kept, conditions):
        asker.amended([visitor("v1")])
        eventually(lambda: [item.name for item in conditions.current()] == ["central.opinion"])
        centre.problem = None
        asker.amended([visitor("v2")])
        eventually(lambda: not conditions.current())


def test_when_somebody_is_deleted_here_what_the_centre_said_before_holds_no_more() -> None:
    centre, people = Centre(Opinion(None), Opinion(None), Opinion(None)), [1]
    with asking(centre, lambda: people[0]) as (asker, _kept, _conditions):
        asker.amended([visitor("v1")])
        eventually(lambda: len(centre.asked) == 1)
        assert centre.forgotten == 0
        people[0] = 2
        for visit in ("v2", "v3"):
            asker.amended([visitor(visit)])
        eventually(lambda: len(centre.asked) == 3)
        assert centre.forgotten == 1
