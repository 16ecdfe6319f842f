"""`edged.api.fleet.Fleet` on the server."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from edged.api.access import Grant
from edged.api.fleet import Aim, Departure, Device, Enrolled, Fed, Feed, KeptReceipt, KeptRecord, NewEvent, Place, Push
from edged.domain.person import ModelRef
from edged.domain.text import is_storable
from edged.hub.postgresql.audit import record
from edged.hub.postgresql.database import Database, Session, only, row, rows
from edged.hub.postgresql.feed import read_feed, standing
from edged.hub.postgresql.ledger import advance
from edged.hub.postgresql.push import meant, push_person, remove_person
from edged.hub.postgresql.receipts import keep_receipts, read_departures, read_receipts

_MOST: int = 2**63 - 1


class PostgresFleet:
    """Devices and their events in an open `Database`, which is the caller's. Any thread; every method blocks."""

    def __init__(self, database: Database, now: Callable[[], float], new_id: Callable[[], str]) -> None:
        """
        Args:
            database: whose tables are prepared, see `edged.hub.postgresql.schema.prepare`.
            now: UTC seconds since the epoch; new_id: a new UUIDv7.
        """
        self._database = database
        self._now = now
        self._new_id = new_id

    def epoch(self) -> str:
        """See `Fleet.epoch`."""
        return str(self._database.read(lambda session: only(session, "SELECT name FROM epoch")))

    def newest(self) -> tuple[str, int]:
        """See `Fleet.newest`."""
        found = self._database.read(
            lambda session: row(session, "SELECT epoch.name, revision.number FROM epoch, revision")
        )
        assert found is not None  # noqa: S101  both tables have one row
        return str(found[0]), int(found[1])

    def changes(self, after: Place, model: ModelRef, limit: int, galleries: Sequence[str] | None = None) -> Feed:
        """See `Fleet.changes`."""
        return self._database.glance(lambda session: read_feed(session, after, model, limit, galleries))

    def standing(self, person: str) -> Fed | None:
        """See `Fleet.standing`."""
        return self._database.glance(lambda session: standing(session, person))

    def meant(self, aim: Aim) -> str:
        """See `Fleet.meant`."""
        return self._database.glance(lambda session: meant(session, aim))

    def push(self, push: Push, *, by: Grant) -> Enrolled | None:
        """See `Fleet.push`."""
        return self._database.change(lambda session: push_person(session, push, by, self._now(), self._new_id))

    def remove(self, person: str, *, by: Grant) -> bool:
        """See `Fleet.remove`."""
        return self._database.change(lambda session: remove_person(session, person, by, self._now()))

    def keep_receipts(self, device: str, public_key: str, receipts: Sequence[tuple[str, str]]) -> None:
        """See `Fleet.keep_receipts`."""
        self._database.change(lambda session: keep_receipts(session, device, public_key, receipts))

    def receipts(self, person: str) -> Sequence[KeptReceipt]:
        """See `Fleet.receipts`."""
        return self._database.read(lambda session: read_receipts(session, person))

    def departures(self, below: int | None, limit: int) -> Sequence[Departure]:
        """See `Fleet.departures`."""
        return self._database.glance(lambda session: read_departures(session, below, limit))

    def crop(self, number: int) -> bytes | None:
        """See `Fleet.crop`."""
        found = self._database.read(
            lambda session: row(session, "SELECT jpeg FROM crops WHERE face = %s", min(number, _MOST))
        )
        return None if found is None else bytes(found[0])

    def keep_events(self, device: str, events: Sequence[tuple[str, str]]) -> None:
        """See `Fleet.keep_events`."""
        self.keep_all([NewEvent(device, own_id, document) for own_id, document in events])

    def keep_all(self, events: Sequence[NewEvent]) -> None:
        """See `Fleet.keep_all`."""
        now = self._now()

        def work(session: Session) -> None:
            # One after the other, so that numbers become visible in their order and a reader misses none.
            session.execute("LOCK TABLE device_events IN SHARE ROW EXCLUSIVE MODE")
            with session.cursor() as cursor:
                cursor.executemany(
                    "INSERT INTO device_events (device, id, kept, document) VALUES (%s, %s, %s, %s)"
                    " ON CONFLICT (device, id) DO NOTHING",
                    [(event.device, event.id, now, event.document) for event in events],
                )

        if events:
            self._database.change(work)

    def events(self, after: int, limit: int, device: str = "") -> Sequence[KeptRecord]:
        """See `Fleet.events`."""
        if not is_storable(device):
            return []
        found = self._database.read(
            lambda session: rows(
                session,
                "SELECT number, device, id, document FROM device_events WHERE number > %s AND (%s = '' OR device = %s)"
                " ORDER BY number LIMIT %s",
                *(min(after, _MOST), device, device, limit),
            )
        )
        return [KeptRecord(*one) for one in found]

    def report(self, device: str, document: str) -> Device:
        """See `Fleet.report`."""
        found = self._database.change(
            lambda session: row(
                session,
                "INSERT INTO devices (name, galleries, seen, report) VALUES (%s, NULL, %s, %s)"
                " ON CONFLICT (name) DO UPDATE SET seen = excluded.seen, report = excluded.report RETURNING *",
                *(device, self._now(), document),
            )
        )
        return _known(found)

    def device(self, name: str) -> Device | None:
        """See `Fleet.device`."""
        if not is_storable(name):
            return None
        found = self._database.read(lambda session: row(session, "SELECT * FROM devices WHERE name = %s", name))
        return None if found is None else _device(*found)

    def devices(self) -> Sequence[Device]:
        """See `Fleet.devices`."""
        found = self._database.read(lambda session: rows(session, "SELECT * FROM devices ORDER BY name"))
        return [_device(*one) for one in found]

    def assign(self, device: str, galleries: Sequence[str] | None, *, by: Grant) -> Device:
        """See `Fleet.assign`."""
        text = None if galleries is None else json.dumps(sorted(set(galleries)))

        def work(session: Session) -> Device:
            advance(session)  # so that the device is told that there is something to ask for
            found = row(
                session,
                "INSERT INTO devices (name, galleries, seen, report) VALUES (%s, %s, 0, '{}')"
                " ON CONFLICT (name) DO UPDATE SET galleries = excluded.galleries RETURNING *",
                *(device, text),
            )
            record(session, by, "assign_device", device, self._now())
            return _known(found)

        return self._database.change(work)

    def forget_device(self, name: str, *, by: Grant) -> bool:
        """See `Fleet.forget_device`."""

        def work(session: Session) -> bool:
            known = session.execute("DELETE FROM devices WHERE name = %s", (name,)).rowcount
            known += session.execute("DELETE FROM device_keys WHERE device = %s", (name,)).rowcount
            if not known:
                return False
            record(session, by, "forget_device", name, self._now())
            return True

        return is_storable(name) and self._database.change(work)


def _known(found: Sequence[Any] | None) -> Device:
    assert found is not None  # noqa: S101  what was just written is answered
    return _device(*found)


def _device(name: str, galleries: str | None, seen: float, report: str) -> Device:
    names: Any = None if galleries is None else tuple(json.loads(galleries))
    return Device(name, names, seen, report)
