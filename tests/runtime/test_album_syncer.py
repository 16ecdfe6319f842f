"""What the thread between a booth's events and its hub's says of them."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Any, cast

from edged.central.album_follower import AlbumFollower, Told
from edged.config.photos import PhotoSyncSettings
from edged.domain.errors import Unavailable
from edged.runtime.album_syncer import AlbumSyncer
from edged.runtime.clock import SystemClock
from edged.runtime.conditions import Conditions
from edged.runtime.stop import Stop

TAKEN = ("event", "an event", "taken")


class ScriptedFollower:
    """A follower whose rounds end as they are told to; after the last the thread is stopped.

    Attributes:
        begun_again: how often everything was told from the beginning; conditions: what was named after each round.
    """

    def __init__(self, *rounds: Told | Unavailable, refusals: bool = False) -> None:
        self.rounds = list(rounds)
        self.has_refusals = refusals
        self.begun_again = 0
        self.stop = Stop()

    def begin_again(self) -> None:
        self.begun_again += 1
        self.has_refusals = False

    def round(self) -> Told:
        now = self.rounds.pop(0)
        if not self.rounds:
            self.stop.set()
        if isinstance(now, Unavailable):
            raise now
        return now


def followed(follower: ScriptedFollower) -> tuple[AlbumSyncer, dict[str, str]]:
    """The syncer when all rounds are over, and what it names then."""
    clock = SystemClock()
    conditions = Conditions(clock)

    def make(_stop: Callable[[], bool]) -> tuple[AlbumFollower, Callable[[], None]]:
        return cast("AlbumFollower", cast("Any", follower)), lambda: None

    settings = PhotoSyncSettings().model_copy(update={"every_s": 0.0})
    syncer = AlbumSyncer(make, settings=lambda: settings, clock=clock, conditions=conditions, chance=random.Random(1))
    thread = threading.Thread(target=syncer.run, args=[follower.stop])
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    return syncer, {one.name: one.what for one in conditions.current()}


def test_what_is_refused_stays_named_while_other_things_go_on() -> None:
    syncer, named = followed(ScriptedFollower(Told(pushed=3, refused=(TAKEN,)), Told(pushed=2), Told(pulled=1)))

    assert (syncer.state.pushed, syncer.state.pulled, syncer.state.refused) == (5, 1, (TAKEN,))
    assert "an event: taken" in named["photos.sync"]


def test_what_was_refused_before_a_restart_is_told_again_and_is_well_where_it_is_taken() -> None:
    follower = ScriptedFollower(Told(pushed=4), refusals=True)

    syncer, named = followed(follower)

    assert follower.begun_again == 1
    assert syncer.state.refused == ()
    assert named == {}


def test_a_hub_that_is_away_is_named_until_it_is_back() -> None:
    before = time.time()
    away = Unavailable("the hub is away", "It is asked again.")

    _syncer, named = followed(ScriptedFollower(away))
    assert named == {"photos.sync": "the hub is away"}
    syncer, named = followed(ScriptedFollower(away, Told()))
    assert named == {}
    assert syncer.state.agreed is not None
    assert syncer.state.agreed >= before
