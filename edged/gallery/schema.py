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
    """
    ALTER TABLE people ADD COLUMN key BLOB NOT NULL DEFAULT x'';
    ALTER TABLE people ADD COLUMN print BLOB NOT NULL DEFAULT x'';
    ALTER TABLE templates RENAME TO open_templates;
    DROP INDEX templates_by_revision;

    CREATE TABLE packs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        person INTEGER NOT NULL REFERENCES people (number) ON DELETE CASCADE,
        model INTEGER NOT NULL REFERENCES models (number),
        templates INTEGER NOT NULL,
        sealed BLOB NOT NULL,
        revision INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX packs_by_revision ON packs (revision, model, templates);
    CREATE INDEX packs_by_person ON packs (person);

    CREATE TABLE templates (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL,
        person INTEGER NOT NULL REFERENCES people (number) ON DELETE CASCADE,
        model INTEGER NOT NULL REFERENCES models (number),
        pack INTEGER NOT NULL REFERENCES packs (number) ON DELETE CASCADE,
        quality REAL NOT NULL,
        photo_hash BLOB NOT NULL,
        UNIQUE (person, model, photo_hash)
    ) STRICT;
    CREATE INDEX templates_by_pack ON templates (pack);
    """,
    """
    ALTER TABLE people ADD COLUMN first_name TEXT;
    ALTER TABLE templates ADD COLUMN face INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE templates ADD COLUMN photo BLOB NOT NULL DEFAULT x'';
    ALTER TABLE templates ADD COLUMN created REAL NOT NULL DEFAULT 0;
    ALTER TABLE templates ADD COLUMN box_left INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE templates ADD COLUMN box_top INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE templates ADD COLUMN box_right INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE templates ADD COLUMN box_bottom INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE templates ADD COLUMN image TEXT NOT NULL DEFAULT '';
    UPDATE templates SET
        face = (SELECT min(number) FROM templates AS own
            WHERE own.person = templates.person AND own.photo_hash = templates.photo_hash),
        photo = photo_hash,
        created = (SELECT enrolled_at FROM people WHERE people.number = templates.person),
        image = 'enroll/image_' || substr(lower(hex(photo_hash)), 1, 7) || '.jpg';
    CREATE INDEX templates_by_face ON templates (face);

    CREATE TABLE galleries (
        name TEXT PRIMARY KEY
    ) STRICT;

    CREATE TABLE audit (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        at REAL NOT NULL,
        by TEXT NOT NULL,
        name TEXT NOT NULL,
        act TEXT NOT NULL,
        about TEXT NOT NULL
    ) STRICT;
    """,
    """
    CREATE TABLE links (
        central TEXT PRIMARY KEY,
        person TEXT NOT NULL UNIQUE,
        fields TEXT NOT NULL,
        faces TEXT NOT NULL,
        refused TEXT NOT NULL,
        revision INTEGER NOT NULL,
        listing INTEGER NOT NULL,
        gone INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX links_by_listing ON links (listing);
    CREATE INDEX links_gone ON links (gone) WHERE gone <> 0;

    CREATE TABLE sync (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        progress TEXT NOT NULL
    ) STRICT;

    CREATE TABLE owed (
        person TEXT PRIMARY KEY,
        central TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE conflicts (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        at REAL NOT NULL,
        central TEXT NOT NULL,
        what TEXT NOT NULL
    ) STRICT;
    """,
)
"""Step n takes a database from `user_version` n to n + 1.

`revision` counts every change; each row carries the one that made it, so that a reader fetches only what is newer than
what it knows. `departed` keeps the numbers of deleted people, nothing else of them. `people.groups` has one name a
line, `people.print` is `edged.gallery.fingerprint.person_print`: it shows damage that SQLite does not notice.
`people.key` is the person's own key, sealed: without it nothing of theirs can be read, wherever a copy is left. What
was enrolled at once is one pack, sealed with that key, see `edged.gallery.packs`; `templates` has one row for each of
its vectors, in the order of the pack.

`people.first_name` tells which part of the name that is; NULL where nobody has said so. `templates.face` is the number
of the face in every dialect of the device: of the first row that was made of it, and the same for every model.
`templates.photo` is the hash of the photograph that the face is from; `photo_hash` tells faces of one photograph apart,
too. `galleries` has those that the dialects made; who is in them stands in `people.groups`.

`links` has what a person was when the device and the centre last agreed, see `edged.gallery.links`; it outlives the
person until the centre knows of the deletion. `sync.progress` is how far the centre was followed. `owed` names whose
deletion the centre is still to have a receipt of, `conflicts` what both sides had changed, without a name or a key.
"""
