"""Backups of the people's database: made while it is in use, sealed, and rid of whoever is deleted."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from edged.domain.errors import Corrupt
from edged.vault.private_file import private_directory, private_file
from edged.vault.seal import Seal
from edged.vault.sealed_file import pieces_of, read_sealed, write_sealed

DIRECTORY: Final = "backups"
"""Beside the database."""

_NAME: Final = re.compile(r"r(\d{12})-v(\d+)-\d{8}T\d{6}Z\.sealed")
_CONTEXT: Final = b"backup"
_JUMP: Final = 1_000_000
"""By how much the revision of a database put back is raised, so that no version of the index means two things."""


@dataclass(frozen=True, slots=True, order=True)
class Backup:
    """One backup; those of later revisions sort later.

    Attributes:
        revision: of the database; version: of its schema.
    """

    revision: int
    version: int
    path: Path


class Backups:
    """A folder of backups. Methods raise OSError and sqlite3.Error as they come; the caller translates."""

    def __init__(self, folder: Path, seal: Seal) -> None:
        self._folder = folder
        self._seal = seal

    def all(self) -> list[Backup]:
        """The newest first."""
        found = ((path, _NAME.fullmatch(path.name)) for path in self._folder.glob("*.sealed"))
        return sorted((Backup(int(name[1]), int(name[2]), path) for path, name in found if name), reverse=True)

    def make(self, connection: sqlite3.Connection, now: float) -> Backup:
        """Copies a database as it is at this moment. Blocks; others may read and write it meanwhile.

        Args:
            connection: to it, just opened, since opening reads the whole file and finds damage; outside a transaction.
            now: UTC seconds since the epoch, for the name.
        """
        private_directory(self._folder)
        draft = self._folder / ".draft.db"
        with private_file(draft, durable=False):
            pass  # SQLite would make it readable for all; it takes an empty file as well
        try:
            connection.execute("VACUUM INTO ?", (str(draft),))
            with closing(sqlite3.connect(draft)) as copy:
                (revision,) = copy.execute("SELECT number FROM revision").fetchone()
                (version,) = copy.execute("PRAGMA user_version").fetchone()
            stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
            path = self._folder / f"r{revision:012d}-v{version}-{stamp}.sealed"
            with draft.open("rb") as file:
                write_sealed(path, pieces_of(file), self._seal, _CONTEXT)
        finally:
            draft.unlink(missing_ok=True)
        return Backup(revision, version, path)

    def keep(self, most: int) -> None:
        """Removes all but the newest so many."""
        for backup in self.all()[most:]:
            backup.path.unlink(missing_ok=True)

    def keep_only(self, backup: Backup) -> int:
        """Removes all others: they hold somebody who was deleted since. Returns how many that were."""
        others = [other for other in self.all() if other.path != backup.path]
        for other in others:
            other.path.unlink(missing_ok=True)
        return len(others)

    def unpack(self, backup: Backup, target: Path) -> None:
        """Writes the database of a backup to a file of its own.

        Raises:
            Corrupt: the backup was changed or cut off, or is another device's.
        """
        with private_file(target) as file:
            for piece in read_sealed(backup.path, self._seal, _CONTEXT):
                file.write(piece)


def _verify(connection: sqlite3.Connection) -> None:
    """Reads a whole database.

    Raises:
        Corrupt: something in it is damaged.
        sqlite3.DatabaseError: it is no database at all.
    """
    (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise Corrupt(f"the database is damaged ({verdict})")


def put_back(path: Path, backups: Backups, departed: Collection[str], aside: Callable[[Path], None]) -> Backup:
    """Puts the newest good backup in the place of the database at `path`, which nobody may have open.

    Args:
        path: of the database.
        backups: to choose from.
        departed: ids of people who are not to come back: they are deleted from it first.
        aside: called when a good backup is ready, to move the damaged files out of the way.

    Raises:
        Corrupt: there is no good backup; nothing was changed.
    """
    draft = path.with_name(f".{path.name}.put-back")
    for backup in backups.all():
        try:
            backups.unpack(backup, draft)
            with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
                _verify(connection)
                connection.execute("PRAGMA secure_delete = ON")
                connection.execute("PRAGMA foreign_keys = ON")
                connection.execute("BEGIN")
                connection.executemany("DELETE FROM people WHERE id = ?", [(person,) for person in departed])
                connection.execute("UPDATE revision SET number = number + ?", (_JUMP,))
                connection.execute("COMMIT")
        except (Corrupt, sqlite3.DatabaseError):
            draft.unlink(missing_ok=True)
            continue
        aside(path)
        draft.replace(path)
        return backup
    raise Corrupt(f"there is no good backup of {path}", "Move it away and enrol again, or copy a backup back.")
