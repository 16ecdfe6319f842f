"""Who had what done to the people of this device through its interfaces, in the database of the people.

Whoever is forgotten is struck out of it: what remains is that something was done, by whom and when.
"""

from __future__ import annotations

import re
import sqlite3
from typing import Final

from edged.domain.audit import AuditEntry
from edged.domain.person import Person

_MOST: Final = 100_000
"""Entries that are kept, the newest."""
_LONGEST: Final = 1000
_STRUCK_OUT: Final = "[forgotten]"


def record(connection: sqlite3.Connection, at: float, by: str, name: str, act: str, about: str) -> None:
    """One entry more, in the transaction of what it tells; the oldest goes when there are too many."""
    if len(about) > _LONGEST:
        about = about[:_LONGEST].rpartition(" ")[0] + " …"  # no part of a key: it could not be struck out
    (number,) = connection.execute(
        "INSERT INTO audit (at, by, name, act, about) VALUES (?, ?, ?, ?, ?) RETURNING number",
        (at, by, name, act, about),
    ).fetchone()
    connection.execute("DELETE FROM audit WHERE number <= ?", (number - _MOST,))


def strike_out(connection: sqlite3.Connection, person: Person) -> None:
    """Takes a person's key out of every entry; what only looks like the key goes, too."""
    key = re.compile(rf"(?<!\w){re.escape(person.customer_person_id)}(?!\w)")
    rows = connection.execute(
        "SELECT number, about FROM audit WHERE instr(about, ?) > 0", (person.customer_person_id,)
    ).fetchall()
    connection.executemany(
        "UPDATE audit SET about = ? WHERE number = ?",
        [(key.sub(_STRUCK_OUT, about), number) for number, about in rows],
    )


def entries(connection: sqlite3.Connection, limit: int) -> list[AuditEntry]:
    """The newest first."""
    rows = connection.execute(
        "SELECT number, at, by, name, act, about FROM audit ORDER BY number DESC LIMIT ?", (limit,)
    )
    return [AuditEntry(*row) for row in rows]
