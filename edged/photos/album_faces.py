"""Which photographs of an event somebody is in, over rows in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edged.domain.person import ModelRef
from edged.photos import search_rows
from edged.photos.event_faces import EventFaces, KeptFaces
from edged.photos.likeness import Likeness, same_guest
from edged.photos.photo import Standing
from edged.photos.search import Found


class AlbumFaces(KeptFaces):
    """Searches events. Any thread."""

    def like(
        self,
        connection: sqlite3.Connection,
        event: int,
        model: ModelRef,
        probe: NDArray[np.float32],
        least: float,
        sure: float,
    ) -> Sequence[Found]:
        """See `edged.api.albums.Albums.like`; in the state that the connection sees."""
        _faces, found = self._found(connection, event, model, probe, least, sure)
        # Another thread may have brought in photographs that this connection does not see yet.
        ids = dict(
            connection.execute(
                "SELECT number, id FROM photos WHERE number IN (SELECT value FROM json_each(?)) AND standing = ?",
                (json.dumps([one.photo for one in found]), Standing.SHOWN),
            )
        )
        return [Found(ids[one.photo], max(-1.0, one.similarity)) for one in found if one.photo in ids]

    def theirs(
        self,
        connection: sqlite3.Connection,
        event: int,
        model: ModelRef,
        probe: NDArray[np.float32],
        least: float,
        sure: float,
        photos: Sequence[str],
    ) -> Sequence[int]:
        """The numbers of the faces that `like` finds, and of all as near by themselves in these photographs."""
        faces, found = self._found(connection, event, model, probe, least, sure)
        query = "SELECT number FROM photos WHERE event = ? AND id IN (SELECT value FROM json_each(?))"
        numbers = [row[0] for row in connection.execute(query, (event, json.dumps(photos)))]
        return faces.theirs(probe, least, found, numbers)

    def _found(
        self,
        connection: sqlite3.Connection,
        event: int,
        model: ModelRef,
        probe: NDArray[np.float32],
        least: float,
        sure: float,
    ) -> tuple[EventFaces, Sequence[Likeness]]:
        def newer(last: int) -> Sequence[tuple[int, int, bytes]]:
            return connection.execute(
                "SELECT number, photo, vector FROM photo_faces WHERE event = ? AND number > ?"
                " AND model = (SELECT number FROM models WHERE digest = ?) ORDER BY number",
                (event, last, model.digest),
            ).fetchall()

        (removals,) = connection.execute("SELECT removals FROM events WHERE number = ?", (event,)).fetchone() or (0,)
        faces = self.current(event, model, removals, newer)
        denied = search_rows.denied(connection, event, model, probe, same_guest(least, sure))
        return faces, faces.found(probe, least, sure, denied)
