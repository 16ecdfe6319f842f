"""The models whose vectors there are: each has a number, and a table of its own."""

from __future__ import annotations

from typing import Final

from psycopg import sql

from edged.domain.person import ModelRef
from edged.hub.postgresql.database import Database, Session, only, row
from edged.hub.postgresql.schema import LOCK
from edged.photos.admission import admit_model

_HNSW_M: Final = 32
_HNSW_CONSTRUCTION: Final = 128


def model_number(session: Session, model: ModelRef) -> int | None:
    """The number of a model whose vectors there are; None where there are none."""
    found = row(session, "SELECT number FROM models WHERE digest = %s", model.digest)
    return int(found[0]) if found else None


def known_model(session: Session, model: ModelRef) -> int:
    """The number of a model; where it is new, it gets one, and a table and an index for its vectors.

    Raises:
        Refused: `bad_vector`: see `edged.photos.admission.admit_model`.
    """
    number = _of_dimension(session, model)
    if number is not None:
        return number
    session.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
    number = _of_dimension(session, model)
    if number is not None:
        return number
    number = int(
        only(
            session,
            "INSERT INTO models (name, digest, dimension) VALUES (%s, %s, %s) RETURNING number",
            model.name,
            model.digest,
            model.dimension,
        )
    )
    table = vectors_of(number)
    statement = sql.SQL(
        """
        CREATE TABLE {table} (
            face integer PRIMARY KEY REFERENCES faces (number) ON DELETE CASCADE,
            vector vector({dimension}) NOT NULL,
            quality double precision NOT NULL,
            revision bigint NOT NULL
        );
        ALTER TABLE {table} ALTER COLUMN vector SET STORAGE PLAIN;
        """
    )
    session.execute(statement.format(table=table, dimension=sql.Literal(model.dimension)))
    return number


def _of_dimension(session: Session, model: ModelRef) -> int | None:
    found = row(session, "SELECT number, dimension FROM models WHERE digest = %s", model.digest)
    if found is None:
        return None
    admit_model(model, found[1])
    return int(found[0])


def vectors_of(model: int) -> sql.Identifier:
    """The table of a model's vectors."""
    return sql.Identifier(f"vectors_{model}")


def index_vectors(database: Database, model: ModelRef) -> bool:
    """Makes an index of a model's vectors, for a centre too large to compare all; False where it has no vectors.

    Searches without a filter use it from then on: they take some tens of milliseconds however many there are, and miss
    some faces, see docs/scale.md. Blocks, and keeps writers out, for minutes where there are many vectors.
    """

    def work(session: Session) -> bool:
        number = model_number(session, model)
        if number is None:
            return False
        session.execute("SET LOCAL statement_timeout = 0")
        statement = sql.SQL(
            "CREATE INDEX IF NOT EXISTS {name} ON {table} USING hnsw (vector vector_ip_ops) "
            "WITH (m = {m}, ef_construction = {construction})"
        )
        session.execute(
            statement.format(
                name=sql.Identifier(f"vectors_{number}_near"),
                table=vectors_of(number),
                m=sql.Literal(_HNSW_M),
                construction=sql.Literal(_HNSW_CONSTRUCTION),
            )
        )
        return True

    return database.change(work)
