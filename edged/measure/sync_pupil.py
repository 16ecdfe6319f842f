"""Devices that sync without end: `python -m edged.measure.sync_pupil FOLDER URL CA TOKEN NAME DIGEST DIMENSION`.

For each line of standard input, a seed, a child of this process syncs the device of that folder, and enrols and deletes
people on it. Everything is imported before, so that children are quick. They write to standard output what they begin
and what has returned; somebody kills them.
"""

from __future__ import annotations

import itertools
import os
import random
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from edged.domain.errors import EdgedError
from edged.measure.sync_newcomer import read_arguments
from edged.measure.sync_people import Expected
from edged.measure.synced_gallery import Reach, SyncedGallery

_DEED: Final = 0.3


def _sync(folder: Path, reach: Reach, seed: str) -> None:
    """Never returns."""
    chance = random.Random(seed)  # noqa: S311  what happens when, no secrets
    expected = Expected()
    numbers = itertools.count()
    with SyncedGallery.opened(folder, reach) as device:

        def between() -> None:
            if chance.random() >= _DEED:
                return
            key, photo = expected.next_deed(chance, f"door-{seed}-{next(numbers)}", device.keys(), more_faces=False)
            number = -1 if photo is None else photo
            _say(f"begin {key} {number}")
            if photo is None:
                device.delete(key)
            else:
                device.enroll(key, photo)
                expected.enrolled(key, photo)
            _say(f"done {key} {number}")

        device.between = between
        while True:
            with suppress(EdgedError):
                device.round()


def _say(line: str) -> None:
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


def main() -> None:
    folder, reach = read_arguments()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _sync(folder, reach, line.strip())
        _say(f"child {child}")
        os.waitpid(child, 0)
        _say("ended")


if __name__ == "__main__":
    main()
