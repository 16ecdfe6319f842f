"""A hub that people are enrolled and deleted at, and what is left on both sides once a device has caught up."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from edged.measure.sync_hub import SyncHub
from edged.measure.sync_people import Expected
from edged.measure.synced_gallery import SyncedGallery

PHOTOS: Final = 2
_PAUSE_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class SyncTrial:
    """What came of a sync that was cut off again and again.

    Attributes:
        cuts: how often; deeds: enrolments and deletions on both sides meanwhile; people: at the end, at the hub.
        converged: the device came to rest, and the hub has the same digest.
        duplicates: keys or faces that are there twice, on either side.
        lost: people who were enrolled and are not there, or not whole, on one side or the other.
        back: people who were deleted and are there, on one side or the other.
        strange: people with a face that nobody gave them.
        repairs: how often the rosters differed, and the whole list was read anew: that heals, but is not to happen.
    """

    cuts: int
    deeds: int
    people: int
    converged: bool
    duplicates: int
    lost: int
    back: int
    strange: int
    repairs: int

    @property
    def is_good(self) -> bool:
        return self.converged and self.duplicates + self.lost + self.back + self.strange + self.repairs == 0


@contextmanager
def busy(hub: SyncHub, expected: Expected, seed: int) -> Iterator[None]:
    """People are enrolled and deleted at the hub until the block ends."""
    stop = threading.Event()
    chance = random.Random(seed)  # noqa: S311  what happens when, no secrets
    numbers = itertools.count()

    def work() -> None:
        while not stop.wait(chance.uniform(0.0, 2 * _PAUSE_S)):
            key, photo = expected.next_deed(chance, f"hub-{next(numbers)}", hub.keys())
            if photo is None:
                if hub.delete(key):
                    expected.deleted.add(key)
            elif hub.enroll(key, [photo]) if photo == 0 else hub.add(key, photo):
                expected.enrolled(key, photo)

    thread = threading.Thread(target=work, name="front-desk", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def fill(hub: SyncHub, expected: Expected, people: int) -> None:
    """Enrols some at the hub."""
    for number in range(people):
        for photo in range(PHOTOS):
            expected.enrolled(f"first-{number}", photo)
        hub.enroll(f"first-{number}", range(PHOTOS))


def judged(cuts: int, hub: SyncHub, device: SyncedGallery, expected: Expected) -> SyncTrial:
    """Lets the device catch up, and compares both sides with what was done."""
    rests = device.settle()
    there = hub.there()
    here, twice = device.roster()
    deeds = sum(map(len, expected.faces.values())) + len(expected.deleted)
    return SyncTrial(
        cuts,
        deeds,
        len(there.roster),
        converged=rests and device.agrees() and there.roster == here,
        duplicates=there.duplicates + twice,
        lost=max(map(expected.lost, (there.roster, here))),
        back=max(map(expected.back, (there.roster, here))),
        strange=max(map(expected.strange, (there.roster, here))),
        repairs=device.follower.account().progress.listing - 1,
    )
