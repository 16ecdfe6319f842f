"""Where events wait until the broker, or the hub, has them, and are kept a while after."""

from __future__ import annotations

import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Literal, TypeAlias, TypeVar

from edged.config.document import EventSettings
from edged.domain.errors import Corrupt, Unavailable
from edged.domain.event import Event
from edged.mqtt.event_file import is_full, open_to_write, translated
from edged.mqtt.outbox_reader import KeptEvents
from edged.mqtt.reserve import Reserve
from edged.wire.door import AlarmRecord
from edged.wire.event import record_of
from edged.wire.passage import PassageRecord
from edged.wire.record import Kind, Record, kind_of

News: TypeAlias = Event | PassageRecord | AlarmRecord
"""What the outbox takes."""

RESERVE_BYTES: Final = 8 * 1024 * 1024
"""Disk space put aside. SQLite's log may take a half of it before it is copied into the database, and the copy may
take the other half: so much is needed at most for what must go on when the disk is full."""

_DROPPED_AT_ONCE: Final = 100

_DAY_S: Final = 86_400.0
_CLOCK_IS_SET: Final = 1_735_689_600.0
"""2025-01-01: an event dated before that comes from a device whose clock was not set yet, and has no known age."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Trimmed:
    """What had to go.

    Attributes:
        aged: events that grew too old before the broker had them.
        crowded: events that had to make room before the broker had them.
        history: delivered ones.
    """

    aged: int
    crowded: int
    history: int

    @property
    def dropped(self) -> int:
        """Events that are lost to the broker."""
        return self.aged + self.crowded


class Outbox(KeptEvents):
    """A durable queue that is also the device's recent history. The one writer of its file.

    One thread at a time calls it (the keeper's); others read through `OutboxReader`. Every method blocks for the disk.

    Attributes:
        damage: what to report where a damaged file was found at opening and set aside; None otherwise.
    """

    def __init__(
        self, connection: sqlite3.Connection, path: Path, boot: str, reserve: Reserve, damage: Corrupt | None
    ) -> None:
        super().__init__(connection, path)
        self._boot = boot
        self._reserve = reserve
        self._last_seq: Counter[Kind] = Counter()
        self.damage = damage

    @classmethod
    def open(cls, path: Path, boot: str, *, now: float, reserve_bytes: int = RESERVE_BYTES) -> Outbox:
        """Opens the outbox, makes it where there is none, and sets a damaged one aside (see `damage`).

        Args:
            path: the database, mode 0600; its directory must be there. `<path>.reserve` lies beside it.
            boot: names this boot in the events.
            now: UTC seconds since the epoch.
            reserve_bytes: disk space put aside for the day the disk is full.

        Raises:
            Unavailable: the directory or the disk does not let us.
            Refused: `newer_database`.
        """
        reserve = Reserve(path.with_name(path.name + ".reserve"), reserve_bytes)
        log_bytes = reserve_bytes // 2
        try:
            connection, damage = open_to_write(path, now=now, log_bytes=log_bytes)
        except Unavailable:
            # Opening needs a little room too. The disk need not be the cause, but then nothing is lost by trying.
            if not reserve.give_up():
                raise
            connection, damage = open_to_write(path, now=now, log_bytes=log_bytes)
        reserve.take()
        return cls(connection, path, boot, reserve, damage)

    @property
    def short_of_space(self) -> bool:
        """The disk has no room for the reserve: it is full, or was when last tried."""
        return not self._reserve.held

    def append(self, news: Sequence[News]) -> tuple[int, ...]:
        """Accepts events, passages and alarms, all or none. On return they survive SIGKILL and a power cut.

        One that is there already is not stored twice, so a caller may try again after any error.

        Returns:
            The `seq` of each.

        Raises:
            Unavailable: the disk is full or fails; none was accepted.
        """
        records = [record_of(item) if isinstance(item, Event) else item for item in news]
        with translated(self._path), self._transaction("FULL"):
            seqs = tuple(self._insert(record) for record in records)
        for record, seq in zip(records, seqs, strict=True):
            kind = kind_of(record)
            self._last_seq[kind] = max(self._last_seq[kind], seq)
        return seqs

    def acknowledge(self, numbers: Sequence[int]) -> None:
        """Notes that these events are settled: the broker, or the hub, has them. They stay as history.

        Not flushed to the disk at once: after a power cut the last ones are sent again, and readers know them by
        their ids.

        Raises:
            Unavailable: the disk is full beyond the reserve, or fails; the events will be sent again.
        """
        rows = [(number,) for number in numbers]

        def work() -> None:
            with self._transaction("NORMAL"):
                self._connection.executemany("UPDATE event SET delivered = 1 WHERE number = ?", rows)

        self._with_reserve(work)

    def trim(self, now: float, settings: EventSettings) -> Trimmed:
        """Keeps the outbox within its bounds; to be called every minute or so.

        At most `max_pending` events stay in all: beyond, history goes first and then the oldest pending events.
        Nothing older than `max_age_days` stays, but a pending event of unknown age (its date lies before edged was
        written, so the clock was not set) is not dropped for it.

        Args:
            now: UTC seconds since the epoch.
            settings: the bounds.

        Raises:
            Unavailable: the disk is full beyond the reserve, or fails; it may be part done.
        """
        oldest = now - settings.max_age_days * _DAY_S
        history = self._drop("delivered = 1 AND decided < ? ORDER BY decided", (oldest,))
        aged = self._drop("delivered = 0 AND decided BETWEEN ? AND ? ORDER BY decided", (_CLOCK_IS_SET, oldest))
        surplus = self._number("SELECT count(*) FROM event") - settings.max_pending
        crowded_out = self._drop("delivered = 1 ORDER BY number", most=surplus)
        crowded = self._drop("delivered = 0 ORDER BY number", most=surplus - crowded_out)
        self._reserve.take()
        return Trimmed(aged=aged, crowded=crowded, history=history + crowded_out)

    def _insert(self, record: Record) -> int:
        kind = kind_of(record)
        inserted = self._connection.execute(
            "INSERT INTO event (id, boot, seq, decided, record, kind) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO NOTHING RETURNING seq",
            (
                record.id,
                self._boot,
                self._next_seq(kind),
                record.at.decided.timestamp(),
                record.encoded().decode(),
                kind,
            ),
        ).fetchone()
        found = inserted or self._connection.execute("SELECT seq FROM event WHERE id = ?", (record.id,)).fetchone()
        return int(found[0])

    def _next_seq(self, kind: Kind) -> int:
        """Asks the file too: another process of the same boot may have been here, or a commit that reported failure."""
        query = "SELECT boot, seq FROM event WHERE kind = ? ORDER BY number DESC LIMIT 1"
        newest = self._connection.execute(query, (kind,)).fetchone()
        stored = newest[1] if newest and newest[0] == self._boot else 0
        return int(max(self._last_seq[kind], stored)) + 1

    def _drop(self, which: str, values: tuple[float, ...] = (), most: int = sys.maxsize) -> int:
        """Deletes so many at most and gives how many; those that were pending enter the tally (see the file's trigger).

        A few at a time: the log of one transaction must fit into the reserve.
        """
        query = f"DELETE FROM event WHERE number IN (SELECT number FROM event WHERE {which} LIMIT ?)"  # noqa: S608  constants only; values are bound

        def work(limit: int) -> int:
            with self._transaction("NORMAL"):
                return self._connection.execute(query, (*values, limit)).rowcount

        gone = 0
        while gone < most:
            limit = min(most - gone, _DROPPED_AT_ONCE)
            some = self._with_reserve(partial(work, limit))
            gone += some
            if some < limit:
                break
        return gone

    def _with_reserve(self, work: Callable[[], _T]) -> _T:
        """Does what must be possible on a full disk as well."""
        with translated(self._path):
            try:
                return work()
            except sqlite3.OperationalError as error:
                if not (is_full(error) and self._reserve.give_up()):
                    raise
            return work()

    @contextmanager
    def _transaction(self, flush: Literal["FULL", "NORMAL"]) -> Iterator[None]:
        """All or nothing. FULL: on the disk when it is over; NORMAL: intact after a power cut, but maybe undone."""
        self._connection.execute(f"PRAGMA synchronous = {flush}")
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
