"""Looking into the outbox without changing it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from edged.domain.errors import Corrupt, Refused
from edged.mqtt.event_file import open_to_read, translated
from edged.wire.event import EventRecord

_COLUMNS: Final = "number, boot, seq, delivered, record"
_AFTER_EVERY_ID: Final = "~"
"""Sorts behind whatever an id is made of: hexadecimal digits and hyphens."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event in the outbox.

    Attributes:
        number: the order of acceptance over all boots; what `acknowledge` takes.
        boot, seq: the boot that accepted it, and its number there, from 1.
        delivered: it is acknowledged, by the broker or by the hub.
        record: the event with its explanation.
    """

    number: int
    boot: str
    seq: int
    delivered: bool
    record: EventRecord


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

    def pending(self, *, after: int = 0, limit: int) -> list[StoredEvent]:
        """The oldest events that are not acknowledged and whose number is above `after`, in order."""
        return self._select("WHERE delivered = 0 AND number > ? ORDER BY number LIMIT ?", (after, limit))

    def recent(self, limit: int) -> list[StoredEvent]:
        """The newest events, the newest first, delivered or not."""
        return self._select("ORDER BY number DESC LIMIT ?", (limit,))

    def find(self, id_or_prefix: str) -> StoredEvent | None:
        """The event with this id, or the only one whose id begins so; None where there is none.

        Raises:
            Refused: `ambiguous`, several begin so.
        """
        start = id_or_prefix.lower()
        found = self._select("WHERE id >= ? AND id < ? ORDER BY id LIMIT 2", (start, start + _AFTER_EVERY_ID))
        if len(found) > 1:
            raise Refused(
                "ambiguous", f"several events begin with {id_or_prefix!r}", "Give more of the id's characters"
            )
        return found[0] if found else None

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

    def _select(self, which: str, values: Iterable[object]) -> list[StoredEvent]:
        query = f"SELECT {_COLUMNS} FROM event {which}"  # noqa: S608  constants only; values are bound
        with translated(self._path):
            rows = self._connection.execute(query, tuple(values)).fetchall()
        return [self._stored(*row) for row in rows]

    def _stored(self, number: int, boot: str, seq: int, delivered: int, record: str) -> StoredEvent:
        try:
            return StoredEvent(number, boot, seq, bool(delivered), EventRecord.model_validate_json(record))
        except ValidationError as error:
            raise Corrupt(
                f"event {number} in {self._path} cannot be read", "Move the file away; edged begins a fresh one"
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
