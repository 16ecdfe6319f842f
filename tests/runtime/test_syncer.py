"""When the centre is asked, and what is said when that fails."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edged.central.follower import Counts
from edged.central.port import TryLater
from edged.config.central import CentralSettings
from edged.domain.errors import EdgedError, Refused, Unavailable
from edged.runtime.conditions import Conditions
from edged.runtime.stop import Stop
from edged.runtime.syncer import Syncer
from tests.central.following import Site, site
from tests.central.pretend_centre import face
from tests.central.whole_site import eventually
from tests.gallery.sample import somebody
from tests.runtime.hand_clock import HandClock


@dataclass
class Door:
    """A syncer whose clock stands until it is moved."""

    site: Site
    clock: HandClock
    conditions: Conditions
    syncer: Syncer
    settings: list[CentralSettings] = field(default_factory=list)

    def once(self, *, first: bool = False) -> list[str]:
        """A round; what the centre was asked."""
        self.site.centre.asked.clear()
        self.syncer._once(self.site.follower(), first=first)
        return list(self.site.centre.asked)

    @property
    def wait(self) -> float:
        """Seconds until the next round."""
        return self.syncer._due - self.clock.now().mono

    def names(self) -> list[str]:
        return [item.name for item in self.conditions.current()]


class Whole:
    def __init__(self, door: Site) -> None:
        self._site = door

    def version(self) -> int:
        return self._site.gallery.snapshot().version

    def counts(self) -> Counts:
        return Counts(self._site.gallery.snapshot().persons, self._site.gallery.snapshot().templates)

    def digest(self) -> str:
        return self._site.digest()

    def turn(self) -> Any:
        return nullcontext()


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    found = site(tmp_path / "door")
    clock = HandClock()
    conditions = Conditions(clock)
    settings = [CentralSettings.model_validate({"kind": "hub", "url": "https://hub", "token": "t", "every_s": 60.0})]
    syncer = Syncer(
        lambda: (found.follower(), lambda: None),
        Whole(found),
        settings=lambda: settings[-1],
        clock=clock,
        conditions=conditions,
        chance=random.Random(1),
    )
    yield Door(found, clock, conditions, syncer, settings)
    found.gallery.close()


def test_after_a_start_only_deletions_are_fetched_at_once_and_the_rest_soon(door: Door) -> None:
    door.site.centre.enrol("c1", "ada", face("a"))
    assert door.once(first=True) == ["changes"]
    assert not door.site.roster()
    assert 0 <= door.wait <= 10
    assert door.syncer.state.followed is None
    door.once()
    assert set(door.site.roster()) == {"ada"}
    assert door.syncer.state.followed == door.clock.now().mono


def test_it_is_asked_again_at_the_set_interval_a_tenth_sooner_or_later(door: Door) -> None:
    waits = set()
    for _round in range(20):
        door.once()
        assert 54 <= door.wait <= 66
        waits.add(door.wait)
    assert len(waits) > 10


def test_where_nothing_has_changed_one_thing_is_asked_and_now_and_then_how_it_stands_is_told(door: Door) -> None:
    assert door.once() == ["changes", "report"]
    assert door.once() == ["changes"]
    door.clock.advance(901)
    assert door.once() == ["changes", "report"]


@pytest.mark.parametrize(
    ("fault", "least", "most"),
    [
        (Unavailable("away"), 0.5, 1.0),
        (TryLater("later", "", 120.0), 120.0, 132.0),
        (Refused("bad_token", "no"), 300.0, 300.0),
    ],
)
def test_a_centre_that_does_not_answer_is_named_and_asked_again_when_that_makes_sense(
    door: Door, fault: EdgedError, least: float, most: float
) -> None:
    door.site.centre.faults = [fault]
    door.once()
    assert door.names() == ["central"]
    assert least <= door.wait <= most
    door.once()
    assert door.names() == []


def test_the_waits_grow_while_it_is_away_and_the_device_is_not_told_to_hurry_by_enrolments(door: Door) -> None:
    waits = []
    for _round in range(12):
        door.site.centre.faults = [Unavailable("away")]
        door.once()
        waits.append(door.wait)
    assert max(waits) <= 60
    assert waits[-1] >= 30 > waits[0]
    door.site.gallery.enroll(somebody("bob"), [])
    assert not door.syncer._is_time()


def test_somebody_enrolled_here_is_told_without_waiting_for_the_interval(door: Door) -> None:
    door.once()
    assert not door.syncer._is_time()
    door.site.gallery.enroll(somebody("bob"), [])
    assert door.syncer._is_time()
    assert "push" in door.once()


def test_an_announcement_has_the_centre_asked_within_a_second(door: Door) -> None:
    door.once()
    door.syncer.heard(door.syncer.state.revision)
    assert not door.syncer._is_time(), "it is no news"
    door.syncer.heard(door.syncer.state.revision + 1)
    door.syncer._is_time()
    assert door.wait <= 1


def test_outside_its_hours_it_fetches_deletions_only(door: Door) -> None:
    door.site.centre.enrol("c1", "ada", face("a"))
    local = datetime.fromtimestamp(door.clock.now().utc, UTC).astimezone()
    later = [(local + timedelta(minutes=minutes)).strftime("%H:%M") for minutes in (1, 120)]
    door.settings.append(door.settings[-1].model_copy(update={"hours": ("-".join(later),)}))
    assert door.once() == ["changes"]
    assert not door.site.roster()
    door.settings.append(door.settings[-1].model_copy(update={"hours": ()}))
    door.once()
    assert set(door.site.roster()) == {"ada"}


def test_held_deletions_are_a_condition_until_somebody_has_said_so(door: Door) -> None:
    for number in range(30):
        door.site.centre.enrol(f"c{number}", f"p{number}")
    door.once()
    for number in range(20):
        door.site.centre.delete(f"c{number}")
    door.once()
    assert door.names() == ["central.held"]
    assert door.syncer.state.held == 20
    assert set(door.site.centre.reports[-1].pending) == {f"c{number}" for number in range(20)}
    door.site.ledger.sweep(None)
    door.once()
    assert door.names() == []


def test_rosters_that_differ_are_put_right_at_once_and_that_is_not_tried_without_end(door: Door) -> None:
    door.site.centre.enrol("c1", "ada", face("a", with_vector=False))
    door.site.centre.pictures["a"] = Unavailable("away")
    door.once()
    assert door.wait == 0, "the list is read again now"
    door.once()
    door.once()
    assert door.wait > 0


def test_it_stops_when_it_is_told_to_and_hangs_up(door: Door) -> None:
    closed = threading.Event()
    door.syncer._make = lambda: (door.site.follower(), closed.set)
    stop = Stop()
    thread = threading.Thread(target=door.syncer.run, args=(stop,))
    thread.start()
    eventually(lambda: door.site.centre.asked)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert closed.is_set()


def test_a_file_that_is_missing_is_a_condition_and_waited_for(door: Door) -> None:
    def missing() -> Any:
        raise Unavailable("the token cannot be read")

    door.syncer._make = missing
    stop = Stop()
    thread = threading.Thread(target=door.syncer.run, args=(stop,))
    thread.start()
    eventually(lambda: door.names() == ["central"])
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
