"""Copies of the hub's database: made while it is in use, and made fit to take its place."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from edged.domain.errors import Corrupt
from edged.hub.sqlite.database import SCHEMA, damaged, translated
from edged.hub.sqlite.fleet import renew_epoch
from edged.vault.private_file import private_file, sync_directory

_JUMP: Final = 1_000_000
"""By how much numbers are raised where nobody can tell which were given since the copy was made."""
_PEOPLE: Final = """
INSERT INTO departed (person, key, revision, at)
    SELECT person, key, revision, at FROM old.departed WHERE person NOT IN (SELECT person FROM departed);
INSERT INTO gone SELECT number, 0 FROM faces
    WHERE person IN (SELECT number FROM people WHERE id IN (SELECT person FROM departed));
DELETE FROM people WHERE id IN (SELECT person FROM departed);
INSERT INTO gone SELECT * FROM old.gone WHERE face NOT IN (SELECT face FROM gone);
DELETE FROM faces WHERE number IN (SELECT face FROM gone);
INSERT INTO audit SELECT * FROM old.audit WHERE number > (SELECT coalesce(max(number), 0) FROM audit);
UPDATE revision SET number = max(number, (SELECT number FROM old.revision));
UPDATE sqlite_sequence AS here
    SET seq = (SELECT max(seq, here.seq) FROM old.sqlite_sequence WHERE name = here.name)
    WHERE name IN (SELECT name FROM old.sqlite_sequence);
INSERT INTO sqlite_sequence SELECT * FROM old.sqlite_sequence WHERE name NOT IN (SELECT name FROM sqlite_sequence);
"""
"""What the database that is replaced knows better: who and which faces were deleted since, who did what, and which
numbers were used.
"""
_TOKENS: Final = "DELETE FROM tokens; INSERT INTO tokens SELECT * FROM old.tokens"
"""And which tokens are valid: one that was revoked since does not become valid again."""

_RECEIPTS: Final = """
INSERT OR REPLACE INTO receipts SELECT * FROM old.receipts;
DELETE FROM device_keys;
INSERT INTO device_keys SELECT * FROM old.device_keys
"""
"""And what devices have proved since, and with which keys."""

_ALBUMS: Final = """
INSERT OR IGNORE INTO purges SELECT * FROM old.purges;
DELETE FROM events WHERE id IN (SELECT event FROM purges);
DELETE FROM album_changes WHERE event IN (SELECT event FROM purges);
INSERT OR REPLACE INTO album_changes (organisation, event, kind, id, by, at)
    SELECT organisation, event, kind, id, by, at FROM old.album_changes AS c
    WHERE event IN (SELECT event FROM purges) OR kind = 'photo' AND id NOT IN (SELECT id FROM old.photos)
    OR kind = 'search' AND NOT EXISTS (SELECT 1 FROM old.searches AS s JOIN old.events AS e ON e.number = s.event
        WHERE e.id = c.event AND s.request_id = c.id);
DELETE FROM photos WHERE id NOT IN (SELECT id FROM old.photos)
    AND id IN (SELECT id FROM old.album_changes WHERE kind = 'photo');
DELETE FROM searches WHERE EXISTS (SELECT 1 FROM old.album_changes AS c JOIN events AS e ON e.id = c.event
        WHERE e.number = searches.event AND c.kind = 'search' AND c.id = searches.request_id)
    AND NOT EXISTS (SELECT 1 FROM old.searches AS s JOIN old.events AS o ON o.number = s.event
        JOIN events AS e ON e.id = o.id WHERE e.number = searches.event AND s.request_id = searches.request_id);
DELETE FROM photo_faces WHERE number NOT IN (SELECT number FROM old.photo_faces)
    AND photo IN (SELECT p.number FROM photos AS p JOIN old.photos AS o ON o.id = p.id AND o.number = p.number);
UPDATE photos SET standing = (SELECT standing FROM old.photos AS o WHERE o.id = photos.id)
    WHERE id IN (SELECT id FROM old.photos);
UPDATE photos SET faces = (SELECT count(*) FROM photo_faces WHERE photo = photos.number);
UPDATE events SET removals = removals + 1,
    photos = (SELECT count(*) FROM photos WHERE event = events.number AND standing = 'shown'),
    waiting = (SELECT count(*) FROM photos WHERE event = events.number AND standing = 'waiting'),
    faces = (SELECT count(*) FROM photo_faces WHERE event = events.number)
"""
"""And which events were purged since, which photographs were deleted or taken away from guests, and which guests were
forgotten. Their files go when the hub starts.
"""


def copy_database(path: Path, target: Path) -> None:
    """Copies a database, as it is at this moment, to a file that only its owner may read. Blocks, perhaps for minutes;
    others read and write meanwhile, as much as they like. The copy holds nothing of what was deleted.

    Args:
        path: of the database.
        target: of the copy; a file that is there is replaced when the copy is whole.

    Raises:
        Unavailable: no space, no permission.
        Corrupt: the database is damaged; `target` stays as it was.
    """
    draft = target.with_name(f".{target.name}.draft")
    with translated(path):
        draft.unlink(missing_ok=True)
        with private_file(draft, durable=False):
            pass  # SQLite would make it readable for all; it takes an empty file as well
        try:
            with closing(sqlite3.connect(path, isolation_level=None)) as connection:
                connection.execute("VACUUM INTO ?", (str(draft),))
            with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
                _verify(connection, path)
            _sync(draft)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        sync_directory(target.parent)


def make_fit(copy: Path, old: Path) -> None:
    """Changes a copy so that it can take the place of a database. Blocks; on the disk when it returns.

    Devices will fetch everybody anew. No number is given twice. Where the database that is to be replaced can still be
    read, whoever and whatever was deleted since the copy was made does not come back, the audit log goes on, and tokens
    are as they were at last.

    Args:
        copy: nobody else uses it; it has no files beside it when this returns.
        old: the database whose place it will take, which nobody uses; it may be damaged, or not there.

    Raises:
        Corrupt: the copy is damaged, or no copy of a hub's database.
        Unsupported: a newer edged made it.
        Unavailable: no space, no permission.
    """
    with translated(copy), closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        for pragma in ("journal_mode = DELETE", "synchronous = FULL", "secure_delete = ON", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")
        _verify(connection, copy)
        SCHEMA.bring_up_to_date(connection, copy)
        if not _carry_over(connection, old):
            connection.execute("UPDATE sqlite_sequence SET seq = seq + ?", (_JUMP,))
        connection.execute("UPDATE revision SET number = number + 1")
        renew_epoch(connection)


def _verify(connection: sqlite3.Connection, path: Path) -> None:
    (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if verdict != "ok":
        raise damaged(path, verdict)
    if not tables:
        raise Corrupt(f"{path} is empty", "Take another one")


def _carry_over(connection: sqlite3.Connection, old: Path) -> bool:
    """Takes over what the database that is replaced knows better; whether it could be read."""
    if not old.exists():
        return False
    try:
        connection.execute("ATTACH ? AS old", (str(old),))
        connection.execute("BEGIN")
        tables = {name for (name,) in connection.execute("SELECT name FROM old.sqlite_master WHERE type = 'table'")}
        better = {"people": _PEOPLE, "tokens": _TOKENS, "receipts": _RECEIPTS, "purges": _ALBUMS}
        for statement in ";".join(words for table, words in better.items() if table in tables).split(";"):
            connection.execute(statement)
        connection.execute("COMMIT")
    except sqlite3.DatabaseError:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        return False
    finally:
        if any(name == "old" for _number, name, _file in connection.execute("PRAGMA database_list")):
            connection.execute("DETACH old")
    return True


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
