"""When the thread that follows the centre asks, and what comes of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from edged.central.follower import Counts
from edged.central.port import TryLater
from edged.config.central import CentralSettings
from edged.domain.errors import EdgedError, Refused, Unavailable
from edged.runtime.conditions import Conditions
from edged.runtime.stop import Stop
from edged.runtime.syncer import Syncer
from tests.central.following import Site, site
from tests.central.test_follower import enrol_here
from tests.runtime.hand_clock import HandClock


@dataclass
class Device:
    """What the syncer sees of the one in `Site`."""

    site: Site

    def version(self) -> int:
        return self.site.gallery.snapshot().version

    def counts(self) -> Counts:
        return Counts(0, 0)

    def digest(self) -> str:
        return self.site.digest()

    def turn(self) -> AbstractContextManager[None]:
        return nullcontext()


@dataclass
class Desk:
    """A syncer that is stopped after some rounds: the clock stands still but for what a test says."""

    site: Site
    clock: HandClock
    conditions: Conditions
    syncer: Syncer

    def run(self, *, rounds: int, ring: bool = False, seconds: float = 0.0, looks: int = 30) -> list[str]:
        """What the centre was asked until it was asked for changes so often, or until we have looked long enough."""
        stop, version, left = Stop(), Device.version, looks
        self.site.centre.asked.clear()

        def seen(device: Device) -> int:
            nonlocal left
            left -= 1
            self.clock.advance(seconds)
            if ring:
                self.syncer.wake(0.0)
            if left <= 0 or self.site.centre.asked.count("changes") >= rounds:
                stop.set()
            return version(device)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Device, "version", seen)
            patch.setattr("edged.runtime.syncer._LOOK_S", 0.001)
            self.syncer.run(stop)
        return self.site.centre.asked

    def wrong(self) -> list[str]:
        return [condition.name for condition in self.conditions.current()]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    door, clock = site(tmp_path / "door"), HandClock()
    conditions = Conditions(clock)
    syncer = Syncer(
        lambda: (door.follower(), lambda: None),
        Device(door),
        settings=lambda: CentralSettings(kind="hub", url="https://hub", token=SecretStr("t" * 8)),
        clock=clock,
        conditions=conditions,
        chance=random.Random(1),
    )
    yield Desk(door, clock, conditions, syncer)
    door.gallery.close()


@pytest.mark.parametrize("fault", [TryLater("busy", "", 600.0), Refused("bad_token", "no")], ids=["later", "refused"])
def test_a_centre_that_wants_to_be_left_alone_is_whatever_is_announced(desk: Desk, fault: EdgedError) -> None:
    desk.site.centre.faults = [fault]
    assert desk.run(rounds=2, ring=True, seconds=1.0) == ["changes"]
    assert desk.wrong() == ["central"]


def test_a_centre_that_was_away_is_asked_at_once_when_it_announces_something(desk: Desk) -> None:
    desk.site.centre.faults = [Unavailable("away")]
    assert desk.run(rounds=2, ring=True)[:2] == ["changes", "changes"]
    assert desk.wrong() == []


def test_a_token_that_may_only_listen_is_told_of_and_the_device_reports_all_the_same(desk: Desk) -> None:
    enrol_here(desk.site, "ada", "a1")
    desk.site.centre.before = lambda: deny(desk.site)
    asked = desk.run(rounds=3, seconds=10.0)
    assert "report" in asked
    assert desk.wrong() == ["central.push"]


def test_however_often_somebody_rings_the_bell_rings_once(desk: Desk) -> None:
    for revision in range(10_000):
        desk.syncer.heard(revision)
    assert desk.syncer._bell.qsize() <= 1


def deny(door: Site) -> None:
    if door.centre.asked[-1] == "push":
        raise Refused("no_right", "this token may not do that")
