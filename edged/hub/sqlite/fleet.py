"""`edged.api.fleet.Fleet` in the hub's own database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from edged.api.access import Grant
from edged.api.fleet import Aim, Departure, Device, Enrolled, Fed, Feed, KeptReceipt, KeptRecord, NewEvent, Place, Push
from edged.domain.person import ModelRef
from edged.hub.sqlite.database import HubDatabase, advance
from edged.hub.sqlite.feed import read_feed, standing
from edged.hub.sqlite.push import meant, push_person, remove_person
from edged.hub.sqlite.receipts import keep_receipts, read_departures, read_receipts


class SqliteFleet:
    """Devices and their events in an open `HubDatabase`, which is the caller's. Any thread; every method blocks."""

    def __init__(self, database: HubDatabase) -> None:
        self._database = database

    def epoch(self) -> str:
        """See `Fleet.epoch`."""
        with self._database.reading() as connection:
            (name,) = connection.execute("SELECT name FROM epoch").fetchone()
        return str(name)

    def newest(self) -> tuple[str, int]:
        """See `Fleet.newest`."""
        with self._database.reading() as connection:
            epoch, revision = connection.execute("SELECT epoch.name, revision.number FROM epoch, revision").fetchone()
        return str(epoch), int(revision)

    def changes(self, after: Place, model: ModelRef, limit: int, galleries: Sequence[str] | None = None) -> Feed:
        """See `Fleet.changes`."""
        with self._database.reading() as connection:
            return read_feed(connection, after, model, limit, galleries)

    def standing(self, person: str) -> Fed | None:
        """See `Fleet.standing`."""
        with self._database.reading() as connection:
            return standing(connection, person)

    def meant(self, aim: Aim) -> str:
        """See `Fleet.meant`."""
        with self._database.reading() as connection:
            return meant(connection, aim)

    def push(self, push: Push, *, by: Grant) -> Enrolled | None:
        """See `Fleet.push`."""
        with self._database.writing() as connection:
            return push_person(self._database, connection, push, by)

    def remove(self, person: str, *, by: Grant) -> bool:
        """See `Fleet.remove`."""
        with self._database.writing() as connection:
            return remove_person(self._database, connection, person, by)

    def keep_receipts(self, device: str, public_key: str, receipts: Sequence[tuple[str, str]]) -> None:
        """See `Fleet.keep_receipts`."""
        with self._database.writing() as connection:
            keep_receipts(connection, device, public_key, receipts)

    def receipts(self, person: str) -> Sequence[KeptReceipt]:
        """See `Fleet.receipts`."""
        with self._database.reading() as connection:
            return read_receipts(connection, person)

    def departures(self, below: int | None, limit: int) -> Sequence[Departure]:
        """See `Fleet.departures`."""
        with self._database.reading() as connection:
            return read_departures(connection, below, limit)

    def crop(self, number: int) -> bytes | None:
        """See `Fleet.crop`."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT jpeg FROM crops WHERE face = ?", (number,)).fetchone()
        return None if row is None else bytes(row[0])

    def keep_events(self, device: str, events: Sequence[tuple[str, str]]) -> None:
        """See `Fleet.keep_events`."""
        self.keep_all([NewEvent(device, own_id, document) for own_id, document in events])

    def keep_all(self, events: Sequence[NewEvent]) -> None:
        """See `Fleet.keep_all`."""
        now = self._database.now()
        with self._database.writing() as connection:
            connection.executemany(
                "INSERT INTO device_events (device, id, kept, document) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (device, id) DO NOTHING",
                [(event.device, event.id, now, event.document) for event in events],
            )

    def events(self, after: int, limit: int, device: str = "") -> Sequence[KeptRecord]:
        """See `Fleet.events`."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT number, device, id, document FROM device_events WHERE number > ?1 AND (?3 = '' OR device = ?3)"
                " ORDER BY number LIMIT ?2",
                (after, limit, device),
            ).fetchall()
        return [KeptRecord(*row) for row in rows]

    def report(self, device: str, document: str) -> Device:
        """See `Fleet.report`."""
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO devices VALUES (?, NULL, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET seen = excluded.seen, report = excluded.report",
                (device, self._database.now(), document),
            )
            return _known(connection, device)

    def device(self, name: str) -> Device | None:
        """See `Fleet.device`."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT * FROM devices WHERE name = ?", (name,)).fetchone()
        return None if row is None else _device(*row)

    def devices(self) -> Sequence[Device]:
        """See `Fleet.devices`."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT * FROM devices ORDER BY name").fetchall()
        return [_device(*row) for row in rows]

    def assign(self, device: str, galleries: Sequence[str] | None, *, by: Grant) -> Device:
        """See `Fleet.assign`."""
        text = None if galleries is None else json.dumps(sorted(set(galleries)))
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO devices VALUES (?, ?, 0, '{}')"
                " ON CONFLICT (name) DO UPDATE SET galleries = excluded.galleries",
                (device, text),
            )
            self._database.record(connection, by, "assign_device", device)
            advance(connection)  # so that the device is told that there is something to ask for
            return _known(connection, device)

    def forget_device(self, name: str, *, by: Grant) -> bool:
        """See `Fleet.forget_device`."""
        with self._database.writing() as connection:
            known = connection.execute("DELETE FROM devices WHERE name = ?", (name,)).rowcount
            known += connection.execute("DELETE FROM device_keys WHERE device = ?", (name,)).rowcount
            if not known:
                return False
            self._database.record(connection, by, "forget_device", name)
            return True


def renew_epoch(connection: sqlite3.Connection) -> None:
    """Begins another life of the directory: after a backup was put back, within that transaction."""
    connection.execute("UPDATE epoch SET name = lower(hex(randomblob(16)))")


def _known(connection: sqlite3.Connection, name: str) -> Device:
    return _device(*connection.execute("SELECT * FROM devices WHERE name = ?", (name,)).fetchone())


def _device(name: str, galleries: str | None, seen: float, report: str) -> Device:
    names: Any = None if galleries is None else tuple(json.loads(galleries))
    return Device(name, names, seen, report)
