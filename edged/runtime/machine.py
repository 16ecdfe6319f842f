"""How the machine is: memory, processor, temperature, disk, clock. Linux only, all from the kernel, nothing blocks."""

from __future__ import annotations

import ctypes
import os
import shutil
import time
from pathlib import Path
from typing import Final

_THERMAL: Final = Path("/sys/class/thermal")
_TIMEX_BYTES: Final = 256
"""More than sizeof(struct timex) on any Linux; all zeros asks without setting anything (adjtimex(2))."""
_TIME_ERROR: Final = 5
"""adjtimex's answer where the clock is not synchronised."""


def resident_mb() -> float:
    """Resident memory of this process, MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def boot_id() -> str:
    """The kernel's name for the time since the machine started; the same for all processes of it."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def temperature() -> float | None:
    """The hottest thermal zone, degrees Celsius; None where the machine has no sensor."""
    degrees = []
    for sensor in _THERMAL.glob("thermal_zone*/temp"):
        try:
            degrees.append(int(sensor.read_text(encoding="ascii")) / 1000)
        except (OSError, ValueError):
            continue  # a zone that is switched off answers with an error
    return max(degrees, default=None)


def disk_free_mb(folder: Path) -> float:
    """What this process may still write on the folder's file system, MB."""
    return shutil.disk_usage(folder).free / 1e6


def clock_synchronised() -> bool | None:
    """Whether the kernel's clock follows a time server; None where it does not say (a sandbox may forbid asking)."""
    answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    return None if answer < 0 else answer != _TIME_ERROR


class Processor:
    """How busy this process is between two questions."""

    def __init__(self) -> None:
        self._used, self._wall = time.process_time(), time.monotonic()

    def percent(self) -> float:
        """Of one core, since the last question; may pass 100 with several threads."""
        used, wall = time.process_time(), time.monotonic()
        share = (used - self._used) / max(wall - self._wall, 1e-3)
        self._used, self._wall = used, wall
        return share * 100
