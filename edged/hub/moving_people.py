"""People and faces on their way from a hub's SQLite file to a PostgreSQL server, while others may be changing them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Final, LiteralString

import numpy as np
from psycopg import sql

from edged.domain.person import ModelRef
from edged.hub.postgresql.database import Database, Session, only, row
from edged.hub.postgresql.models import known_model, vectors_of
from edged.hub.postgresql.vectors import written
from edged.hub.sqlite.database import HubDatabase

_BATCH: Final = 500
"""People that are moved in one transaction."""
_THOSE: Final = "IN (SELECT value FROM json_each(?))"


def move_people(source: HubDatabase, target: Database) -> int:
    """Moves the next people who have changed since the last call; how many changes that were, 0 when there are no more.

    Whoever has changed again meanwhile has a higher revision, and comes again. Deletions come first: their keys may
    have been given to others. What is moved, and how far that is, is one transaction of the server: it may be cut off
    at any moment and begun again.
    """
    with source.reading() as connection:
        revision, number, departures = target.read(_cursor)
        gone = connection.execute(
            "SELECT number, person, key, revision, at FROM departed WHERE revision > ? ORDER BY revision", (departures,)
        ).fetchall()
        lost = connection.execute("SELECT face, revision FROM gone WHERE revision > ?", (departures,)).fetchall()
        people = connection.execute(
            "SELECT number, id, key, first_name, last_name, email, phone, created, revision FROM people"
            " WHERE (revision, number) > (?, ?) ORDER BY revision, number LIMIT ?",
            (revision, number, _BATCH),
        ).fetchall()
        numbers = json.dumps([person[0] for person in people])
        faces = connection.execute(
            "SELECT number, person, created, lower(hex(photo_hash)), left, top, right, bottom, image FROM faces"  # noqa: S608  our words
            f" WHERE person {_THOSE} ORDER BY number",
            (numbers,),
        ).fetchall()
        of_faces = json.dumps([face[0] for face in faces])
        crops = connection.execute(f"SELECT face, jpeg FROM crops WHERE face {_THOSE}", (of_faces,)).fetchall()  # noqa: S608  ours
        members = connection.execute(
            "SELECT galleries.name, face FROM face_galleries JOIN galleries ON galleries.number = gallery"  # noqa: S608  our words
            f" WHERE face {_THOSE}",
            (of_faces,),
        ).fetchall()
        vectors = connection.execute(
            "SELECT models.name, models.digest, models.dimension, face, vector, quality, revision FROM templates"  # noqa: S608  our words
            f" JOIN models ON models.number = model WHERE face {_THOSE} ORDER BY model, face",
            (of_faces,),
        ).fetchall()
        galleries = [name for (name,) in connection.execute("SELECT name FROM galleries")]

    def work(session: Session) -> None:
        _remove(session, "people", "id", "text", [person[1] for person in gone])
        _remove(session, "people", "number", "bigint", [person[0] for person in people])
        _remove(session, "faces", "number", "integer", [face[0] for face in faces])
        session.execute("DELETE FROM galleries WHERE name <> ALL(%s::text[])", (galleries,))
        session.execute("INSERT INTO galleries (name) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING", (galleries,))
        copy_rows(session, "COPY departed (number, person, key, revision, at) FROM STDIN", gone)
        copy_rows(session, "COPY gone (face, revision) FROM STDIN", lost)
        copy_rows(
            session,
            "COPY people (number, id, key, first_name, last_name, email, phone, created, revision) FROM STDIN",
            people,
        )
        copy_rows(
            session,
            "COPY faces (number, person, created, photo_hash, box_left, box_top, box_right, box_bottom, image)"
            " FROM STDIN",
            faces,
        )
        copy_rows(session, "COPY crops (face, jpeg) FROM STDIN", crops)
        with session.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO face_galleries (gallery, face) SELECT number, %s FROM galleries WHERE name = %s",
                [(face, gallery) for gallery, face in members],
            )
        _copy_vectors(session, vectors)
        session.execute(
            "UPDATE migration SET revision = %s, number = %s, departures = %s",
            (
                people[-1][8] if people else revision,
                people[-1][0] if people else number,
                max([departures, *(person[3] for person in gone), *(face[1] for face in lost)]),
            ),
        )

    if people or gone or lost or galleries != target.read(_gallery_names):
        target.change(work)
    return len(people) + len(gone)


def settle_people(session: Session, connection: sqlite3.Connection) -> None:
    """The counters: numbers that were used, also by those who are gone, are not used again."""
    (revision,) = connection.execute("SELECT number FROM revision").fetchone()
    session.execute("UPDATE revision SET number = %s", (revision,))
    settle_numbers(session, connection, ("people", "faces", "departed", "audit", "device_events"))


def settle_numbers(session: Session, connection: sqlite3.Connection, tables: Sequence[LiteralString]) -> None:
    """Sets the counters of tables to where those of the SQLite file are."""
    for table in tables:
        used = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
        if used and used[0]:  # 0 where a step wrote the rows of none
            session.execute("SELECT setval(pg_get_serial_sequence(%s, 'number'), %s)", (table, used[0]))


def copy_rows(session: Session, statement: LiteralString, found: Iterable[Sequence[Any]]) -> None:
    """Sends rows in one go."""
    with session.cursor() as cursor, cursor.copy(statement) as copy:
        for values in found:
            copy.write_row(values)


def unpacked_here(vector: bytes) -> str:
    """A vector of the SQLite file as pgvector reads it."""
    return written(np.frombuffer(vector, "<f4").astype(np.float32))


def _copy_vectors(session: Session, found: Sequence[Sequence[Any]]) -> None:
    by_model: dict[ModelRef, list[Sequence[Any]]] = {}
    for name, digest, dimension, *vector in found:
        by_model.setdefault(ModelRef(name, digest, dimension), []).append(vector)
    for model, vectors in by_model.items():
        statement = sql.SQL("COPY {} (face, vector, quality, revision) FROM STDIN")
        table = vectors_of(known_model(session, model))
        with session.cursor() as cursor, cursor.copy(statement.format(table)) as copy:
            for face, vector, quality, revision in vectors:
                copy.write_row((face, unpacked_here(vector), quality, revision))


def _remove(session: Session, table: LiteralString, column: LiteralString, kind: LiteralString, values: Any) -> None:
    session.execute(f"DELETE FROM {table} WHERE {column} = ANY(%s::{kind}[])", (values,))  # noqa: S608  ours


def _cursor(session: Session) -> tuple[int, int, int]:
    found = row(session, "SELECT revision, number, departures FROM migration")
    if found is None:
        raise RuntimeError("no migration was begun")
    return int(found[0]), int(found[1]), int(found[2])


def _gallery_names(session: Session) -> list[str]:
    names: list[str] = only(session, "SELECT coalesce(array_agg(name ORDER BY name), '{}') FROM galleries")
    return names
