"""Reading the audit log, and finding out whether it is as the device wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

from edged.audit.anchor import Anchor, read_anchor
from edged.audit.comparison import Found, faults_of, origins_of
from edged.audit.entry import Entry, hash_of
from edged.audit.head import Head, read_head
from edged.audit.ledger_file import HEAD_FILE, WORDS, is_laid_out, open_to_read
from edged.audit.mark import Marker, is_same
from edged.audit.rows import COLUMNS, row_of, rows
from edged.audit.selection import Selection
from edged.audit.verification import MOST_FAULTS, Fault, Kind, Verification
from edged.domain.errors import Corrupt, Refused
from edged.domain.progress import Progress, quiet
from edged.vault.database_file import transaction

_MOST_COMPARED: Final = 300_000
"""In a longer chain that is damaged, only the first entry that is not right is named."""
_TOLD: Final = 5000


class Records:
    """The audit log, to read. Belongs to one thread; others may add to it meanwhile. Changes nothing.

    Args:
        path: of the database; secret: of the device, for this purpose.

    Raises:
        Unavailable: there is none, or it cannot be read.
        Corrupt: it is damaged; Refused: `newer_database`.
    """

    def __init__(self, path: Path, secret: bytes) -> None:
        self._path = path
        self._secret = secret
        self._connection = open_to_read(path)

    @classmethod
    def open(cls, path: Path, secret: bytes) -> Self:
        """The audit log at `path`. Blocks for the disk."""
        return cls(path, secret)

    def close(self) -> None:
        """Closes the database."""
        self._connection.close()

    def entries(self, selection: Selection, *, limit: int, before: int | None = None) -> list[Entry]:
        """Entries that a selection has, the newest first, whether or not the chain is whole. Blocks for the disk only.

        Args:
            limit: so many at most; before: only those with a lower number: the next page.

        Raises:
            Corrupt, Unavailable: it cannot be read.
        """
        condition, values = selection.condition()
        if before is not None:
            condition, values = f"{condition} AND number < ?", [*values, before]
        statement = f"SELECT {COLUMNS} FROM entry WHERE {condition} ORDER BY number DESC LIMIT ?"  # noqa: S608  our own words
        with WORDS.translated(self._path):
            if not is_laid_out(self._connection):
                return []  # another process is about to begin it
            found = self._connection.execute(statement, (*values, limit))
            return [row.entry for row in map(row_of, found) if row.entry is not None]

    def head(self) -> Head:
        """Where the chain ends now, by its newest entry.

        Raises:
            Corrupt, Unavailable: it cannot be read.
        """
        with self._at_one_moment() as anchor:
            row = self._connection.execute("SELECT number, hash FROM entry ORDER BY number DESC LIMIT 1").fetchone()
            number, hash_ = row or (anchor.number, anchor.hash)
            return Head(anchor.chain, number, hash_, anchor.number)

    @contextmanager
    def whole(self, since: float | None = None) -> Iterator[tuple[Anchor, int, Iterator[Entry]]]:
        """The chain from a moment to its end, as it is now: what its first entry follows, how many entries there are,
        and the entries. To be read within the block.

        Args:
            since: UTC seconds; it begins with the first entry that is not older. None: with the oldest there is.

        Raises:
            Corrupt, Unavailable: it cannot be read.
        """
        connection = self._connection
        with WORDS.translated(self._path):
            connection.execute("BEGIN")
        try:
            with WORDS.translated(self._path):
                begin = self._begin(self._anchor(), since)
                counted = connection.execute("SELECT count(*) FROM entry WHERE number > ?", (begin.number,))
                (count,) = counted.fetchone()
            yield begin, count, self._after(begin.number)
        finally:
            connection.execute("ROLLBACK")

    def verify(self, noted: Head | None = None, progress: Progress = quiet) -> Verification:
        """Reads the whole chain and says what is wrong with it. Blocks: about 35,000 entries a second of one core.

        Args:
            noted: a head that somebody noted elsewhere, which this chain must have.
            progress: told how far it is.

        Raises:
            Unavailable: it cannot be read.
        """
        head, head_fault = self._kept_head()
        try:
            with self._at_one_moment() as anchor:
                return self._verified(anchor, head, head_fault, noted, progress)
        except Corrupt as damage:
            return Verification("", 0, 0, 0, (Fault(Kind.UNREADABLE, 0, 0, damage.what),), head=head)

    def _verified(
        self, anchor: Anchor, head: Head | None, head_fault: str, noted: Head | None, progress: Progress
    ) -> Verification:
        (entries, first, last) = self._connection.execute(
            "SELECT count(*), min(number), max(number) FROM entry"
        ).fetchone()
        marker = Marker(self._secret, anchor.chain)
        is_anchored = is_same(anchor.mark, marker.anchor(anchor.number, anchor.hash))
        faults = list(_beginning(anchor, head, head_fault, is_anchored=is_anchored))
        own = head if head is not None and head.chain == anchor.chain else None
        wrong = self._first_wrong(anchor, entries, marker, progress) if entries else None
        is_short = own is not None and (last or anchor.number) < own.number
        hashes: dict[int, bytes] = {}
        if wrong is not None or is_short:
            if entries > _MOST_COMPARED:
                what = f"from entry {wrong} on it is not as the device wrote it"
                faults.append(Fault(Kind.ALTERED, wrong or 0, last, what))
            else:
                more, hashes = self._compared(anchor, own, marker, is_anchored=is_anchored)
                faults += more
        faults += self._ending(own, hashes)
        remarks, rolled_back = self._beside(noted, anchor)
        faults += rolled_back
        faults.sort(key=lambda fault: fault.number)
        ahead = max(0, (last or 0) - own.number) if own and not faults else 0
        return Verification(
            chain=anchor.chain,
            first=first or 0,
            last=last or 0,
            entries=entries,
            faults=tuple(faults[:MOST_FAULTS]),
            more=max(0, len(faults) - MOST_FAULTS),
            head=head,
            ahead=ahead,
            remarks=remarks,
        )

    def _first_wrong(self, anchor: Anchor, entries: int, marker: Marker, progress: Progress) -> int | None:
        """The number of the first row that is not what follows the one before."""
        number, previous = anchor.number, anchor.hash
        for row in rows(self._connection):
            number += 1
            entry = row.entry
            if entry is None or row.number != number or hash_of(entry, previous) != entry.hash:
                return row.number
            if not is_same(row.mark, marker.entry(number, entry.hash)):
                return row.number
            previous = entry.hash
            if number % _TOLD == 0:
                progress("verifying", (number - anchor.number) / entries)
        progress("verifying", 1.0)
        return None

    def _compared(
        self, anchor: Anchor, head: Head | None, marker: Marker, *, is_anchored: bool
    ) -> tuple[list[Fault], dict[int, bytes]]:
        found = [Found(row.number, row.entry.hash if row.entry else b"", row.mark) for row in rows(self._connection)]
        last = head.number if head else anchor.number + len(found)
        origins = origins_of(found, anchor.number, last + len(found), marker)
        through = max([head.number if head else 0, *(origin for origin in origins if origin is not None)])
        faults = list(faults_of(found, origins, anchor.number, through))
        hashes = {origin: row.hash for row, origin in zip(found, origins, strict=True) if origin is not None}
        before = hashes | ({anchor.number: anchor.hash} if is_anchored else {})
        for row, origin in zip(rows(self._connection), origins, strict=True):
            previous = None if origin is None else before.get(origin - 1)
            if origin is None or previous is None:
                continue
            if row.entry is None or hash_of(row.entry, previous, origin) != row.entry.hash:
                what = f"entry {origin} does not say what it said when the device wrote it"
                faults.append(Fault(Kind.ALTERED, row.number, row.number, what))
        return faults, hashes

    def _ending(self, head: Head | None, hashes: dict[int, bytes]) -> Iterator[Fault]:
        if head is None:
            return
        hash_ = hashes.get(head.number) if hashes else self._hash_at(head.number)
        if hash_ is not None and hash_ != head.hash:
            what = f"entry {head.number} is not the one that the head names: this is another history"
            yield Fault(Kind.ROLLED_BACK, head.number, head.number, what)

    def _beside(self, noted: Head | None, anchor: Anchor) -> tuple[tuple[str, ...], list[Fault]]:
        """What a noted head says to it."""
        if noted is None:
            return (), []
        if noted.chain != anchor.chain:
            what = f"the noted head is of the chain {noted.chain}, and this is {anchor.chain}"
            return (), [Fault(Kind.ROLLED_BACK, noted.number, noted.number, what)]
        if noted.number < anchor.number:
            return (f"entry {noted.number}, which was noted, was removed because of its age",), []
        hash_ = anchor.hash if noted.number == anchor.number else self._hash_at(noted.number)
        if hash_ == noted.hash:
            return (), []
        found = "is not there" if hash_ is None else "is another"
        what = f"entry {noted.number}, which was noted, {found}: an older copy took the place of this chain"
        return (), [Fault(Kind.ROLLED_BACK, noted.number, noted.number, what)]

    def _hash_at(self, number: int) -> bytes | None:
        row = self._connection.execute("SELECT hash FROM entry WHERE number = ?", (number,)).fetchone()
        return row[0] if row else None

    def _begin(self, anchor: Anchor, since: float | None) -> Anchor:
        if since is None:
            return anchor
        row = self._connection.execute(
            "SELECT number FROM entry WHERE at >= ? ORDER BY number LIMIT 1", (round(since * 1000),)
        ).fetchone()
        before = self._connection.execute(
            "SELECT number, hash FROM entry WHERE number < ? ORDER BY number DESC LIMIT 1", (row[0] if row else 2**62,)
        ).fetchone()
        return Anchor(anchor.chain, *before) if before else anchor

    def _kept_head(self) -> tuple[Head | None, str]:
        """The head in its file, read before the entries: it is never ahead of what is read next."""
        try:
            with WORDS.translated(self._path):
                head = read_head(self._path.with_name(HEAD_FILE), self._secret)
        except Refused as error:
            return None, error.what
        return head, "" if head else "it is missing"

    @contextmanager
    def _at_one_moment(self) -> Iterator[Anchor]:
        with WORDS.translated(self._path), transaction(self._connection, "BEGIN"):
            yield self._anchor()

    def _anchor(self) -> Anchor:
        if not is_laid_out(self._connection):
            raise Corrupt("no chain was ever begun in it")
        return read_anchor(self._connection)

    def _after(self, number: int) -> Iterator[Entry]:
        with WORDS.translated(self._path):
            for row in rows(self._connection, number):
                if row.entry is not None:
                    yield row.entry


def _beginning(anchor: Anchor, head: Head | None, head_fault: str, *, is_anchored: bool) -> Iterator[Fault]:
    if not is_anchored:
        yield Fault(Kind.ANCHOR, 0, 0, "the mark on which the oldest entry rests is not the device's")
    if head is None:
        yield Fault(Kind.HEAD, 0, 0, f"the head: {head_fault}")
    elif head.chain != anchor.chain:
        yield Fault(Kind.HEAD, 0, 0, f"the head is of another chain, {head.chain}")
    elif head.anchor > anchor.number:
        yield Fault(
            Kind.ANCHOR, 0, 0, f"entries up to {head.anchor} had been removed because of their age, and are back"
        )
