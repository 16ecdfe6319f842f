"""How many people have a face that fits: counted once for each state of the database."""

from __future__ import annotations

import sqlite3
from typing import Final

from edged.api.directory import FaceFilter
from edged.hub.sqlite.database import revision
from edged.hub.sqlite.faces import count_people

_MOST: Final = 1000
"""Filters whose count is kept."""


class Headcount:
    """Every identification asks for it; counting 100,000 takes milliseconds. Any thread."""

    def __init__(self) -> None:
        self._counted: tuple[int, dict[FaceFilter, int]] = (-1, {})

    def people(self, connection: sqlite3.Connection, wanted: FaceFilter) -> int:
        """As of the state that a connection sees."""
        now = revision(connection)
        as_of, counts = self._counted
        if as_of != now or len(counts) >= _MOST:
            counts = {}
            self._counted = (now, counts)
        count = counts.get(wanted)
        if count is None:
            count = counts[wanted] = count_people(connection, wanted)
        return count
