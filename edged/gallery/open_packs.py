"""Templates taken out of their sealed packs, and packs sealed anew without one of theirs."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edged.domain.person import ModelRef
from edged.gallery.packs import Locked, PersonKeys, lock, unlock
from edged.gallery.rows import Owner


@dataclass(frozen=True, slots=True, eq=False)
class Pack:
    """An opened pack: its number, whose vectors they are, and the numbers of their rows."""

    number: int
    model: ModelRef
    rows: Sequence[int]
    vectors: NDArray[np.float32]


class OpenPacks:
    """Within the transaction of whoever changes people.

    Args:
        keys: open what is sealed.
    """

    def __init__(self, connection: sqlite3.Connection, keys: PersonKeys) -> None:
        self._connection = connection
        self._keys = keys

    def opened(self, row: int) -> Pack:
        """The pack that a template lies in."""
        pack, person, own_id, key, count, sealed, *model = self._execute(
            "SELECT packs.number, people.number, people.id, people.key, packs.templates, packs.sealed, models.name,"
            " models.digest, models.dimension FROM templates JOIN packs ON packs.number = templates.pack"
            " JOIN people ON people.number = packs.person JOIN models ON models.number = packs.model"
            " WHERE templates.number = ?",
            row,
        ).fetchone()
        rows = [number for (number,) in self._execute("SELECT number FROM templates WHERE pack = ? ORDER BY 1", pack)]
        ref = ModelRef(*model)
        vectors = unlock(self._keys, [Locked(person, own_id, key, count, sealed)], ref).vectors
        return Pack(pack, ref, rows, vectors)

    def reseal(self, owner: Owner, pack: Pack, *, without: int) -> None:
        """Seals a pack anew without a template, whose row is elsewhere by now."""
        left = [vector for row, vector in zip(pack.rows, pack.vectors, strict=True) if row != without]
        if not left:
            self._execute("DELETE FROM packs WHERE number = ?", pack.number)
            return
        sealed = lock(owner.seal, owner.person.id, owner.person.customer_person_id, left, pack.model)
        self._execute("UPDATE packs SET sealed = ?, templates = ? WHERE number = ?", sealed, len(left), pack.number)

    def _execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)
