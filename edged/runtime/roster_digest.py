"""The digest of the people whom the device shares with its centre."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from edged.gallery.database import reading, translated
from edged.gallery.faces import is_gallery_name
from edged.gallery.shared_roster import shared_roster
from edged.wire.roster import RosterDigest, fields_digest

_BUSY_S: Final = 5.0


def digest_of(path: Path) -> str:
    """The digest of the people whom the device shares with its centre, see `edged.wire.roster`; blocks for the disk.

    Raises:
        Unavailable, Corrupt: the database cannot be read.
    """
    digest = RosterDigest()
    with (
        translated(path),
        closing(sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)) as connection,
        reading(connection),
    ):
        for item in shared_roster(connection):
            groups = (name for name in item.groups if is_gallery_name(name) and name != "default")
            digest.add(item.central, item.key, fields_digest(item.name, item.email, item.phone, groups), item.faces)
    return digest.value()
