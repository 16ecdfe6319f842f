"""The tables of people and faces."""

from __future__ import annotations

from typing import Final

DIRECTORY_TABLES: Final = """
CREATE TABLE models (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    dimension INTEGER NOT NULL
) STRICT;

CREATE TABLE people (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL,
    first_name TEXT NOT NULL DEFAULT '',
    last_name TEXT NOT NULL DEFAULT '',
    email TEXT NOT NULL DEFAULT '',
    phone TEXT NOT NULL DEFAULT '',
    created REAL NOT NULL,
    revision INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX people_by_key ON people (key) WHERE key <> '';
CREATE INDEX people_by_revision ON people (revision);

CREATE TABLE faces (
    number INTEGER PRIMARY KEY AUTOINCREMENT CHECK (number BETWEEN 1 AND 2147483647),
    person INTEGER NOT NULL REFERENCES people (number) ON DELETE CASCADE,
    created REAL NOT NULL,
    photo_hash BLOB NOT NULL,
    left INTEGER NOT NULL,
    top INTEGER NOT NULL,
    right INTEGER NOT NULL,
    bottom INTEGER NOT NULL,
    image TEXT NOT NULL
) STRICT;
CREATE INDEX faces_by_person ON faces (person);

CREATE TABLE galleries (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE face_galleries (
    gallery INTEGER NOT NULL REFERENCES galleries (number) ON DELETE CASCADE,
    face INTEGER NOT NULL REFERENCES faces (number) ON DELETE CASCADE,
    PRIMARY KEY (gallery, face)
) STRICT, WITHOUT ROWID;
CREATE INDEX face_galleries_by_face ON face_galleries (face);

CREATE TABLE templates (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    face INTEGER NOT NULL REFERENCES faces (number) ON DELETE CASCADE,
    model INTEGER NOT NULL REFERENCES models (number),
    vector BLOB NOT NULL,
    quality REAL NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (face, model)
) STRICT;

CREATE TABLE crops (
    face INTEGER PRIMARY KEY REFERENCES faces (number) ON DELETE CASCADE,
    jpeg BLOB NOT NULL
) STRICT;

CREATE TABLE departed (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    person TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL,
    revision INTEGER NOT NULL,
    at REAL NOT NULL
) STRICT;
CREATE INDEX departed_by_revision ON departed (revision);

CREATE TABLE gone (
    face INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL
) STRICT;
CREATE INDEX gone_by_revision ON gone (revision);
"""
"""`people.key` is the customer's; those without one have the empty text. `people.revision` grows with every change of
the person or their faces. Every face is in the gallery `default`, which has no row. `templates.vector` is float32,
little-endian, and never changes: a row with a higher number is newer. `departed` says which people were deleted, `gone`
which faces: their numbers alone.
"""
