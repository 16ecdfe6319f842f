"""Looking into the outbox without changing it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeAlias, TypeVar, cast

from edged.domain.errors import Corrupt, Refused
from edged.mqtt.event_file import open_to_read, translated
from edged.wire.event import EventRecord
from edged.wire.passage import PassageRecord
from edged.wire.record import MODELS, Kind, Record

_Record_co = TypeVar("_Record_co", bound=Record, covariant=True)

_COLUMNS: Final = "number, kind, boot, seq, delivered, record"
_ABOVE_ALL: Final = 2**63 - 1
"""The greatest number that SQLite can store."""
_AFTER_EVERY_ID: Final = "~"
"""Sorts behind whatever an id is made of: hexadecimal digits and hyphens."""


@dataclass(frozen=True, slots=True)
class Stored(Generic[_Record_co]):
    """A record in the outbox.

    Attributes:
        number: the order of acceptance over all boots and kinds; what `acknowledge` takes.
        boot, seq: the boot that accepted it, and its number there among its kind, from 1.
        delivered: it is acknowledged, by the broker or by the hub.
        record: the event, passage or alarm with its explanation.
    """

    number: int
    boot: str
    seq: int
    delivered: bool
    record: _Record_co


StoredEvent: TypeAlias = Stored[EventRecord]
StoredPassage: TypeAlias = Stored[PassageRecord]


@dataclass(frozen=True, slots=True)
class Counters:
    """How full the outbox is.

    Attributes:
        pending: events that are not acknowledged, by the broker or by the hub.
        delivered: acknowledged ones that are still kept.
        dropped: events that had to go before that, since the file was begun.
    """

    pending: int
    delivered: int
    dropped: int


class KeptEvents:
    """What can be asked of the outbox, by its writer and by its readers. Every method blocks for the disk only."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def pending(self, *, after: int = 0, limit: int) -> list[Stored[Record]]:
        """The oldest records of any kind that are not acknowledged and whose number is above `after`, in order."""
        return self._select("WHERE delivered = 0 AND number > ? ORDER BY number LIMIT ?", (after, limit))

    def recent(self, limit: int) -> list[StoredEvent]:
        """The newest events, the newest first, delivered or not."""
        found = self._select("WHERE kind = ? ORDER BY number DESC LIMIT ?", (Kind.EVENT, limit))
        return cast("list[StoredEvent]", found)

    def recent_passages(self, limit: int, *, before: int | None = None) -> list[StoredPassage]:
        """The newest passages, the newest first; with `before`, those whose number is below it."""
        which = "WHERE kind = ? AND number < ? ORDER BY number DESC LIMIT ?"
        found = self._select(which, (Kind.PASSAGE, _ABOVE_ALL if before is None else before, limit))
        return cast("list[StoredPassage]", found)

    def find(self, id_or_prefix: str) -> StoredEvent | None:
        """The event with this id, or the only one whose id begins so; None where there is none.

        Raises:
            Refused: `ambiguous`, several begin so.
        """
        return cast("StoredEvent | None", self._find(Kind.EVENT, id_or_prefix))

    def find_passage(self, id_or_prefix: str) -> StoredPassage | None:
        """The same for a passage."""
        return cast("StoredPassage | None", self._find(Kind.PASSAGE, id_or_prefix))

    def of_visit(self, visit: str) -> list[StoredEvent]:
        """The events of one visit that are still there, the oldest first. Reads all events."""
        which = "WHERE kind = ? AND json_extract(record, '$.visit') = ? ORDER BY number"
        return cast("list[StoredEvent]", self._select(which, (Kind.EVENT, visit)))

    def oldest(self) -> float | None:
        """When the event was decided that has been waiting for the broker for longest, UTC seconds since the epoch;
        None where none waits.
        """
        query = "SELECT decided FROM event WHERE delivered = 0 ORDER BY number LIMIT 1"
        with translated(self._path):
            found = self._connection.execute(query).fetchone()
        return None if found is None else float(found[0])

    def newest(self) -> int:
        """The number of the event accepted last; 0 where there is none."""
        return self._number("SELECT coalesce(max(number), 0) FROM event")

    def counters(self) -> Counters:
        """How full it is."""
        pending = self._number("SELECT count(*) FROM event WHERE delivered = 0")
        return Counters(
            pending=pending,
            delivered=self._number("SELECT count(*) FROM event") - pending,
            dropped=self._number("SELECT count FROM tally WHERE name = 'dropped'"),
        )

    def close(self) -> None:
        self._connection.close()

    def _number(self, query: str) -> int:
        with translated(self._path):
            return int(self._connection.execute(query).fetchone()[0])

    def _find(self, kind: Kind, id_or_prefix: str) -> Stored[Record] | None:
        start = id_or_prefix.lower()
        which = "WHERE kind = ? AND id >= ? AND id < ? ORDER BY id LIMIT 2"
        found = self._select(which, (kind, start, start + _AFTER_EVERY_ID))
        if len(found) > 1:
            raise Refused(
                "ambiguous", f"several {kind}s begin with {id_or_prefix!r}", "Give more of the id's characters"
            )
        return found[0] if found else None

    def _select(self, which: str, values: Iterable[object]) -> list[Stored[Record]]:
        query = f"SELECT {_COLUMNS} FROM event {which}"  # noqa: S608  constants only; values are bound
        with translated(self._path):
            rows = self._connection.execute(query, tuple(values)).fetchall()
        return [self._stored(*row) for row in rows]

    def _stored(self, number: int, kind: str, boot: str, seq: int, delivered: int, record: str) -> Stored[Record]:
        try:
            return Stored(number, boot, seq, bool(delivered), MODELS[Kind(kind)].model_validate_json(record))
        except ValueError as error:
            raise Corrupt(
                f"{kind} {number} in {self._path} cannot be read", "Move the file away; edged begins a fresh one"
            ) from error


class OutboxReader(KeptEvents):
    """The outbox over a read-only connection of its own.

    Any number of readers live beside the one writer, in this process or in others; each belongs to one thread at a
    time and never waits for the writer.
    """

    @classmethod
    def open(cls, path: Path) -> OutboxReader:
        """Opens an outbox that is there.

        Raises:
            Unavailable: there is none, or it cannot be read.
        """
        return cls(open_to_read(path), path)
