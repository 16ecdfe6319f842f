"""Which photographs of an event somebody is in: an exact scan of all its faces, which are kept in memory."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.person import ModelRef
from edged.photos import search_rows
from edged.photos.album import Found, Standing
from edged.photos.likeness import Likeness, alike

_MOST_BYTES: Final = 256 * 1024 * 1024
"""Of the vectors of events that were searched last: 130,000 faces of 512 numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class _Faces:
    """All faces of an event with vectors of one model, in some state of the database.

    Attributes:
        removals: how often templates had been deleted from the event.
        numbers, photos: of each face, and of its photograph, int64, growing; vectors: float32, a row for each.
    """

    removals: int
    numbers: NDArray[np.int64]
    photos: NDArray[np.int64]
    vectors: NDArray[np.float32]


class AlbumFaces:
    """Searches events. What it keeps in memory is brought up to date by what was added since. Any thread.

    Args:
        most_bytes: of memory; the events that were searched longest ago go first, the last one stays.
    """

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        # Never changed, only replaced: of two threads that replace it at once one has read its faces for nothing.
        self._kept: Mapping[tuple[int, str], _Faces] = {}

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
        found = self._found(connection, event, model, probe, least, sure)
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
        faces = self._current(connection, event, model)
        query = "SELECT number FROM photos WHERE event = ? AND id IN (SELECT value FROM json_each(?))"
        shown = [row[0] for row in connection.execute(query, (event, json.dumps(photos)))]
        near = np.isin(faces.photos, shown) & (faces.vectors @ probe.astype(np.float32) >= least)
        near[[one.face for one in self._found(connection, event, model, probe, least, sure)]] = True
        numbers: list[int] = faces.numbers[near].tolist()
        return numbers

    def forget_all_but(self, events: Collection[int]) -> None:
        """Lets go of what is in memory of other events. Cheap where there is none."""
        if any(event not in events for event, _model in self._kept):
            self._kept = {key: faces for key, faces in self._kept.items() if key[0] in events}

    def _found(
        self,
        connection: sqlite3.Connection,
        event: int,
        model: ModelRef,
        probe: NDArray[np.float32],
        least: float,
        sure: float,
    ) -> Sequence[Likeness]:
        faces = self._current(connection, event, model)
        if not len(faces.photos):
            return ()
        # Two selfies are one person's from where two faces are one for certain.
        denied = search_rows.denied(connection, event, model, probe, sure if sure <= 1 else least)
        hidden = np.isin(faces.photos, list(denied)) if denied else None
        return alike(probe, faces.vectors, faces.photos, least=least, sure=sure, denied=hidden)

    def forget(self, event: int) -> None:
        """Lets go of what is kept in memory of an event."""
        self._kept = {one: faces for one, faces in self._kept.items() if one[0] != event}

    def _current(self, connection: sqlite3.Connection, event: int, model: ModelRef) -> _Faces:
        key = (event, model.digest)
        known = self._kept.get(key)
        (removals,) = connection.execute("SELECT removals FROM events WHERE number = ?", (event,)).fetchone() or (0,)
        if known is None or known.removals != removals:
            none = np.empty(0, np.int64)
            known = _Faces(removals, none, none, np.empty((0, model.dimension), np.float32))
        faces = _with_newer(connection, event, model, known)
        kept = {one: theirs for one, theirs in self._kept.items() if one != key}
        while kept and sum(one.vectors.nbytes for one in (*kept.values(), faces)) > self._most_bytes:
            del kept[next(iter(kept))]
        self._kept = {**kept, key: faces}
        return faces


def _with_newer(connection: sqlite3.Connection, event: int, model: ModelRef, known: _Faces) -> _Faces:
    rows = connection.execute(
        "SELECT number, photo, vector FROM photo_faces WHERE event = ? AND number > ?"
        " AND model = (SELECT number FROM models WHERE digest = ?) ORDER BY number",
        (event, known.numbers[-1].item() if len(known.numbers) else 0, model.digest),
    ).fetchall()
    if not rows:
        return known
    vectors = np.frombuffer(b"".join(row[2] for row in rows), "<f4").reshape(len(rows), model.dimension)
    return _Faces(
        known.removals,
        np.concatenate([known.numbers, np.array([row[0] for row in rows], np.int64)]),
        np.concatenate([known.photos, np.array([row[1] for row in rows], np.int64)]),
        np.concatenate([known.vectors, vectors.astype(np.float32)]),
    )
