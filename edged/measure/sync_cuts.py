"""Does a cut connection lose anybody, or make two of one?"""

from __future__ import annotations

import itertools
import random
import tempfile
from pathlib import Path
from typing import Final

from edged.config.document import ModelSettings
from edged.domain.errors import EdgedError
from edged.domain.progress import Progress, quiet
from edged.measure.cutter import Cutter
from edged.measure.sync_hub import SyncHub
from edged.measure.sync_people import Expected
from edged.measure.sync_trial import SyncTrial, busy, fill, judged
from edged.measure.synced_gallery import Reach, SyncedGallery

_MOST_BYTES: Final = 50_000
_DEED: Final = 0.15
"""So likely something is done on the device before a transaction of sync."""


def cut_connections(
    models: ModelSettings, people: int, cuts: int, progress: Progress = quiet, *, seed: int = 1
) -> SyncTrial:
    """Has a device follow a hub over a line that is cut so often, while people are enrolled and deleted on both sides.

    Args:
        models: whose folder and embedder the hub uses.
        people: how many are enrolled before.

    Raises:
        Unavailable: the hub does not start.
    """
    chance = random.Random(seed)  # noqa: S311  what happens when, no secrets
    expected = Expected()
    with (
        tempfile.TemporaryDirectory(prefix="edged-cuts-") as name,
        SyncHub.founded(Path(name) / "hub", models) as hub,
    ):
        fill(hub, expected, people)
        hub.start()
        reach = Reach(hub.url, hub.ca, hub.device_token("door"), "door", hub.model)
        with (
            Cutter(hub.url, _MOST_BYTES, cuts, seed=seed) as cutter,
            SyncedGallery.opened(Path(name) / "device", reach, through=cutter.url) as device,
        ):
            door = _Door(device, expected, chance)
            device.between = door.sometimes
            with busy(hub, expected, seed):
                while cutter.cuts < cuts:
                    progress(f"cutting the line, {cutter.cuts} of {cuts}", cutter.cuts / cuts)
                    try:
                        device.round()
                    except EdgedError:
                        door.after_cut()
            device.between = lambda: None
            return judged(cutter.cuts, hub, device, expected)


class _Door:
    """What is done on the device itself."""

    def __init__(self, device: SyncedGallery, expected: Expected, chance: random.Random) -> None:
        self._device = device
        self._expected = expected
        self._chance = chance
        self._numbers = itertools.count()

    def sometimes(self) -> None:
        if self._chance.random() < _DEED:
            self._do(
                *self._expected.next_deed(
                    self._chance, f"door-{next(self._numbers)}", self._device.keys(), more_faces=False
                )
            )

    def after_cut(self) -> None:
        """As often as not whoever was just told of is deleted: the answer that was lost may have been about them."""
        key = self._device.untold()
        if key is not None and self._chance.random() < 1 / 2:
            self._do(key, None)

    def _do(self, key: str, photo: int | None) -> None:
        if photo is not None:
            self._device.enroll(key, photo)
            self._expected.enrolled(key, photo)
        elif self._device.delete(key):
            self._expected.deleted.add(key)
