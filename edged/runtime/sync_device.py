"""The device as the syncer sees it, and the one place where the parts of sync meet."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from edged.central.follower import Counts, Follower
from edged.central.ledger import Ledger
from edged.central.second_opinion import SecondOpinion
from edged.config.central import CentralSettings
from edged.config.document import Document
from edged.domain.event import Event
from edged.domain.frame import Image
from edged.gallery.departures import Departures
from edged.gallery.face_book import FaceBook
from edged.gallery.gallery import Gallery
from edged.gallery.snapshot import Snapshot
from edged.runtime.asker import Asker, Opinions
from edged.runtime.clock import Clock
from edged.runtime.conditions import Conditions
from edged.runtime.judge import Judge
from edged.runtime.keeper import Keeper
from edged.runtime.portraits import Portraits
from edged.runtime.roster_digest import digest_of
from edged.runtime.state_dir import StateDir
from edged.runtime.syncer import Syncer
from edged.vision.sight import Sight

_T = TypeVar("_T")

_PATIENCE_S: Final = 15.0
"""For the keeper or the judge: a crowd at the door comes first."""
_BUSY_S: Final = 5.0


class SyncDevice:
    """See `edged.runtime.syncer.Whole`."""

    def __init__(self, state: StateDir, snapshot: Callable[[], Snapshot]) -> None:
        self._state = state
        self._snapshot = snapshot

    def version(self) -> int:
        return self._snapshot().version

    def counts(self) -> Counts:
        snapshot = self._snapshot()
        return Counts(snapshot.persons, snapshot.templates)

    def digest(self) -> str:
        return digest_of(self._state.people)

    def turn(self) -> AbstractContextManager[None]:
        return self._state.sync_turn()


def make_asker(
    document: Document,
    sight: Sight,
    *,
    gallery: Callable[[], Snapshot],
    judge: Judge,
    keep: Callable[[tuple[Event, ...]], None],
    new_id: Callable[[], str],
    clock: Clock,
    conditions: Conditions,
) -> Asker:
    """Who asks a miiCloud centre about visitors that stay unknown. Nothing is asked yet."""

    def opinions() -> Opinions:
        from edged.central.dialects import open_centre  # noqa: PLC0415  as below
        from edged.central.miicloud import Miicloud  # noqa: PLC0415  as below

        centre = open_centre(document.central, document.device.name, now=time.monotonic, sleep=clock.sleep)
        assert isinstance(centre, Miicloud)  # noqa: S101  the document allows it with no other
        return SecondOpinion(centre.match, time.monotonic, document.central.asks_per_minute)

    def embed(crop: Image) -> NDArray[np.float32]:
        vectors = judge.ask(lambda _recognizer: sight.embed([crop])).result(_PATIENCE_S)
        return np.asarray(vectors[0], np.float32)

    def version() -> int:
        return gallery().version

    return Asker(opinions, embed, keep=keep, new_id=new_id, version=version, clock=clock, conditions=conditions)


def make_syncer(
    document: Document,
    state: StateDir,
    sight: Sight,
    *,
    gallery: Callable[[], Snapshot],
    judge: Judge,
    keeper: Keeper,
    settings: Callable[[], CentralSettings],
    clock: Clock,
    conditions: Conditions,
) -> Syncer:
    """Who follows the centre. Nothing is asked yet."""

    def change(work: Callable[[FaceBook], _T]) -> _T:
        def errand(gallery: Gallery) -> _T:
            return gallery.change(work, by=f"sync:{document.central.kind}")

        return keeper.ask(errand).result(_PATIENCE_S)

    def on_sight(work: Callable[[Sight], _T]) -> _T:
        return judge.ask(lambda _recognizer: work(sight)).result(_PATIENCE_S)

    def make() -> tuple[Follower, Callable[[], None]]:
        from edged.central.dialects import open_centre  # noqa: PLC0415  httpx takes 10 MB: where it is asked for only

        centre = open_centre(document.central, document.device.name, now=time.monotonic, sleep=clock.sleep)
        ledger = Ledger(change, centre.keeps)
        portraits = Portraits(on_sight)
        follower = Follower(centre, ledger, sight.model, portraits.make, receipt=Departures(state.root).receipt)
        return follower, centre.close

    chance = random.Random()  # noqa: S311  jitter, not a secret
    return Syncer(
        make,
        SyncDevice(state, gallery),
        settings=settings,
        clock=clock,
        conditions=conditions,
        chance=chance,
    )
