"""Does a cut connection lose anybody, or make two of one?"""

from __future__ import annotations

import itertools
import random
import tempfile
from collections.abc import Callable
from dataclasses import replace
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

_MOST_BYTES: Final = 100_000
_DEED: Final = 0.3
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
            SyncedGallery.opened(Path(name) / "device", replace(reach, url=cutter.url)) as device,
        ):
            device.between = _deeds(device, expected, chance)
            with busy(hub, expected, seed):
                while cutter.cuts < cuts:
                    progress(f"cutting the line, {cutter.cuts} of {cuts}", cutter.cuts / cuts)
                    try:
                        device.round()
                    except EdgedError:
                        device.between()  # the first that happens after a cut
            device.between = lambda: None
            return judged(cutter.cuts, hub, device, expected)


def _deeds(device: SyncedGallery, expected: Expected, chance: random.Random) -> Callable[[], None]:
    numbers = itertools.count()

    def between() -> None:
        if chance.random() >= _DEED:
            return
        key, photo = expected.next_deed(chance, f"door-{next(numbers)}", device.keys())
        if photo is None:
            if device.delete(key):
                expected.deleted.add(key)
        else:
            device.enroll(key, photo)
            expected.enrolled(key, photo)

    return between
