"""Bringing an older database up to date: forward only, step by step, after a backup."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np

from edged.domain.errors import Corrupt, Unsupported
from edged.domain.person import ModelRef
from edged.gallery.database import Verdict, writing
from edged.gallery.fingerprint import person_print
from edged.gallery.packs import PersonKeys, lock
from edged.gallery.rows import COLUMNS, person_of
from edged.gallery.schema import STEPS
from edged.vault.seal import KEY_BYTES, Seal


def migrate(
    connection: sqlite3.Connection,
    verdict: Verdict,
    path: Path,
    keys: PersonKeys,
    backup: Callable[[sqlite3.Connection], object],
) -> None:
    """Brings the database to the schema of this edged, in one transaction: done or not begun.

    Args:
        connection: to it, outside a transaction; another process may do the same at the same time.
        verdict: waited for before anything is changed.
        path: names it in errors.
        keys: makes and opens people's keys.
        backup: keeps a copy of a database that is older, before anything is changed.

    Raises:
        Unsupported: a newer edged wrote it.
        Corrupt: its tables are not as its version has them.
    """
    _verify_tables(connection, _version(connection, path))
    if _version(connection, path) == len(STEPS):
        return
    verdict()
    if _version(connection, path) > 0:
        backup(connection)
    with writing(connection):
        for number in range(_version(connection, path), len(STEPS)):
            _take(connection, number)
            if number in _AFTER:
                _AFTER[number](connection, keys)
        connection.execute(f"PRAGMA user_version = {len(STEPS)}")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the log holds what was there before


def _version(connection: sqlite3.Connection, path: Path) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(STEPS):
        raise Unsupported(
            f"the gallery {path} was written by a newer edged (its format is {version}, known is {len(STEPS)})",
            "Install that version again, or restore a backup made before the update.",
        )
    return int(version)


def _take(connection: sqlite3.Connection, number: int) -> None:
    for statement in STEPS[number].split(";"):
        connection.execute(statement)


def _verify_tables(connection: sqlite3.Connection, version: int) -> None:
    """Compares what the database says of its tables with those that the steps make: damage there looks like a bug."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as model:
        for number in range(version):
            _take(model, number)
            if number in _AFTER:
                _AFTER[number](model, PersonKeys(Seal(bytes(KEY_BYTES))))
        if model.execute(_TABLES).fetchall() != connection.execute(_TABLES).fetchall():
            raise Corrupt("its tables are not what they should be")


def _seal_templates(connection: sqlite3.Connection, keys: PersonKeys) -> None:
    """Gives everybody a key, and moves their templates into packs that are sealed with it."""
    models = {
        number: ModelRef(name, digest, dimension)
        for number, name, digest, dimension in connection.execute("SELECT number, name, digest, dimension FROM models")
    }
    for number, *row in connection.execute(f"SELECT number, {COLUMNS} FROM people").fetchall():  # noqa: S608  names
        person = person_of(tuple(row))
        key = keys.new(person.id)
        values = (key, person_print(person), number)
        connection.execute("UPDATE people SET key = ?, print = ? WHERE number = ?", values)
        rows = connection.execute(
            "SELECT model, revision, id, vector, quality, photo_hash FROM open_templates"
            " WHERE person = ? ORDER BY model, revision, number",
            (number,),
        ).fetchall()
        for (model, revision), group in groupby(rows, key=lambda row: row[:2]):
            templates = [row[2:] for row in group]
            vectors = [np.frombuffer(vector, "<f4").astype(np.float32) for _id, vector, *_ in templates]
            sealed = lock(keys.open(person.id, key), person.id, person.customer_person_id, vectors, models[model])
            (pack,) = connection.execute(
                "INSERT INTO packs (person, model, templates, sealed, revision) VALUES (?, ?, ?, ?, ?)"
                " RETURNING number",
                (number, model, len(vectors), sealed, revision),
            ).fetchone()
            connection.executemany(
                "INSERT INTO templates (id, person, model, pack, quality, photo_hash) VALUES (?, ?, ?, ?, ?, ?)",
                [(own, number, model, pack, quality, photo) for own, _vector, quality, photo in templates],
            )
    connection.execute("DROP TABLE open_templates")


_TABLES: Final = "SELECT CAST(type || name || tbl_name || coalesce(sql, '') AS BLOB) FROM sqlite_master ORDER BY name"
_AFTER: Final[Mapping[int, Callable[[sqlite3.Connection, PersonKeys], None]]] = {1: _seal_templates}
"""What a step does that SQL cannot."""
