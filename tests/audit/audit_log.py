"""An audit log to test with: a chain whose clock and ids are ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

from edged.audit.act import Act
from edged.audit.chain import Chain
from edged.audit.entry import Entry, Note
from edged.audit.head import Head
from edged.audit.ledger_file import FILE
from edged.audit.records import Records
from edged.audit.selection import Selection
from edged.audit.verification import Kind, Verification
from edged.domain.frame import Moment

SECRET = b"the device's own secret, 32 byte"
BOOT = "0c5bd81c-0000-4000-8000-000000000001"
BEGIN = 1_790_000_000.0
_ids = count(1)


class Ticks:
    """A clock that goes on by a second whenever it is looked at."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> Moment:
        self.seconds += 1.0
        return Moment(self.seconds, BEGIN + self.seconds)


def opened(folder: Path, *, clock: Ticks | None = None, secret: bytes = SECRET) -> Chain:
    """The chain of a folder; begun there if there is none."""
    return Chain.open(folder / FILE, secret, boot=BOOT, now=(clock or Ticks()).now, new_id=lambda: f"{next(_ids):08x}")


def notes(number: int, *, first: int = 0, by: str = "device") -> list[Note]:
    """So many decisions, each told apart by `n`."""
    return [
        Note(Act.DECISION, by, {"door": "front", "n": first + place}, Moment(50.0 + place, BEGIN + 50.0 + place))
        for place in range(number)
    ]


def written(folder: Path, number: int, *, first: int = 0) -> Head:
    """A chain of a beginning and so many decisions; its head."""
    with closing(opened(folder)) as chain:
        return chain.append(notes(number, first=first))


def verified(folder: Path, noted: Head | None = None) -> Verification:
    with closing(Records.open(folder / FILE, SECRET)) as records:
        return records.verify(noted)


def kinds(folder: Path, noted: Head | None = None) -> list[tuple[Kind, int, int]]:
    """What verification finds."""
    return [(fault.kind, fault.number, fault.through) for fault in verified(folder, noted).faults]


def entries(folder: Path, selection: Selection | None = None) -> list[Entry]:
    """The oldest first."""
    with closing(Records.open(folder / FILE, SECRET)) as records:
        return records.entries(selection or Selection(), limit=100_000)[::-1]


def told(folder: Path, act: Act) -> Iterator[dict[str, object]]:
    """What the entries of one act say, the oldest first."""
    return (entry.facts for entry in entries(folder, Selection(acts=(act,))))
