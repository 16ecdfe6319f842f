"""How much memory a process holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Memory:
    """Of one process, MB (10⁶ bytes).

    Attributes:
        resident: now; peak: the most it ever was.
        own: the part that is its own, not read from a file; files: programs and libraries, which other processes may
            share and the kernel can drop.
    """

    resident: float
    peak: float
    own: float
    files: float


def read_memory(process: int) -> Memory:
    """What the kernel says of a process."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    kilobytes = {name: int(value) for name, value in re.findall(r"^(\w+):\s+(\d+) kB$", status, re.MULTILINE)}
    return Memory(*(kilobytes[name] * 1024 / 1e6 for name in ("VmRSS", "VmHWM", "RssAnon", "RssFile")))
