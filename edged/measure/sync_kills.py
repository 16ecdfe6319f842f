"""Does SIGKILL in the middle of a sync lose anybody, or make two of one?"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from edged.config.document import ModelSettings
from edged.domain.errors import Unavailable
from edged.domain.progress import Progress, quiet
from edged.measure.sync_first import arguments
from edged.measure.sync_hub import SyncHub
from edged.measure.sync_people import Expected
from edged.measure.sync_trial import SyncTrial, busy, fill, judged
from edged.measure.synced_gallery import Reach, SyncedGallery

_LONGEST_LIFE_S: Final = 0.4


def kill_syncing(
    models: ModelSettings, people: int, kills: int, progress: Progress = quiet, *, seed: int = 1
) -> SyncTrial:
    """Has a device follow a hub, and kills it at random moments, while people are enrolled and deleted on both sides.

    Args:
        models: whose folder and embedder the hub uses.
        people: how many are enrolled before.

    Raises:
        Unavailable: the hub does not start, or the device ended on its own.
    """
    chance = random.Random(seed)  # noqa: S311  moments, not secrets
    expected = Expected()
    with (
        tempfile.TemporaryDirectory(prefix="edged-kills-") as name,
        SyncHub.founded(Path(name) / "hub", models) as hub,
    ):
        folder = Path(name) / "device"
        fill(hub, expected, people)
        hub.start()
        reach = Reach(hub.url, hub.ca, hub.device_token("door"), "door", hub.model)
        with busy(hub, expected, seed), _pupil(folder, reach) as (orders, said):
            for number in range(kills):
                progress(f"killing a device, {number + 1} of {kills}", number / kills)
                orders.write(f"{number}\n")
                orders.flush()
                _kill(said, chance.uniform(0.0, _LONGEST_LIFE_S), expected)
        with SyncedGallery.opened(folder, reach) as device:
            return judged(kills, hub, device, expected)


def _kill(said: IO[str], after_s: float, expected: Expected) -> None:
    """Kills the child that was just made, and reads what it did."""
    lines = iter(said.readline, "")
    child, begun = 0, ("", "")
    for line in lines:
        word, *rest = line.split()
        match word:
            case "child":
                child = int(rest[0])
                time.sleep(after_s)
                os.kill(child, signal.SIGKILL)
            case "begin":
                begun = (rest[0], rest[1])
            case "done":
                _note(expected, *begun)
                begun = ("", "")
            case "ended":
                if begun[0]:
                    expected.begun(begun[0], None if begun[1] == "-1" else int(begun[1]))
                return
    raise Unavailable("the device ended on its own", "Its own words are above.")


def _note(expected: Expected, key: str, photo: str) -> None:
    if photo == "-1":
        expected.deleted.add(key)
    else:
        expected.enrolled(key, int(photo))


@contextmanager
def _pupil(folder: Path, reach: Reach) -> Iterator[tuple[IO[str], IO[str]]]:
    """What it is told by and what it says, until the block ends."""
    command = [sys.executable, "-m", "edged.measure.sync_pupil", *arguments(folder, reach)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None  # noqa: S101  pipes were asked for
        assert process.stdout is not None  # noqa: S101
        yield process.stdin, process.stdout
        process.stdin.close()
