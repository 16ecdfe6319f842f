"""Which enrolled faces are most like a probe: exact cosines with all of them."""

from __future__ import annotations

import sqlite3

import numpy as np
from numpy.typing import NDArray

from edged.api.directory import FaceFilter, Match
from edged.hub.sqlite.faces import known_faces, numbers_of, those_that_fit
from edged.hub.sqlite.roll import Roll


def nearest_faces(
    connection: sqlite3.Connection, roll: Roll, probe: NDArray[np.float32], count: int, wanted: FaceFilter
) -> list[Match]:
    """The faces that fit and are most like a probe, the most similar first, at most `count`.

    What is returned is there in the state that the connection sees, whatever the roll has. Where people are looked
    for, their few faces are compared; else all are, and the likest asked whether they fit, which most do. Only where
    too few of them do, all that fit are fetched.

    Args:
        connection: within a transaction.
        roll: of the model that made the probe, not older than that transaction.
        probe: float32, shape (dimension,), unit length.
        count: at least 1.
        wanted: without bounds.
    """
    if wanted.key is None and wanted.person is None:
        rows, cosines = _best(roll.cosines(probe), count * 4 + 64)
        fitting = those_that_fit(connection, wanted, roll.faces[rows].tolist())
        if len(fitting) >= count or len(rows) == roll.count - roll.dead:
            return _matches(connection, roll.faces[rows], cosines, fitting, count)
    fitting = set(numbers_of(connection, wanted))
    rows = np.flatnonzero(np.isin(roll.faces, np.array(sorted(fitting), np.int32)))
    places, cosines = _best(roll.cosines(probe, rows), count)
    return _matches(connection, roll.faces[rows[places]], cosines, fitting, count)


def _best(cosines: NDArray[np.float32], count: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """The places of the highest, the highest first, and these; those that are NaN are none."""
    order = -cosines  # NaN comes last, whichever way it is sorted
    places = np.argpartition(order, count)[:count] if count < len(order) else np.arange(len(order))
    places = places[np.argsort(order[places], kind="stable")]
    places = places[~np.isnan(cosines[places])]
    return places, cosines[places]


def _matches(
    connection: sqlite3.Connection,
    numbers: NDArray[np.int32],
    cosines: NDArray[np.float32],
    fitting: set[int],
    count: int,
) -> list[Match]:
    pairs = zip(numbers.tolist(), cosines.tolist(), strict=True)
    chosen = [(number, cosine) for number, cosine in pairs if number in fitting][:count]
    known = known_faces(connection, [number for number, _cosine in chosen])
    return [Match(known[number], cosine) for number, cosine in chosen]
