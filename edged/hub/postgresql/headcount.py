"""How many people have a face that fits: counted once for each state of the server's tables."""

from __future__ import annotations

from typing import Final

from edged.api.directory import FaceFilter
from edged.hub.postgresql.database import Session
from edged.hub.postgresql.faces import count_people
from edged.hub.postgresql.ledger import revision

_MOST: Final = 1000
"""Filters whose count is kept."""


class Headcount:
    """Every identification asks for it; counting a million takes a second. Any thread.

    A count is used only while the server says that nothing has changed since, whichever process would have changed it.
    """

    def __init__(self) -> None:
        self._counted: tuple[int, dict[FaceFilter, int]] = (-1, {})

    def people(self, session: Session, wanted: FaceFilter) -> int:
        """Args: session: that sees one state of the tables, see `Database.glance`."""
        now = revision(session)
        as_of, counts = self._counted
        if as_of != now or len(counts) >= _MOST:
            counts = {}
            self._counted = (now, counts)
        count = counts.get(wanted)
        if count is None:
            count = counts[wanted] = count_people(session, wanted)
        return count
