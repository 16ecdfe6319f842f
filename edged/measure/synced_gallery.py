"""A device without cameras: a real gallery that follows a real hub."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, TypeVar

from edged.central.account import Hold
from edged.central.cable import Traffic
from edged.central.follower import Counts, Follower, Round, Terms, Watcher
from edged.central.hub import Hub
from edged.central.ledger import Ledger
from edged.central.line import Line
from edged.central.port import Picture, Standing
from edged.config.document import GallerySettings
from edged.domain.errors import EdgedError, Refused
from edged.domain.identity import uuid7
from edged.domain.person import ModelRef, Person, Template
from edged.gallery.face_book import FaceBook
from edged.gallery.gallery import Gallery
from edged.measure.sync_people import Roster, as_template
from edged.runtime.roster_digest import digest_of
from edged.vault.vault import Vault

_T = TypeVar("_T")

FREELY: Final = Terms(Hold(1.0, 1_000_000))
"""Nobody is asked before people are removed."""
_QUIET: Final = 2
_ROUNDS: Final = 60


@dataclass(frozen=True, slots=True)
class Reach:
    """How a device gets to its hub.

    Attributes:
        url: where it answers, or what stands between; ca: whom to trust; device: its name there.
    """

    url: str
    ca: Path
    token: str
    device: str
    model: ModelRef


class SyncedGallery:
    """One thread; everything blocks.

    Attributes:
        gallery: the device's own.
        follower: of the hub.
        between: called before each of its transactions: what else happens on the device meanwhile.
        traffic: between the two, without what encryption adds.
    """

    def __init__(self, folder: Path, gallery: Gallery, reach: Reach, told: Watcher, through: str) -> None:
        self.gallery = gallery
        self.between: Callable[[], None] = lambda: None
        self._path = folder / "gallery.db"
        self._model = reach.model
        line = Line(through or reach.url, reach.token, "Bearer", ca_file=reach.ca, now=time.monotonic, sleep=time.sleep)
        self._centre = Hub(line, reach.device)
        self._centre.name = f"hub {reach.url}"  # it is the same one, whatever stands between
        self._ledger = Ledger(self._change)
        self.traffic: Traffic = line.traffic
        self.follower = Follower(self._centre, self._ledger, reach.model, _blind, told=told)

    @classmethod
    @contextmanager
    def opened(
        cls, folder: Path, reach: Reach, told: Watcher = lambda _people, _refused: None, *, through: str = ""
    ) -> Iterator[Self]:
        """The gallery of a folder, which is made where it is not there; closed with the block.

        Args:
            told: see `Follower`.
            through: what stands between device and hub; empty: nothing.
        """
        folder.mkdir(exist_ok=True)
        settings, vault = GallerySettings(), Vault.open(folder, None)
        opened = Gallery.open(folder / "gallery.db", settings, reach.model, vault, now=time.time, new_id=_new_id)
        with closing(opened) as gallery:
            device = cls(folder, gallery, reach, told, through)
            with closing(device._centre):
                yield device

    def round(self) -> Round:
        """One round and a report, as the daemon does it."""
        done = self.follower.round(FREELY)
        snapshot = self.gallery.snapshot()
        counts = Counts(snapshot.persons, snapshot.templates)
        self.follower.report(self.follower.account(), counts, self.digest(), time.time())
        return done

    def digest(self) -> str:
        return digest_of(self._path)

    def settle(self) -> bool:
        """Rounds until two in a row find nothing to do; whether it came to that."""
        quiet = 0
        for _ in range(_ROUNDS):
            try:
                done = self.round()
            except EdgedError:
                quiet = 0
                continue
            quiet = quiet + 1 if not done.people and not done.pushed and not done.stuck else 0
            if quiet == _QUIET:
                return True
        return False

    def agrees(self) -> bool:
        """Whether the hub, asked, has the same digest."""
        digest, progress = self.digest(), self._ledger.progress()
        orders = self._centre.report(Standing(progress.cursor, digest, 0, 0, 0, 0, (), ()), self._model)
        return orders.roster == digest

    def roster(self) -> tuple[Roster, int]:
        """Everybody here, and how many keys two have."""
        everybody = self.gallery.people(limit=1_000_000)
        roster = self.gallery.change(
            lambda book: {item.person.customer_person_id: book.links.hashes(item.person.id) for item in everybody}
        )
        return roster, len(everybody) - len(roster)

    def enroll(self, key: str, photo: int) -> None:
        """A made-up face of somebody, who may be here already."""
        self.gallery.enroll(Person("", key), [as_template(key, photo, self._model)])

    def keys(self) -> list[str]:
        """Of everybody here."""
        return [item.person.customer_person_id for item in self.gallery.people(limit=1_000_000)]

    def untold(self) -> str | None:
        """The key of the first who is new here: whom the centre may know without the device knowing that."""
        waiting = self._ledger.queued(-1, 1)
        return next((item.outgoing.key for item in waiting if item.outgoing and not item.outgoing.id), None)

    def delete(self, key: str) -> bool:
        """False where nobody has the key."""
        return self.gallery.delete(key)

    def _change(self, work: Callable[[FaceBook], _T]) -> _T:
        self.between()
        return self.gallery.change(work)


def _blind(_picture: Picture, _photo_hash: str) -> Template:
    raise Refused("no_face", "this device has no models")


def _new_id() -> str:
    return uuid7(time.time(), os.urandom(10))
