"""Tokens, devices, their events and receipts on their way from a hub's SQLite file to a PostgreSQL server."""

from __future__ import annotations

from functools import partial
from typing import Final, LiteralString

from edged.hub.moving_people import copy_rows
from edged.hub.postgresql.database import Database, Session, only
from edged.hub.sqlite.database import HubDatabase

_LINES: Final = 5000
"""Events and receipts that are moved in one transaction."""


def move_fleet(source: HubDatabase, target: Database) -> None:
    """Tokens, devices and receipts, all of them each time: there are few; and the events that are not there yet.

    The life of the directory stays the same: what devices have read of its changes is still what there is.
    """
    with source.reading() as connection:
        (epoch,) = connection.execute("SELECT name FROM epoch").fetchone()
        tokens = connection.execute(
            "SELECT id, name, rights, gallery, organisation, device, created, expires, revoked, used, digest, former,"
            " former_until FROM tokens"
        ).fetchall()
        devices = connection.execute("SELECT name, galleries, seen, report FROM devices").fetchall()
        keys = connection.execute("SELECT device, public_key FROM device_keys").fetchall()

    def work(session: Session) -> None:
        session.execute("UPDATE epoch SET name = %s", (epoch,))
        session.execute("DELETE FROM tokens")
        copy_rows(
            session,
            "COPY tokens (id, name, rights, gallery, organisation, device, created, expires, revoked, used, digest,"
            " former, former_until) FROM STDIN",
            tokens,
        )
        session.execute("DELETE FROM devices")
        copy_rows(session, "COPY devices (name, galleries, seen, report) FROM STDIN", devices)
        session.execute("DELETE FROM device_keys")
        copy_rows(session, "COPY device_keys (device, public_key) FROM STDIN", keys)
        session.execute("DELETE FROM requests")
        session.execute("DELETE FROM receipts")

    target.change(work)
    _move_all(source, target, "SELECT request, person FROM requests", "COPY requests (request, person) FROM STDIN")
    _move_all(
        source,
        target,
        "SELECT person, device, revision, document FROM receipts",
        "COPY receipts (person, device, revision, document) FROM STDIN",
    )
    while _move_events(source, target):
        pass


def _move_all(source: HubDatabase, target: Database, question: str, statement: LiteralString) -> None:
    """Rows of a table that is empty on the server, in one state of the source, some at a time."""
    with source.reading() as connection:
        found = connection.execute(question)
        while lines := found.fetchmany(_LINES):
            target.change(partial(copy_rows, statement=statement, found=lines))


def _move_events(source: HubDatabase, target: Database) -> int:
    last = target.read(lambda session: only(session, "SELECT coalesce(max(number), 0) FROM device_events"))
    with source.reading() as connection:
        events = connection.execute(
            "SELECT number, device, id, kept, document FROM device_events WHERE number > ? ORDER BY number LIMIT ?",
            (last, _LINES),
        ).fetchall()
    statement: Final = "COPY device_events (number, device, id, kept, document) FROM STDIN"
    if events:
        target.change(lambda session: copy_rows(session, statement, events))
    return len(events)
