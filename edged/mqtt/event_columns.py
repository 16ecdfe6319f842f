"""What the kept events are searched by: columns that SQLite reads out of the records, and two indexes on them."""

from __future__ import annotations

import sqlite3
from typing import Final

_PERSON: Final = (
    "json_extract(record, '{0}.id') || char(10) || json_extract(record, '{0}.customer_person_id')"
    " || char(10) || coalesce(json_extract(record, '{0}.name'), '')"
)
_COLUMNS: Final = {
    "visit": "json_extract(record, '$.visit')",
    "camera": "json_extract(record, '$.camera')",
    "outcome": "json_extract(record, '$.outcome')",
    "door": "json_extract(record, '$.door')",
    "verdict": "json_extract(record, '$.verdict')",
    # Whom a stranger resembles is no answer to the question who was there.
    "who": (
        "CASE WHEN json_extract(record, '$.person.id') NOT NULL"
        f" THEN {_PERSON.format('$.person')}"
        " WHEN json_extract(record, '$.outcome') = 'known' AND json_extract(record, '$.best.person.id') NOT NULL"
        f" THEN {_PERSON.format('$.best.person')}"
        " ELSE char(10) || char(10) || coalesce(json_extract(record, '$.stranger'),"
        " json_extract(record, '$.ticket.name'), json_extract(record, '$.by')) END"
    ),
}
"""`who` is the id, the customer's key and the name of whoever was recognised, one a line; of a stranger the pseudonym,
of a visitor what the pass is for, of an opening by hand whose hand it was, alone on the third line; NULL of everybody
else. The columns hold nothing by themselves: what is taken out of a record is gone from them, and from the indexes, in
the same statement."""
_INDEXES: Final = {
    # All that a search asks stands in it, so that one who looks through everything never touches the records.
    "event_timeline": "number, kind, decided, visit, camera, outcome, door, verdict, who",
    "event_visit": "visit, kind, number",
}


def make_searchable(connection: sqlite3.Connection) -> None:
    """Adds columns and indexes to the table `event` where they are missing; raises as SQLite does.

    Blocks: about a second for 100,000 events that are there already, once.
    """
    there = {name for _, name, *_ in connection.execute("PRAGMA table_xinfo(event)")}
    missing = {name: value for name, value in _COLUMNS.items() if name not in there}
    if not missing:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for name, value in missing.items():
            connection.execute(
                f"ALTER TABLE event ADD COLUMN {name} TEXT"
                f" GENERATED ALWAYS AS (CASE WHEN json_valid(record) THEN {value} END) VIRTUAL"
            )
        for index, columns in _INDEXES.items():
            connection.execute(f"DROP INDEX IF EXISTS {index}")
            connection.execute(f"CREATE INDEX {index} ON event ({columns})")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
