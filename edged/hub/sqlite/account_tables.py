"""The table of tokens."""

from __future__ import annotations

from typing import Final

ACCOUNT_TABLES: Final = """
CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    rights TEXT NOT NULL,
    gallery TEXT,
    organisation TEXT,
    device TEXT NOT NULL DEFAULT '',
    created REAL NOT NULL,
    expires REAL,
    revoked REAL,
    used REAL,
    digest BLOB NOT NULL,
    former BLOB,
    former_until REAL
) STRICT, WITHOUT ROWID;
"""
"""`rights` are words with commas. `digest` and `former` are SHA-256 of the token's text, which is kept nowhere. A
revoked token keeps its row, so that the audit log can be read.
"""
