"""The tables of the gallery, as the steps that made them. Steps are only ever added at the end."""

from __future__ import annotations

from typing import Final

STEPS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE revision (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        number INTEGER NOT NULL
    ) STRICT;
    INSERT INTO revision VALUES (1, 0);

    CREATE TABLE models (
        number INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        digest TEXT NOT NULL UNIQUE,
        dimension INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE people (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        customer_person_id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        email TEXT NOT NULL,
        phone TEXT NOT NULL,
        notes TEXT NOT NULL,
        groups TEXT NOT NULL,
        valid_from REAL,
        valid_until REAL,
        enrolled_at REAL NOT NULL,
        revision INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX people_by_revision ON people (revision);

    CREATE TABLE templates (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL,
        person INTEGER NOT NULL REFERENCES people (number) ON DELETE CASCADE,
        model INTEGER NOT NULL REFERENCES models (number),
        vector BLOB NOT NULL,
        quality REAL NOT NULL,
        photo_hash BLOB NOT NULL,
        print BLOB NOT NULL,
        revision INTEGER NOT NULL,
        UNIQUE (person, model, photo_hash)
    ) STRICT;
    CREATE INDEX templates_by_revision ON templates (revision);

    CREATE TABLE departed (
        person INTEGER PRIMARY KEY,
        revision INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX departed_by_revision ON departed (revision);
    """,
)
"""Step n takes a database from `user_version` n to n + 1.

`revision` counts every change; each row carries the one that made it, so that a reader fetches only what is newer than
what it knows. `departed` keeps the numbers of deleted people, nothing else of them. `people.groups` has one name a
line. `templates.vector` is float32, little-endian; `print` is that of `edged.gallery.fingerprint`.
"""
