"""How long a device takes that has nobody yet, and what memory; and what it costs when nothing has changed."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edged.config.document import ModelSettings
from edged.domain.errors import Unavailable
from edged.domain.progress import Progress
from edged.measure.cutter import Cutter
from edged.measure.sync_hub import SyncHub
from edged.measure.synced_gallery import FREELY, Reach, SyncedGallery

PHOTOS: Final = 2
_FILL: Final = 0.5


@dataclass(frozen=True, slots=True)
class FirstSync:
    """What a device did to know everybody.

    Attributes:
        people, templates: that it knew in the end; seconds: after so long.
        requests, received: and bytes of answers, heads included.
        before_mb, peak_mb: resident memory before it began, and the most it was, MB (10⁶ bytes).
        told: how often it said how far it was.
    """

    people: int
    templates: int
    seconds: float
    requests: int
    received: int
    before_mb: float
    peak_mb: float
    told: int


@dataclass(frozen=True, slots=True)
class QuietRound:
    """A round in which nothing had changed.

    Attributes:
        requests: how many; plain: bytes of them and their answers, heads included.
        encrypted: the same as they travel on a connection that stands; fresh: with one that has to be made first.
    """

    requests: int
    plain: int
    encrypted: int
    fresh: int


def measure_first(models: ModelSettings, people: int, progress: Progress) -> tuple[FirstSync, QuietRound]:
    """Fills a hub, and has a process of its own sync all of it through a gallery.

    Raises:
        Unavailable: the hub or the device does not start.
    """
    with (
        tempfile.TemporaryDirectory(prefix="edged-first-") as name,
        SyncHub.founded(Path(name) / "hub", models) as hub,
    ):
        for number in range(people):
            if number % 500 == 0:
                progress(f"enrolling {people:,} people at a hub", _FILL * number / people)
            hub.enroll(f"{number}", range(PHOTOS), name=f"Somebody {number}")
        hub.start()
        reach = Reach(hub.url, hub.ca, hub.device_token("door"), "door", hub.model)
        first = _synced(Path(name) / "device", reach, people, progress)
        return first, _quiet(Path(name) / "device", reach, hub.url)


def arguments(folder: Path, reach: Reach) -> list[str]:
    """What a process is told so that it can be that device: `read_arguments` reads it."""
    own = [str(folder), reach.url, str(reach.ca), reach.token, reach.device]
    return [*own, reach.model.digest, str(reach.model.dimension)]


def _synced(folder: Path, reach: Reach, people: int, progress: Progress) -> FirstSync:
    command = [sys.executable, "-m", "edged.measure.sync_newcomer", *arguments(folder, reach)]
    told = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101  a pipe was asked for
        for line in process.stdout:
            if line.startswith("{"):
                return FirstSync(**json.loads(line), told=told)
            told += 1
            progress(f"first sync: {int(line):,} of {people:,} people", _FILL + (1 - _FILL) * int(line) / people)
    raise Unavailable("the device ended on its own", "Its own words are above.")


def _quiet(folder: Path, reach: Reach, url: str) -> QuietRound:
    """The device again, on a line that counts: once with a new connection, once more on it."""
    with Cutter(url, 1, 0, seed=1) as line, SyncedGallery.opened(folder, reach, through=line.url) as device:
        device.follower.round(FREELY)
        fresh, traffic = line.passed, device.traffic
        before = (traffic.requests, traffic.sent + traffic.received)
        device.follower.round(FREELY)
        plain = traffic.sent + traffic.received - before[1]
        return QuietRound(traffic.requests - before[0], plain, line.passed - fresh, fresh)
