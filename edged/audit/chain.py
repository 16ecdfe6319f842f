"""The audit log on the disk: a chain to which only the device can add, and from which nothing is taken unseen."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Self

from edged.audit.act import Act
from edged.audit.anchor import Anchor, genesis, keep_anchor, move_anchor, read_anchor
from edged.audit.entry import Fact, Note, entry_of
from edged.audit.finding import End, end_of
from edged.audit.head import Head, head_bytes, read_head
from edged.audit.ledger_file import (
    HEAD_FILE,
    WORDS,
    alone,
    is_laid_out,
    last_set_aside,
    lay_out,
    open_ledger,
    set_aside,
)
from edged.audit.mark import Marker
from edged.audit.rows import INSERT, values_of
from edged.domain.errors import Corrupt, Refused, Unavailable
from edged.domain.frame import Moment
from edged.vault.database_file import transaction
from edged.vault.private_file import private_file

DEVICE: Final = "device"
"""`by` of what the device does by itself."""
_MOST_FORGED: Final = 1_000_000
"""Numbers that forged entries may have used up; a chain with more is set aside."""
_PRUNED_AT_ONCE: Final = 20_000


class Chain:
    """Adds to the audit log of a device. Belongs to one thread; several processes may have it open, and add in turn.
    Whoever reads it uses `Records`.

    What is added is on the disk when `append` returns: first the entries, in one transaction, then the head in its own
    file. Whoever is cut off between the two leaves a head that is behind, and entries after it that bear the
    device's marks: that is an interruption. A head that is ahead of the entries is none: entries were removed. Whoever
    adds next looks for that, and notes what it found before anything else.

    A file that cannot be read, or is gone, is set aside; a new chain begins, and its first entry says so.

    Args:
        path: of the database; the head lies beside it.
        secret: of the device, for this purpose; without it nobody makes an entry that passes.
        boot: the kernel's name for the time since the machine started.
        now: this moment; new_id: a new id as text.

    Raises:
        Refused: `newer_database`.
        Unavailable: the disk or its permissions do not let us.
    """

    def __init__(
        self, path: Path, secret: bytes, *, boot: str, now: Callable[[], Moment], new_id: Callable[[], str]
    ) -> None:
        self._path = path
        self._head_path = path.with_name(HEAD_FILE)
        self._secret = secret
        self._boot = boot
        self._now = now
        self._new_id = new_id
        self._head_fault: Unavailable | None = None
        self._connection: sqlite3.Connection | None = None
        self._file = -1
        self._head = Head("", 0, b"")
        self._found: Mapping[str, Fact] = {}
        self._mended(lambda: None)

    @classmethod
    def open(
        cls, path: Path, secret: bytes, *, boot: str, now: Callable[[], Moment], new_id: Callable[[], str]
    ) -> Self:
        """The chain at `path`, begun where there is none. Blocks for the disk, and for others who write."""
        return cls(path, secret, boot=boot, now=now, new_id=new_id)

    def close(self) -> None:
        """Closes the database; the next entry would open it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection, self._file = None, -1

    @property
    def head(self) -> Head:
        """Where the chain ended when this process last looked or wrote. Any thread."""
        return self._head

    @property
    def head_fault(self) -> Unavailable | None:
        """Why the head in its file is behind: the disk refused it after it had taken the entries. The next entry brings
        it up to date.
        """
        return self._head_fault

    @property
    def found(self) -> Mapping[str, Fact]:
        """What this process last found that was not as the device had left it; empty: nothing. Any thread."""
        return self._found

    def append(self, notes: Sequence[Note]) -> Head:
        """Adds entries, all of them or none; on the disk when it returns. Blocks for the disk and for others who write.

        Raises:
            Unavailable: the disk is full or failing, or another process has been writing for 5 s; nothing was added.
        """
        if notes:
            self._mended(lambda: self._add(notes))
        return self._head

    def needs_pruning(self, before: float, most: int) -> bool:
        """Whether the oldest entry is older than `before` (UTC seconds), or there are more than `most`. Blocks for the
        disk only.

        Raises:
            Corrupt, Unavailable: it cannot be read.
        """
        with WORDS.translated(self._path):
            row = self._open.execute("SELECT number, at FROM entry ORDER BY number LIMIT 1").fetchone()
        return row is not None and (row[1] < round(before * 1000) or self._head.number - row[0] + 1 > most)

    def prune(self, before: float, most: int, *, by: str = DEVICE) -> int:
        """Removes the oldest entries, a bounded number at a time, and notes it; what remains can be verified as before.

        An entry goes only with all that are older by number: one with a time ahead of the clock holds others up until
        `most` is reached.

        Args:
            before: UTC seconds; what is older goes.
            most: so many entries may stay, whatever their age.
            by: who wants it.

        Returns:
            how many went; call again while it is not 0.

        Raises:
            Unavailable: as `append`; nothing was removed.
        """
        gone: list[int] = []
        self._mended(lambda: gone.append(self._remove(round(before * 1000), most, by)))
        return gone[-1] if gone else 0

    def _mended(self, work: Callable[[], None]) -> None:
        """Does something while nobody else writes, with a chain that can be used."""
        with alone(self._path):
            try:
                with WORDS.translated(self._path):
                    self._open_whole()
                    work()
            except Corrupt as damage:
                with WORDS.translated(self._path):
                    self._begin_anew("damaged", damage.what)
                    work()

    def _open_whole(self) -> None:
        """Opens the file, also where another process has set the former one aside."""
        if self._connection is not None and _inode(self._path) == self._file:
            return
        self.close()
        self._connection = open_ledger(self._path)
        self._file = _inode(self._path)
        if is_laid_out(self._connection):
            end = self._end()
            anchor = read_anchor(self._connection)
            self._head = Head(anchor.chain, end.number, end.hash, anchor.number)
            return
        head, fault = self._kept_head()
        if fault == "head_missing" or (head is not None and head.number == 0):
            self._begin("new")
        else:
            self._begin_anew("missing")

    def _begin_anew(self, reason: str, detail: str = "") -> None:
        head, _ = self._kept_head()
        self.close()
        set_aside(self._path, self._now().utc)
        self._connection = open_ledger(self._path)
        self._file = _inode(self._path)
        former: dict[str, Fact] = {} if head is None else {"former": str(head)}
        self._begin(reason, {**({"detail": detail} if detail else {}), **former})

    def _begin(self, reason: str, about: Mapping[str, Fact] | None = None) -> None:
        """The head comes first, so that entries without one are never an interruption."""
        anchor = genesis(self._new_id())
        with private_file(self._head_path) as file:
            file.write(head_bytes(Head(anchor.chain, 0, anchor.hash), self._secret))
        aside = last_set_aside(self._path)
        facts: dict[str, Fact] = {"reason": reason, **(about or {}), **({"set_aside": aside} if aside else {})}
        self._found = {} if reason == "new" else {**facts, "kind": reason}
        note = Note(Act.BEGINNING, DEVICE, facts, self._now())
        self._commit(anchor, End(0, anchor.hash, {}), [note], begins=True)

    def _add(self, notes: Sequence[Note]) -> None:
        self._commit(read_anchor(self._open), self._end(), notes)

    def _remove(self, before_ms: int, most: int, by: str) -> int:
        anchor, end = read_anchor(self._open), self._end()
        first_to_stay = self._open.execute(
            "SELECT number FROM entry WHERE at >= ? ORDER BY number LIMIT 1", (before_ms,)
        ).fetchone()
        by_age = first_to_stay[0] - 1 if first_to_stay else end.number
        through = min(max(by_age, end.number - most), anchor.number + _PRUNED_AT_ONCE)
        row = self._open.execute(
            "SELECT number, hash FROM entry WHERE number <= ? AND number > ? ORDER BY number DESC LIMIT 1",
            (through, anchor.number),
        ).fetchone()
        if row is None:
            return 0
        (count,) = self._open.execute("SELECT count(*) FROM entry WHERE number <= ?", (row[0],)).fetchone()
        about: dict[str, Fact] = {"through": row[0], "hash": row[1].hex(), "entries": count}
        note = Note(Act.PRUNING, by, about, self._now())
        self._commit(Anchor(anchor.chain, row[0], row[1]), end, [note])
        return int(count)

    @property
    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise RuntimeError("the chain is closed")
        return self._connection

    def _kept_head(self) -> tuple[Head | None, str]:
        """The head in its file; else why there is none."""
        try:
            head = read_head(self._head_path, self._secret)
        except Refused as error:
            return None, error.reason
        return head, "" if head else "head_missing"

    def _end(self) -> End:
        anchor = read_anchor(self._open)
        head, fault = self._kept_head()
        end = end_of(self._open, anchor, head, fault, Marker(self._secret, anchor.chain))
        if end.number - (head.number if head else 0) > _MOST_FORGED and end.finding:
            raise Corrupt("it has numbers that the device never gave")
        return end

    def _commit(self, anchor: Anchor, end: End, notes: Sequence[Note], *, begins: bool = False) -> None:
        """Writes the entries and then the head. The new head is on the disk, under another name, before the entries are
        committed: a full disk refuses both or neither.
        """
        marker = Marker(self._secret, anchor.chain)
        number, previous, rows = end.number, end.hash, []
        finding = [Note(Act.FINDING, DEVICE, end.finding, self._now())] if end.finding else []
        for note in (*finding, *notes):
            entry = entry_of(note, number + 1, previous, self._boot)
            number, previous = entry.number, entry.hash
            rows.append(values_of(entry, marker))
        head = Head(anchor.chain, number, previous, anchor.number)
        is_committed = False
        try:
            with private_file(self._head_path) as file:
                file.write(head_bytes(head, self._secret))
                file.flush()
                os.fsync(file.fileno())
                with transaction(self._open, "BEGIN IMMEDIATE"):
                    if begins:
                        lay_out(self._open)
                        keep_anchor(self._open, anchor, marker)
                    elif anchor.mark == b"":
                        move_anchor(self._open, anchor, marker)
                    self._open.executemany(INSERT, rows)
                is_committed = True
            self._head_fault = None
        except OSError as error:
            if not is_committed:
                raise
            self._head_fault = Unavailable(
                f"the head of the audit log {self._head_path} cannot be written: {error.strerror}",
                "Check the disk and who may write there.",
            )
        self._head, self._found = head, end.finding or self._found


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return -1
