"""Who was deleted, and the receipts of devices for it, within somebody else's transaction."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence

from edged.api.fleet import Departure, KeptReceipt, Place
from edged.domain.errors import Refused
from edged.domain.text import is_storable
from edged.hub.sqlite.database import revision


def keep_receipts(
    connection: sqlite3.Connection, device: str, public_key: str, receipts: Sequence[tuple[str, str]]
) -> None:
    """See `edged.api.fleet.Fleet.keep_receipts`."""
    connection.execute("INSERT INTO device_keys VALUES (?, ?) ON CONFLICT DO NOTHING", (device, public_key))
    (pinned,) = connection.execute("SELECT public_key FROM device_keys WHERE device = ?", (device,)).fetchone()
    if pinned != public_key:
        raise Refused(
            "other_key",
            f"the device {device} signs with another key than before",
            "Forget the device at the hub first.",
        )
    now = revision(connection)
    connection.executemany(
        "INSERT INTO receipts SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM people WHERE id = ?1)"
        " OR EXISTS (SELECT 1 FROM departed WHERE person = ?1)"
        " ON CONFLICT (person, device) DO UPDATE SET revision = excluded.revision, document = excluded.document",
        [(person, device, now, document) for person, document in receipts if is_storable(person)],
    )


def read_receipts(connection: sqlite3.Connection, person: str) -> list[KeptReceipt]:
    """See `edged.api.fleet.Fleet.receipts`."""
    if not is_storable(person):
        return []
    rows = connection.execute(
        "SELECT device, revision, document FROM receipts WHERE person = ? ORDER BY device", (person,)
    )
    return [KeptReceipt(*row) for row in rows]


def read_departures(connection: sqlite3.Connection, below: int | None, limit: int) -> list[Departure]:
    """See `edged.api.fleet.Fleet.departures`."""
    rows = connection.execute(
        "SELECT number, revision, person, at FROM departed WHERE ?1 IS NULL OR number < ?1"
        " ORDER BY number DESC LIMIT ?2",
        (below, limit),
    ).fetchall()
    receipts: dict[str, dict[str, int]] = defaultdict(dict)
    for person, device, revision_then in connection.execute(
        "SELECT person, device, revision FROM receipts WHERE person IN (SELECT value FROM json_each(?))",
        (json.dumps([row[2] for row in rows]),),
    ):
        receipts[person][device] = revision_then
    return [
        Departure(number, Place(then, 2 * number), person, at, receipts[person]) for number, then, person, at in rows
    ]
