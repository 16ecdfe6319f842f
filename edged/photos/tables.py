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

BOOTH_TABLES: Final = """
ALTER TABLE events ADD COLUMN id TEXT NOT NULL DEFAULT '';
UPDATE events SET id = lower(
    hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
    || '-8' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))
);
CREATE UNIQUE INDEX events_by_id ON events (id);
ALTER TABLE events ADD COLUMN closed REAL;
ALTER TABLE events ADD COLUMN closes REAL;
ALTER TABLE events ADD COLUMN expires REAL;
ALTER TABLE events ADD COLUMN consent TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN consent_version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE events ADD COLUMN keeps_selfies INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN keeps_originals INTEGER NOT NULL DEFAULT 1;
ALTER TABLE events ADD COLUMN is_moderated INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN forgets_faces INTEGER NOT NULL DEFAULT 1;
ALTER TABLE events ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN guests_forgotten INTEGER NOT NULL DEFAULT 0;

ALTER TABLE photos ADD COLUMN standing TEXT NOT NULL DEFAULT 'shown';
ALTER TABLE photos ADD COLUMN source TEXT NOT NULL DEFAULT 'upload';

ALTER TABLE searches ADD COLUMN done REAL NOT NULL DEFAULT 0;
ALTER TABLE searches ADD COLUMN model INTEGER REFERENCES models (number);
ALTER TABLE searches ADD COLUMN vector BLOB;
ALTER TABLE searches ADD COLUMN consent INTEGER;
ALTER TABLE searches ADD COLUMN selfie TEXT;
ALTER TABLE searches ADD COLUMN renewals INTEGER NOT NULL DEFAULT 0;
UPDATE searches SET done = begun WHERE confidence IS NOT NULL;
CREATE INDEX searches_by_request ON searches (request_id);
CREATE INDEX searches_by_selfie ON searches (selfie) WHERE selfie IS NOT NULL;

CREATE TABLE denials (
    event INTEGER NOT NULL,
    request_id TEXT NOT NULL,
    photo INTEGER NOT NULL REFERENCES photos (number) ON DELETE CASCADE,
    PRIMARY KEY (event, request_id, photo),
    FOREIGN KEY (event, request_id) REFERENCES searches (event, request_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX denials_by_photo ON denials (photo);

CREATE TABLE reports (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    event INTEGER NOT NULL REFERENCES events (number) ON DELETE CASCADE,
    photo INTEGER NOT NULL REFERENCES photos (number) ON DELETE CASCADE,
    request_id TEXT,
    reason TEXT NOT NULL,
    at REAL NOT NULL,
    hides INTEGER NOT NULL,
    UNIQUE (photo, request_id)
) STRICT;
CREATE INDEX reports_by_search ON reports (event, request_id);

CREATE TABLE purges (
    event TEXT PRIMARY KEY,
    organisation TEXT NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    at REAL NOT NULL,
    tally TEXT NOT NULL,
    digests TEXT NOT NULL,
    report TEXT NOT NULL DEFAULT '',
    salt TEXT NOT NULL,
    done_by TEXT NOT NULL,
    files INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE album_changes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    organisation TEXT NOT NULL,
    event TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    by TEXT NOT NULL,
    at REAL NOT NULL,
    UNIQUE (event, kind, id)
) STRICT;
INSERT INTO album_changes (organisation, event, kind, id, by, at)
    SELECT organisations.slug, events.id, 'event', events.id, '', created
    FROM events JOIN organisations ON organisations.number = organisation;
INSERT INTO album_changes (organisation, event, kind, id, by, at)
    SELECT organisations.slug, events.id, 'photo', photos.id, '', added FROM photos
    JOIN events ON events.number = event JOIN organisations ON organisations.number = organisation;
INSERT INTO album_changes (organisation, event, kind, id, by, at)
    SELECT organisations.slug, events.id, 'search', request_id, '', done FROM searches
    JOIN events ON events.number = event JOIN organisations ON organisations.number = organisation
    WHERE confidence IS NOT NULL;
"""
"""`events.photos` counts those that are shown from here on, and `.waiting` those that nobody has let through yet.
`searches.vector` is what was searched with, as `photo_faces.vector`; `.selfie` the digest of its file where it is kept.
`reports.request_id` is NULL where the guest was forgotten since: the report stays.
`purges.tally` is JSON; `.digests` has one mark a line, see `edged.photos.purge_mark`.
`album_changes` has the latest change of each thing, when it was, and who made it, who is not told of it.
A row for a photograph that is gone stays until its event is purged, and one for an event stays for good.
"""

REVISION_COLUMN: Final = """
ALTER TABLE album_changes ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
"""
"""See `edged.photos.kept`."""

MODEL_TABLE: Final = """
CREATE TABLE models (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    dimension INTEGER NOT NULL
) STRICT;
"""
"""Whose vectors there are. A hub has it from its people's tables."""
