"""Which photographs of an event somebody is in: an exact scan of all its faces, which are kept in memory."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.api.albums import Found
from edged.domain.person import ModelRef

_MOST_BYTES: Final = 256 * 1024 * 1024
"""Of the vectors of events that were searched last: 130,000 faces of 512 numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class _Faces:
    """All faces of an event with vectors of one model, in some state of the database.

    Attributes:
        removals: how many photographs had been deleted from the event; last: number of the newest face.
        photos: number of each face's photograph, int64; vectors: float32, a row for each.
    """

    removals: int
    last: int
    photos: NDArray[np.int64]
    vectors: NDArray[np.float32]


class AlbumFaces:
    """Searches events. What it keeps in memory is brought up to date by what was added since. Any thread.

    Args:
        most_bytes: of memory; the events that were searched longest ago go first, the last one stays.
    """

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, str], _Faces] = OrderedDict()

    def like(
        self, connection: sqlite3.Connection, event: int, model: ModelRef, probe: NDArray[np.float32], least: float
    ) -> Sequence[Found]:
        """See `edged.api.albums.Albums.like`; in the state that the connection sees."""
        faces = self._current(connection, event, model)
        if not len(faces.photos):
            return []
        similarities = faces.vectors @ probe.astype(np.float32)
        near = np.flatnonzero(similarities >= least)
        order = near[np.argsort(-similarities[near], kind="stable")]
        best: dict[int, float] = {}
        for photo, similarity in zip(faces.photos[order].tolist(), similarities[order].tolist(), strict=True):
            best.setdefault(photo, similarity)
        ids = dict(
            connection.execute(
                "SELECT number, id FROM photos WHERE number IN (SELECT value FROM json_each(?))",
                (json.dumps(list(best)),),
            )
        )
        # Another thread may have brought in photographs that this connection does not see yet.
        return [
            Found(ids[photo], max(-1.0, min(1.0, similarity))) for photo, similarity in best.items() if photo in ids
        ]

    def _current(self, connection: sqlite3.Connection, event: int, model: ModelRef) -> _Faces:
        key = (event, model.digest)
        with self._lock:
            kept = self._kept.get(key)
        (removals,) = connection.execute("SELECT removals FROM events WHERE number = ?", (event,)).fetchone() or (0,)
        if kept is None or kept.removals != removals:
            empty = np.empty((0, model.dimension), np.float32)
            kept = _Faces(removals, 0, np.empty(0, np.int64), empty)
        faces = _with_newer(connection, event, model, kept)
        with self._lock:
            self._kept[key] = faces
            self._kept.move_to_end(key)
            while len(self._kept) > 1 and sum(one.vectors.nbytes for one in self._kept.values()) > self._most_bytes:
                self._kept.popitem(last=False)
        return faces


def _with_newer(connection: sqlite3.Connection, event: int, model: ModelRef, known: _Faces) -> _Faces:
    rows = connection.execute(
        "SELECT number, photo, vector FROM photo_faces WHERE event = ? AND number > ?"
        " AND model = (SELECT number FROM models WHERE digest = ?) ORDER BY number",
        (event, known.last, model.digest),
    ).fetchall()
    if not rows:
        return known
    vectors = np.frombuffer(b"".join(row[2] for row in rows), "<f4").reshape(len(rows), model.dimension)
    return _Faces(
        known.removals,
        rows[-1][0],
        np.concatenate([known.photos, np.array([row[1] for row in rows], np.int64)]),
        np.concatenate([known.vectors, vectors.astype(np.float32)]),
    )
