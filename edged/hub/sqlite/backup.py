"""Copies of the hub's database: made while it is in use, and put back while it is not."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from edged.domain.errors import Corrupt, Unsupported
from edged.hub.sqlite.database import HubDatabase, only_user, translated
from edged.hub.sqlite.schema import APPLICATION, STEPS
from edged.vault.private_file import private_file, sync_directory

_UNKNOWN: Final = 1_000_000
"""How many faces may have been enrolled since a backup, where nobody can tell any more: their numbers are skipped."""
_CARRY_OVER: Final = """
INSERT INTO departed SELECT * FROM old.departed WHERE person NOT IN (SELECT person FROM departed);
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
numbers were used."""


def back_up(database: HubDatabase, target: Path) -> None:
    """Copies a database, as it is at this moment, to a file that only its owner may read. Blocks, perhaps for minutes;
    others read and write meanwhile.

    Args:
        database: to copy.
        target: of the copy; a file that is there is replaced when the copy is whole.

    Raises:
        Unavailable: no space, no permission.
        Corrupt: the database is damaged; `target` stays as it was.
    """
    draft = target.with_name(f".{target.name}.draft")
    with translated(database.path):
        draft.unlink(missing_ok=True)
        with private_file(draft, durable=False):
            pass  # SQLite would make it readable for all; it takes an empty file as well
        try:
            with closing(sqlite3.connect(database.path, isolation_level=None)) as connection:
                connection.execute("VACUUM INTO ?", (str(draft),))
            _sync(draft)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        sync_directory(target.parent)


def restore(backup: Path, path: Path) -> None:
    """Puts a copy back in the place of the database at `path`, which nobody may have open. Blocks, perhaps for minutes.

    Where the database that is replaced can still be read, whoever was deleted since the copy was made does not come
    back, and the audit log goes on. Photographs of events are files beside it, and not part of this.

    Raises:
        Unavailable: somebody has the database open; no space, no permission.
        Corrupt: the copy is damaged, or no copy of a hub's database; nothing was changed.
        Unsupported: a newer edged made it; nothing was changed.
    """
    draft = path.with_name(f".{path.name}.restored")
    with translated(path), only_user(path):
        try:
            with private_file(draft) as file, backup.open("rb") as source:
                shutil.copyfileobj(source, file)
            with translated(backup), closing(sqlite3.connect(draft, isolation_level=None)) as connection:
                _verify(connection, backup)
                _prepare(connection, path)
            _sync(draft)
            # Without its log the old database is no longer whole: from here on there is only forward.
            for log in ("-wal", "-shm"):
                path.with_name(path.name + log).unlink(missing_ok=True)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        sync_directory(path.parent)


def _verify(connection: sqlite3.Connection, backup: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if application != APPLICATION or verdict != "ok":
        raise Corrupt(f"{backup} is damaged, or no copy of a hub's database", "Take another one")
    if version > len(STEPS):
        raise Unsupported(f"a newer edged made {backup}", "Install that one again")


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    for pragma in ("journal_mode = DELETE", "secure_delete = ON", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
    if not _carry_over(connection, path):
        connection.execute("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'faces'", (_UNKNOWN,))
    connection.execute("UPDATE revision SET number = number + 1, epoch = lower(hex(randomblob(8)))")


def _carry_over(connection: sqlite3.Connection, path: Path) -> bool:
    """Takes over what the database that is replaced knows better; whether it could be read."""
    if not path.exists():
        return False
    try:
        connection.execute("ATTACH ? AS old", (str(path),))
        connection.execute("BEGIN")
        for statement in _CARRY_OVER.split(";"):
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
