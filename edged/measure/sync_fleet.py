"""What many devices cost one hub."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edged.config.document import ModelSettings
from edged.domain.errors import EdgedError
from edged.domain.progress import Progress
from edged.measure.sync_hub import SyncHub, Usage
from edged.measure.sync_people import Expected
from edged.measure.sync_trial import fill
from edged.measure.synced_gallery import Reach, SyncedGallery

_PEOPLE: Final = 200
_EVERY_S: Final = 2.0
_PATIENCE_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class Fleet:
    """What came of many devices at one hub.

    Attributes:
        devices: how many; changes: at the hub, and one on each device; seconds: all of them took.
        agreeing: devices that had the hub's digest in the end.
        first_s: processor time of the hub for the first sync of a device; change_s: for one change at one device,
            rounds in which nothing had changed among it.
        requests, bytes: of one device, for all changes.
        peak_mb: the most memory that the hub held, MB (10⁶ bytes).
    """

    devices: int
    changes: int
    seconds: float
    agreeing: int
    first_s: float
    change_s: float
    requests: float
    bytes: float
    peak_mb: float


class _Member:
    """One device on a thread of its own."""

    def __init__(self, folder: Path, reach: Reach, start: threading.Barrier, stop: threading.Event) -> None:
        self.agrees = False
        self.requests = self.bytes = 0
        self._folder = folder
        self._reach = reach
        self._start = start
        self._stop = stop
        self.thread = threading.Thread(target=self._run, name=reach.device, daemon=True)

    def _run(self) -> None:
        chance = random.Random(self._reach.device)  # noqa: S311  jitter
        with SyncedGallery.opened(self._folder, self._reach) as device:
            device.settle()
            self._start.wait(_PATIENCE_S)  # all are there
            self._start.wait(_PATIENCE_S)  # what that has cost was read
            before = (device.traffic.requests, device.traffic.sent + device.traffic.received)
            device.enroll(f"{self._reach.device}'s", 0)
            while not self._stop.wait(chance.uniform(0.5, 1.5) * _EVERY_S):
                with suppress(EdgedError):
                    device.round()
            self._start.wait(_PATIENCE_S)
            device.settle()
            self._start.wait(_PATIENCE_S)  # nobody tells anything new after this
            device.settle()
            self.agrees = device.agrees()
            self.requests = device.traffic.requests - before[0]
            self.bytes = device.traffic.sent + device.traffic.received - before[1]


def measure_fleet(models: ModelSettings, devices: int, changes: int, progress: Progress) -> Fleet:
    """Has so many devices follow one hub at which so much is changed.

    Raises:
        Unavailable: the hub does not start.
        threading.BrokenBarrierError: a device hangs.
    """
    chance = random.Random(1)  # noqa: S311  what happens when, no secrets
    expected = Expected()
    with (
        tempfile.TemporaryDirectory(prefix="edged-fleet-") as name,
        SyncHub.founded(Path(name) / "hub", models) as hub,
    ):
        fill(hub, expected, _PEOPLE)
        hub.start()
        start, stop = threading.Barrier(devices + 1), threading.Event()
        names = [f"device-{number}" for number in range(devices)]
        reaches = [Reach(hub.url, hub.ca, hub.device_token(own), own, hub.model) for own in names]
        idle = hub.usage()
        members = [_Member(Path(name) / reach.device, reach, start, stop) for reach in reaches]
        for member in members:
            member.thread.start()
        progress(f"{devices} devices sync for the first time", 0.0)
        start.wait(_PATIENCE_S)
        full = hub.usage()
        start.wait(_PATIENCE_S)
        began = time.perf_counter()
        for number in range(changes):
            progress(f"change {number + 1} of {changes} for {devices} devices", 0.2 + 0.7 * number / changes)
            _change(hub, expected, chance, number)
            time.sleep(chance.uniform(0.0, 0.2))
        stop.set()
        start.wait(_PATIENCE_S)
        start.wait(_PATIENCE_S)
        for member in members:
            member.thread.join(_PATIENCE_S)
        return _fleet(members, changes + devices, time.perf_counter() - began, (idle, full, hub.usage()))


def _change(hub: SyncHub, expected: Expected, chance: random.Random, number: int) -> None:
    key, photo = expected.next_deed(chance, f"hub-{number}", hub.keys())
    if photo is None:
        hub.delete(key)
    elif photo == 0:
        hub.enroll(key, [photo])
        expected.enrolled(key, photo)
    else:
        hub.add(key, photo)


def _fleet(members: list[_Member], changes: int, seconds: float, usage: tuple[Usage, Usage, Usage]) -> Fleet:
    idle, full, end = usage
    count = len(members)
    return Fleet(
        count,
        changes,
        seconds,
        sum(member.agrees for member in members),
        (full.processor_s - idle.processor_s) / count,
        (end.processor_s - full.processor_s) / count / changes,
        sum(member.requests for member in members) / count,
        sum(member.bytes for member in members) / count,
        end.peak_mb,
    )
