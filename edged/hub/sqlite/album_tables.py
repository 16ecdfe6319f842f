"""The tables of organisations, their events, photographs and searches."""

from __future__ import annotations

from typing import Final

ALBUM_TABLES: Final = """
CREATE TABLE organisations (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL
) STRICT;

CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    organisation INTEGER NOT NULL REFERENCES organisations (number) ON DELETE CASCADE,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    created REAL NOT NULL,
    enabled INTEGER NOT NULL,
    selfie_search INTEGER NOT NULL,
    name_search INTEGER NOT NULL,
    downloads INTEGER NOT NULL,
    threshold REAL NOT NULL,
    photos INTEGER NOT NULL DEFAULT 0,
    faces INTEGER NOT NULL DEFAULT 0,
    removals INTEGER NOT NULL DEFAULT 0,
    UNIQUE (organisation, slug)
) STRICT;

CREATE TABLE photos (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    event INTEGER NOT NULL REFERENCES events (number) ON DELETE CASCADE,
    digest TEXT NOT NULL,
    filename TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    taken REAL,
    added REAL NOT NULL,
    size INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    faces INTEGER NOT NULL,
    UNIQUE (event, digest)
) STRICT;
CREATE INDEX photos_by_time ON photos (event, taken IS NULL, taken, added, number);

CREATE TABLE photo_files (
    photo INTEGER NOT NULL REFERENCES photos (number) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    digest TEXT NOT NULL,
    media_type TEXT NOT NULL,
    PRIMARY KEY (photo, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX photo_files_by_digest ON photo_files (digest);

CREATE TABLE photo_faces (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    photo INTEGER NOT NULL REFERENCES photos (number) ON DELETE CASCADE,
    event INTEGER NOT NULL,
    model INTEGER NOT NULL REFERENCES models (number),
    left INTEGER NOT NULL,
    top INTEGER NOT NULL,
    right INTEGER NOT NULL,
    bottom INTEGER NOT NULL,
    vector BLOB NOT NULL
) STRICT;
CREATE INDEX photo_faces_by_event ON photo_faces (event, model, number);
CREATE INDEX photo_faces_by_photo ON photo_faces (photo);

CREATE TABLE searches (
    event INTEGER NOT NULL REFERENCES events (number) ON DELETE CASCADE,
    request_id TEXT NOT NULL,
    begun REAL NOT NULL,
    confidence REAL,
    photos TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (event, request_id)
) STRICT, WITHOUT ROWID;
"""
"""`events.photos` and `.faces` count what there is; `.removals` grows with each photograph that is deleted: while it
stays, what a reader knows of an event's faces is only ever added to, under higher numbers. `photo_files.digest` is the
name of the file, which several photographs may share. `photo_faces.vector` is float32, little-endian, and never
changes. A search without a confidence is being done, since `begun`; `searches.photos` has one id a line, the best
first.
"""
