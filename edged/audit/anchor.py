"""What the oldest entry of a chain follows: its beginning, or the last entry that was removed because of its age."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass

from edged.audit.mark import Marker
from edged.domain.errors import Corrupt


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the entries that are here begin.

    Attributes:
        chain: id of the chain.
        number: of the newest entry that was removed; 0 where none was.
        hash: of that entry; of the chain's beginning where there was none, see `genesis`.
        mark: the device's, as it was read; empty where it is to be made.
    """

    chain: str
    number: int
    hash: bytes
    mark: bytes = b""


def genesis(chain: str) -> Anchor:
    """The anchor of a new chain. Its hash is the SHA-256 of `edged audit ` and the chain's id."""
    return Anchor(chain, 0, hashlib.sha256(b"edged audit " + chain.encode()).digest())


def read_anchor(connection: sqlite3.Connection) -> Anchor:
    """The chain's anchor, whether or not its mark is right.

    Raises:
        Corrupt: there is none.
        sqlite3.Error: it cannot be read.
    """
    row = connection.execute("SELECT chain, number, hash, mark FROM anchor").fetchone()
    if row is None:
        raise Corrupt("its anchor is missing")
    chain, number, hash_, mark = row
    if not (all(map(isinstance, (chain, number, hash_, mark), (str, int, bytes, bytes)))):
        raise Corrupt("its anchor is none")
    return Anchor(chain, number, hash_, mark)


def keep_anchor(connection: sqlite3.Connection, anchor: Anchor, marker: Marker) -> None:
    """Writes a new chain's anchor, in the transaction that lays the file out. Raises sqlite3.Error."""
    mark = marker.anchor(anchor.number, anchor.hash)
    connection.execute(
        "INSERT INTO anchor (one, chain, number, hash, mark) VALUES (1, ?, ?, ?, ?)",
        (anchor.chain, anchor.number, anchor.hash, mark),
    )


def move_anchor(connection: sqlite3.Connection, anchor: Anchor, marker: Marker) -> int:
    """Puts the anchor further on and removes what is before it; how many entries went. Raises sqlite3.Error."""
    connection.execute(
        "UPDATE anchor SET number = ?, hash = ?, mark = ?",
        (anchor.number, anchor.hash, marker.anchor(anchor.number, anchor.hash)),
    )
    return connection.execute("DELETE FROM entry WHERE number <= ?", (anchor.number,)).rowcount
