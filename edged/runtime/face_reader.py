"""Reading the device's faces beside the keeper: the database on connections of its own, and the snapshot."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.audit import AuditEntry
from edged.domain.errors import Refused
from edged.domain.person import ModelRef, Person
from edged.gallery import audit, faces
from edged.gallery.admission import clean_key
from edged.gallery.database import reading, translated
from edged.gallery.faces import StoredFace, StoredPerson, Which, key_of
from edged.gallery.snapshot import Snapshot

_BUSY_S: Final = 2.0
_TRIES: Final = 3


class FaceReader:
    """Any thread; every method blocks on the disk for a moment, and raises Unavailable where it cannot be read.

    Args:
        path: of the database, which is there.
        model: whose templates are the faces.
        snapshot: the gallery as it is now.
    """

    def __init__(self, path: Path, model: ModelRef, snapshot: Callable[[], Snapshot]) -> None:
        self.model = model
        self._path = path
        self._snapshot = snapshot

    def person(self, *, key: str | None = None, person: str | None = None) -> StoredPerson | None:
        with self._reading() as connection:
            return faces.stored_person(connection, self.model, key=key, person=person)

    def face(self, number: int) -> StoredFace | None:
        with self._reading() as connection:
            return faces.stored_face(connection, self.model, number)

    def faces(self, which: Which, limit: int, *, newest: bool = True) -> list[StoredFace]:
        with self._reading() as connection:
            return faces.stored_faces(connection, self.model, which, limit, newest=newest)

    def keys(self, group: str | None) -> list[tuple[str, int, StoredFace]]:
        with self._reading() as connection:
            return faces.keys_with_faces(connection, self.model, group)

    def galleries(self) -> list[str]:
        with self._reading() as connection:
            return faces.gallery_names(connection)

    def people(self, which: Which) -> int:
        with self._reading() as connection:
            return faces.count_people(connection, self.model, which)

    def audit(self, limit: int) -> list[AuditEntry]:
        """The newest entries."""
        with self._reading() as connection:
            return audit.entries(connection, limit)

    def nearest(
        self, model: ModelRef, vector: NDArray[np.float32], count: int, which: Which
    ) -> list[tuple[StoredFace, float]]:
        """The faces most like a probe with their exact cosines, the most similar first.

        Compares with everybody who fits, on the calling thread. A face that goes while it is compared may be missing
        from the count.
        """
        if vector.shape != (model.dimension,):
            raise ValueError("the vector is not of its model")
        if model != self.model or count < 1:
            return []
        probe = vector.astype(np.float32, copy=False)
        for _try in range(_TRIES):
            places = self._places(self._snapshot(), probe, count, which)
            with self._reading() as connection:
                known = faces.faces_at(connection, model, [place for place, _similarity in places])
            if len(known) == len(places):
                break
        return [(known[place], similarity) for place, similarity in places if place in known]

    def _places(
        self, snapshot: Snapshot, vector: NDArray[np.float32], count: int, which: Which
    ) -> list[tuple[tuple[int, int], float]]:
        """Number of the person and place among theirs, with the cosine."""
        roll = snapshot.roll
        if not roll.templates:
            return []
        matrix = roll.matrix
        scores = matrix.vectors @ vector
        if which == Which():
            scores[roll.dead] = -np.inf
        else:
            which = replace(which, key=_stored(which.key))
            fitting = [row for member in roll.members.values() if _fits(member.person, which) for row in member.rows]
            mine = np.full_like(scores, -np.inf)
            mine[fitting] = scores[fitting]
            scores = mine
        some = min(count, len(scores))
        best = np.argpartition(-scores, some - 1)[:some]
        found = []
        for row in best[np.argsort(-scores[best], kind="stable")].tolist():
            if scores[row] > -np.inf:
                owner = int(matrix.owners[row])
                found.append(((owner, roll.members[owner].rows.index(row)), float(np.clip(scores[row], -1, 1))))
        return found

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """One state of the database."""
        with (
            translated(self._path),
            closing(sqlite3.connect(self._path, timeout=_BUSY_S, isolation_level=None)) as connection,
        ):
            connection.execute("PRAGMA query_only = ON")
            with reading(connection):
                yield connection


def _fits(person: Person, which: Which) -> bool:
    return (
        (which.group is None or (faces.is_gallery_name(which.group) and which.group in person.groups))
        and (which.person is None or which.person == person.id)
        and (which.key is None or which.key == key_of(person))
    )


def _stored(key: str | None) -> str | None:
    """A key as it is stored; one that cannot be equals nobody's."""
    try:
        return key and clean_key(key)
    except Refused:
        return "\0"
