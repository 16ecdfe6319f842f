"""What the device and its centre last agreed on of each person, in the database of the people.

A link is written in the transaction that changes the person, so that no cut in between can leave one without the other.
What differs from it since is what the centre is to be told: there is no other queue.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from edged.domain.person import ModelRef

_MOST_CONFLICTS: Final = 1000
_COLUMNS: Final = "central, person, fields, faces, refused, listing, gone"


@dataclass(frozen=True, slots=True)
class Link:
    """A person whom the centre knows, too.

    Attributes:
        central: the centre's id of theirs; person: ours.
        fields: digest of the fields that both have, see `edged.wire.roster.fields_digest`.
        faces: hashes of the faces that the centre has.
        refused: faces that only one side has, and why, by hash: those the device could not use, and those that the
            centre would not take.
        listing: the number of the last whole list of the centre that had them.
        gone: the centre has deleted them, and the device not yet.
    """

    central: str
    person: str
    fields: str
    faces: frozenset[str]
    refused: Mapping[str, str] = field(default_factory=dict)
    listing: int = 0
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something that both sides had changed, and what became of it.

    Attributes:
        at: when it was noticed, UTC seconds since the epoch.
        central: the centre's id of whom it is about; what: a sentence without a name.
    """

    at: float
    central: str
    what: str


class Links:
    """The links, and what else is kept of the centre. Within a transaction, which is the caller's.

    Args:
        connection: in a transaction; one that writes where something is changed.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, central: Collection[str]) -> dict[str, Link]:
        """Those with these ids of the centre."""
        return {link.central: link for link in self._select("central IN (SELECT value FROM json_each(?))", central)}

    def of(self, people: Collection[str]) -> dict[str, Link]:
        """Those of these people, by our id."""
        return {link.person: link for link in self._select("person IN (SELECT value FROM json_each(?))", people)}

    def all(self) -> list[Link]:
        """All of them; a tenth of a second for 10,000."""
        return self._select("?1 IS NOT NULL", ())

    def put(self, link: Link, *, settled: bool) -> None:
        """Keeps what both sides have in common now.

        Args:
            settled: the person here is that and nothing more; else the centre is still to be told.
        """
        behind = 0 if settled else 1
        self._execute(
            "INSERT OR REPLACE INTO links (central, person, fields, faces, refused, listing, gone, revision)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, coalesce((SELECT revision FROM people WHERE id = ?2), 0) - ?8)",
            *(link.central, link.person, link.fields, json.dumps(sorted(link.faces))),
            *(json.dumps(dict(link.refused), sort_keys=True), link.listing, int(link.gone), behind),
        )

    def drop(self, central: str) -> None:
        self._execute("DELETE FROM links WHERE central = ?", central)

    def mark(self, central: Iterable[str]) -> None:
        """These are deleted at the centre; who is not known is passed over."""
        self._execute("UPDATE links SET gone = 1 WHERE central IN (SELECT value FROM json_each(?))", _array(central))

    def mark_absent(self, listing: int) -> int:
        """Whoever is here and was in no whole list since this one is deleted at the centre; how many are so anew."""
        return self._execute(
            "UPDATE links SET gone = 1 WHERE listing < ? AND NOT gone AND person IN (SELECT id FROM people)", listing
        ).rowcount

    def marked(self, limit: int = -1) -> list[Link]:
        """Those that are deleted at the centre and not yet here; so many at most, or all."""
        return self._select(f"gone <> 0 AND ?1 IS NOT NULL LIMIT {limit:d}", ())

    def count_marked(self) -> int:
        """How many of them are still here."""
        (count,) = self._execute(
            "SELECT count(*) FROM links JOIN people ON people.id = links.person WHERE gone <> 0"
        ).fetchone()
        return int(count)

    def is_touched(self, link: Link) -> bool:
        """Whether something was done here to the person since."""
        row = self._execute(
            "SELECT people.revision > links.revision FROM links JOIN people ON people.id = links.person"
            " WHERE central = ?",
            link.central,
        ).fetchone()
        return bool(row and row[0])

    def count(self) -> int:
        """Links of people who are here."""
        (count,) = self._execute("SELECT count(*) FROM links JOIN people ON people.id = links.person").fetchone()
        return int(count)

    def changed(self, after: int, limit: int) -> list[tuple[int, str]]:
        """Whom the centre does not know as they are here: revision and our id, in the order of the revisions.

        Args:
            after: only revisions higher than that.
        """
        return self._execute(
            "SELECT people.revision, people.id FROM people LEFT JOIN links ON links.person = people.id"
            " WHERE people.revision > ? AND (links.central IS NULL OR (people.revision > links.revision AND NOT gone))"
            " ORDER BY people.revision LIMIT ?",
            *(after, limit),
        ).fetchall()

    def count_changed(self) -> int:
        """How many people and deletions the centre is to be told of."""
        (count,) = self._execute(
            "SELECT count(*) FROM people LEFT JOIN links ON links.person = people.id"
            " WHERE links.central IS NULL OR (people.revision > links.revision AND NOT gone)"
        ).fetchone()
        return int(count) + len(self.orphans())

    def orphans(self) -> list[Link]:
        """Links of people who were deleted here, and the centre has not been told."""
        return self._select("NOT gone AND ?1 IS NOT NULL AND person NOT IN (SELECT id FROM people)", ())

    def hashes(self, person: str, model: ModelRef | None = None) -> frozenset[str]:
        """What names somebody's faces, of one model or of any."""
        rows = self._execute(
            "SELECT DISTINCT photo_hash FROM templates WHERE person = (SELECT number FROM people WHERE id = ?1)"
            " AND (?2 IS NULL OR model = (SELECT number FROM models WHERE digest = ?2))",
            *(person, model and model.digest),
        )
        return frozenset(photo_hash.hex() for (photo_hash,) in rows)

    def progress(self) -> Any:
        """What `keep_progress` was given last; None at first."""
        row = self._execute("SELECT progress FROM sync").fetchone()
        return json.loads(row[0]) if row else None

    def keep_progress(self, progress: Any) -> None:
        """Keeps how far the centre was followed: anything that JSON can say."""
        self._execute("INSERT OR REPLACE INTO sync VALUES (1, ?)", json.dumps(progress))

    def owe(self, link: Link) -> None:
        """The centre is to have a receipt of this person's deletion."""
        self._execute("INSERT OR REPLACE INTO owed VALUES (?, ?)", link.person, link.central)

    def owed(self, limit: int) -> list[tuple[str, str]]:
        """Our id and the centre's of some whose receipt it has not had yet."""
        return self._execute("SELECT person, central FROM owed ORDER BY person LIMIT ?", limit).fetchall()

    def paid(self, people: Iterable[str]) -> None:
        """The centre has the receipts of these people, by our id, or is to have none."""
        self._execute("DELETE FROM owed WHERE person IN (SELECT value FROM json_each(?))", _array(people))

    def note(self, conflict: Conflict) -> None:
        """Keeps a conflict; the oldest goes when there are too many."""
        (number,) = self._execute(
            "INSERT INTO conflicts (at, central, what) VALUES (?, ?, ?) RETURNING number",
            *(conflict.at, conflict.central, conflict.what),
        ).fetchone()
        self._execute("DELETE FROM conflicts WHERE number <= ?", number - _MOST_CONFLICTS)

    def conflicts(self, limit: int) -> list[Conflict]:
        """The newest first."""
        rows = self._execute("SELECT at, central, what FROM conflicts ORDER BY number DESC LIMIT ?", limit)
        return [Conflict(*row) for row in rows]

    def forget_centre(self) -> None:
        """As if no centre had ever been followed: everybody here is the device's own."""
        for table in ("links", "sync", "owed", "conflicts"):
            self._execute(f"DELETE FROM {table}")  # noqa: S608  our own names

    def _select(self, term: str, values: Iterable[str]) -> list[Link]:
        rows = self._execute(f"SELECT {_COLUMNS} FROM links WHERE {term}", _array(values))  # noqa: S608  ours
        return [
            Link(central, person, fields, frozenset(json.loads(faces)), json.loads(refused), listing, bool(gone))
            for central, person, fields, faces, refused, listing, gone in rows
        ]

    def _execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)


def _array(values: Iterable[str]) -> str:
    return json.dumps(list(values))
