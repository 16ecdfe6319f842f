"""What became of a hub's copies of events that were purged: a device's own rows."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from edged.photos.album_database import AlbumDatabase

COPIES_TABLE: Final = """
CREATE TABLE purged_copies (
    event TEXT NOT NULL,
    hub TEXT NOT NULL,
    report TEXT NOT NULL,
    PRIMARY KEY (event, hub)
) STRICT, WITHOUT ROWID;
"""
"""`purged_copies.report` is JSON, signed."""


class PurgedCopies:
    """Reports of what hubs removed, by the event. Any thread; blocks for the disk."""

    def __init__(self, database: AlbumDatabase) -> None:
        self._database = database

    def note(self, event: str, hub: str, report: Mapping[str, Any]) -> None:
        """Keeps a report in the place of a former one of the same hub."""
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO purged_copies (event, hub, report) VALUES (?, ?, ?)",
                (event, hub, json.dumps(report)),
            )

    def of(self, event: str) -> Sequence[Mapping[str, Any]]:
        """Of one event, by its id."""
        with self._database.reading() as connection:
            query = "SELECT report FROM purged_copies WHERE event = ? ORDER BY hub"
            return [json.loads(report) for (report,) in connection.execute(query, (event,))]

    def reports(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """All of them, by the event's id; none of an event of which no hub has said anything."""
        found: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
        with self._database.reading() as connection:
            for event, report in connection.execute("SELECT event, report FROM purged_copies ORDER BY event, hub"):
                found[event].append(json.loads(report))
        return dict(found)
