"""Many simulated devices in one process: `python -m edged.measure.fleet_devices FOLDER PORT COUNT GROUP PINNED`.

Writes `READY` when all are online, and ends with its standard input. Those below PINNED have a file that sets something
of its own.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Final

from edged.hub.crew import when_orphaned
from edged.measure.fleet_device import SimulatedDevice
from edged.runtime import journal

_ROUND_S: Final = 0.05


def main() -> None:
    """Until standard input ends."""
    folder, port, count, group, pinned = Path(sys.argv[1]), *map(str, sys.argv[2:6])
    journal.set_up("error")
    devices = [
        SimulatedDevice(folder / f"{number:03}", int(port), f"door-{number:03}", [group], pins=number < int(pinned))
        for number in range(int(count))
    ]
    for device in devices:
        device.connect()
    print("READY", flush=True)  # noqa: T201  what whoever started us waits for
    gone = threading.Event()
    when_orphaned(sys.stdin, gone.set)
    while not gone.is_set():
        began = time.monotonic()
        for device in devices:
            device.step()
        time.sleep(max(0.0, began + _ROUND_S - time.monotonic()))
    for device in devices:
        device.close()


if __name__ == "__main__":
    main()
