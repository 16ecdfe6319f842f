"""A device that has nobody yet: `python -m edged.measure.sync_newcomer FOLDER URL CA TOKEN NAME DIGEST DIMENSION`.

Syncs once, and writes to standard output how far it is, and in the end a line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from edged.domain.person import ModelRef
from edged.measure.memory import read_memory
from edged.measure.synced_gallery import FREELY, Reach, SyncedGallery


def read_arguments() -> tuple[Path, Reach]:
    """The device's folder, and how it gets to its hub."""
    folder, url, ca, token, name, digest, dimension = sys.argv[1:]
    return Path(folder), Reach(url, Path(ca), token, name, ModelRef("bench", digest, int(dimension)))


def main() -> None:
    folder, reach = read_arguments()
    with SyncedGallery.opened(folder, reach, lambda people, _refused: print(people, flush=True)) as device:  # noqa: T201
        before = read_memory(os.getpid()).resident
        began = time.perf_counter()
        device.follower.round(FREELY)
        seconds = time.perf_counter() - began
        snapshot = device.gallery.snapshot()
        found = {
            "people": snapshot.persons,
            "templates": snapshot.templates,
            "seconds": seconds,
            "requests": device.traffic.requests,
            "received": device.traffic.received,
            "before_mb": before,
            "peak_mb": read_memory(os.getpid()).peak,
        }
    print(json.dumps(found), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
