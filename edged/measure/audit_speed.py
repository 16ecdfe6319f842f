"""What the audit log costs: adding to it, and verifying it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import quantiles

from edged.audit.chain import Chain
from edged.audit.ledger_file import FILE
from edged.audit.records import Records
from edged.domain.frame import Moment
from edged.domain.progress import Progress, quiet
from edged.measure.audit_damage import SECRET, sample_note


@dataclass(frozen=True, slots=True)
class AuditSpeed:
    """What was measured.

    Attributes:
        entries: in the log that was verified.
        one_p50, one_p95: milliseconds until one entry alone, and the head, were on the disk.
        batches: by the size of a batch, entries a second.
        verified: entries a second.
        bytes_each: of the file, an entry.
    """

    entries: int
    one_p50: float
    one_p95: float
    batches: dict[int, float]
    verified: float
    bytes_each: float


def measure_speed(entries: int = 100_000, singles: int = 200, progress: Progress = quiet) -> AuditSpeed:
    """Adds entries one at a time and in batches, each on the disk before the next, and has all verified."""
    note = sample_note()
    with tempfile.TemporaryDirectory(prefix="edged-audit-") as name:
        path = Path(name) / FILE
        ids = count(1)
        chain = Chain.open(path, SECRET, boot="b", now=_now, new_id=lambda: f"{next(ids):08x}")
        with closing(chain):
            progress("adding one at a time", 0.0)
            alone = [_seconds(lambda: chain.append([note(_now())])) * 1000 for _ in range(singles)]
            batches = {}
            for size in (16, 64, 500):
                progress(f"adding {size} at a time", 0.2)
                times = max(5, 5000 // size)
                batch = [note(_now()) for _ in range(size)]
                batches[size] = size * times / _seconds(lambda: _repeat(times, lambda: chain.append(batch)))  # noqa: B023  called here
            while chain.head.number < entries:
                progress("adding more", 0.2 + 0.5 * chain.head.number / entries)
                chain.append([note(_now()) for _ in range(min(1000, entries - chain.head.number))])
            written = chain.head.number
        with closing(Records.open(path, SECRET)) as records:
            progress("verifying", 0.8)
            seconds = _seconds(records.verify)
        size = path.stat().st_size
    progress("measured", 1.0)
    cuts = quantiles(alone, n=20)
    return AuditSpeed(written, cuts[9], cuts[18], batches, written / seconds, size / written)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _repeat(times: int, work: Callable[[], object]) -> None:
    for _ in range(times):
        work()


def _now() -> Moment:
    return Moment(time.monotonic(), time.time())
