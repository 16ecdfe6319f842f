"""The tables of devices, their events, and of which life of the directory this is."""

from __future__ import annotations

from typing import Final

FLEET_TABLES: Final = """
CREATE TABLE epoch (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    name TEXT NOT NULL
) STRICT;
INSERT INTO epoch VALUES (1, lower(hex(randomblob(16))));

CREATE TABLE devices (
    name TEXT PRIMARY KEY,
    galleries TEXT,
    seen REAL NOT NULL,
    report TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE device_events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    device TEXT NOT NULL,
    id TEXT NOT NULL,
    kept REAL NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (device, id)
) STRICT;
"""
"""`devices.galleries` is a JSON list, or null for everybody; a device that never reported was `seen` at 0. `epoch` gets
another name when a backup is put back.
"""

SYNC_TABLES: Final = """
CREATE TABLE requests (
    request TEXT PRIMARY KEY,
    person TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE device_keys (
    device TEXT PRIMARY KEY,
    public_key TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE receipts (
    person TEXT NOT NULL,
    device TEXT NOT NULL,
    revision INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (person, device)
) STRICT, WITHOUT ROWID;
"""
"""`requests` says which pushes have made a person, by our ids: sent again, they make no second one, also when the first
is deleted. `receipts` are of devices, for deletions; `device_keys` has what each device signs them with.
"""
