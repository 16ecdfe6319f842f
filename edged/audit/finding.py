"""What somebody who adds to a chain finds at its end."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from edged.audit.anchor import Anchor
from edged.audit.entry import Fact, hash_of
from edged.audit.head import Head
from edged.audit.mark import Marker, is_same
from edged.audit.rows import last_row, rows


@dataclass(frozen=True, slots=True)
class End:
    """What the next entry follows.

    Attributes:
        number, hash: of the newest entry, also where that entry itself was removed.
        finding: what is not as the device had left it; empty where all is well.
    """

    number: int
    hash: bytes
    finding: Mapping[str, Fact]


def end_of(connection: sqlite3.Connection, anchor: Anchor, head: Head | None, fault: str, marker: Marker) -> End:
    """Where a chain ends, by its entries and by its head.

    A head that is behind is an interruption between two writes, if the device's marks are on all that follows it.

    Args:
        head: as it was kept; None where there is none, or one that the device has not written.
        fault: why there is none.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    row = last_row(connection)
    number, hash_ = (row.number, row.entry.hash if row.entry else b"") if row else (anchor.number, anchor.hash)
    if head is None:
        return End(number, hash_, {"kind": fault})
    if head.chain != anchor.chain:
        return End(number, hash_, {"kind": "other_head", "other": str(head)})
    if head.number > number:
        return End(head.number, head.hash, {"kind": "tail_removed", "from": number + 1, "through": head.number})
    if head.number == number:
        is_well = head.hash == hash_
        return End(head.number, head.hash, {} if is_well else {"kind": "altered", "from": number, "through": number})
    if _is_ours(connection, head, marker):
        return End(number, hash_, {})
    return End(number, hash_, {"kind": "inserted", "from": head.number + 1, "through": number})


def _is_ours(connection: sqlite3.Connection, head: Head, marker: Marker) -> bool:
    number, previous = head.number, head.hash
    for row in rows(connection, head.number):
        entry, number = row.entry, number + 1
        if entry is None or row.number != number or hash_of(entry, previous) != entry.hash:
            return False
        if not is_same(row.mark, marker.entry(number, entry.hash)):
            return False
        previous = entry.hash
    return True
