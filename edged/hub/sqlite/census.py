"""How much the hub's own database holds."""

from __future__ import annotations

from edged.hub.census import Census
from edged.hub.sqlite.database import HubDatabase

_SIZE = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"


def census(database: HubDatabase) -> Census:
    """Counts; blocks for milliseconds with 100,000 faces. Raises as `HubDatabase.reading`."""
    with database.reading() as connection:
        people, faces, photographs = connection.execute(
            "SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM faces), (SELECT count(*) FROM photos)"
        ).fetchone()
        (size,) = connection.execute(_SIZE).fetchone()
    return Census("sqlite", people, faces, photographs, size)
