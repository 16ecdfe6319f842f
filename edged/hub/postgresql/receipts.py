"""Who was deleted, and the receipts of devices for it, within somebody else's transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from edged.api.fleet import Departure, KeptReceipt, Place
from edged.domain.errors import Refused
from edged.domain.text import is_storable
from edged.hub.postgresql.database import Session, only, rows
from edged.hub.postgresql.ledger import revision

_LARGEST: Final = 2**63 - 1


def keep_receipts(session: Session, device: str, public_key: str, receipts: Sequence[tuple[str, str]]) -> None:
    """See `edged.api.fleet.Fleet.keep_receipts`."""
    session.execute("INSERT INTO device_keys VALUES (%s, %s) ON CONFLICT DO NOTHING", (device, public_key))
    pinned = only(session, "SELECT public_key FROM device_keys WHERE device = %s", device)
    if pinned != public_key:
        raise Refused(
            "other_key",
            f"the device {device} signs with another key than before",
            "Forget the device at the hub first.",
        )
    now = revision(session)
    with session.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO receipts SELECT %s, %s, %s, %s WHERE EXISTS (SELECT FROM people WHERE id = %s)"
            " OR EXISTS (SELECT FROM departed WHERE person = %s)"
            " ON CONFLICT (person, device) DO UPDATE SET revision = excluded.revision, document = excluded.document",
            [(person, device, now, document, person, person) for person, document in receipts if is_storable(person)],
        )


def read_receipts(session: Session, person: str) -> list[KeptReceipt]:
    """See `edged.api.fleet.Fleet.receipts`."""
    if not is_storable(person):
        return []
    found = rows(session, "SELECT device, revision, document FROM receipts WHERE person = %s ORDER BY device", person)
    return [KeptReceipt(*one) for one in found]


def read_departures(session: Session, below: int | None, limit: int) -> list[Departure]:
    """See `edged.api.fleet.Fleet.departures`."""
    found = rows(
        session,
        "SELECT number, revision, person, at FROM departed WHERE number < %s ORDER BY number DESC LIMIT %s",
        *(_LARGEST if below is None else below, limit),
    )
    receipts: dict[str, dict[str, int]] = defaultdict(dict)
    for person, device, revision_then in rows(
        session,
        "SELECT person, device, revision FROM receipts WHERE person = ANY(%s::text[])",
        [one[2] for one in found],
    ):
        receipts[person][device] = revision_then
    return [
        Departure(number, Place(then, 2 * number), person, at, receipts[person]) for number, then, person, at in found
    ]
