"""The SQLite file that the rows of events are in: a hub's, or a device's."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from edged.photos.album import Doer


class AlbumDatabase(Protocol):
    """Transactions on the file. Any thread.

    Attributes:
        now: UTC seconds since the epoch; new_id: a new UUID.
    """

    now: Callable[[], float]
    new_id: Callable[[], str]

    def writing(self) -> AbstractContextManager[sqlite3.Connection]:
        """A transaction that writes: all of it, on the disk when the block ends, or nothing. One at a time."""
        ...

    def reading(self) -> AbstractContextManager[sqlite3.Connection]:
        """A connection that sees a single state."""
        ...

    def record(self, connection: sqlite3.Connection, by: Doer, act: str, about: str) -> None:
        """Notes an act, within the transaction of what it tells of."""
        ...
