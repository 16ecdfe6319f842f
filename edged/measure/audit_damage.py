"""Damages an audit log in the ways of somebody who has its files and not the device's key, and has it verified."""

from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Final

from edged.audit.act import Act
from edged.audit.chain import Chain
from edged.audit.entry import Entry, Note, hash_of
from edged.audit.head import Head
from edged.audit.ledger_file import FILE, HEAD_FILE
from edged.audit.records import Records
from edged.audit.rows import COLUMNS, INSERT
from edged.audit.verification import Kind
from edged.domain.frame import Moment
from edged.domain.progress import Progress, quiet

SECRET: Final = bytes(range(32))
"""Of the pretended device. Whoever damages the files does not use it."""
_BOOT: Final = "5f0c6b1e-0000-4000-8000-000000000001"
_BEGIN: Final = 1_790_000_000.0
_TRIGGERS: Final = ("entry_stays", "entry_is_kept", "entry_comes_last", "anchor_moves_on", "anchor_is_kept")
_TEXTS: Final = ("boot", "by", "act", "about")
_NUMBERS: Final = ("at", "mono")

Damage = Callable[[sqlite3.Connection, random.Random, int], None]
"""Changes the database; its last argument is the number of the newest entry."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """What came of damaging an audit log again and again.

    Attributes:
        entries: it had so many.
        trials: by damage, how often it was done; found: how often verification found fault; named: how often with the
            kind of damage that it was.
        intact: how many copies were verified as they were, half of them with a head that is behind; false_alarms: how
            many of these were called faulty.
        seconds: that one verification took, on average.
    """

    entries: int
    trials: Mapping[str, int]
    found: Mapping[str, int]
    named: Mapping[str, int]
    intact: int
    false_alarms: int
    seconds: float

    @property
    def is_good(self) -> bool:
        return self.trials == self.found and not self.false_alarms


def write_chain(folder: Path, entries: int, at_once: int = 500) -> Head:
    """An audit log of so many entries as a device with a busy door writes them, in an empty folder; its head."""
    chance = random.Random(7)  # noqa: S311  not for secrets
    ids = count(1)
    moments = count()

    def now() -> Moment:
        number = next(moments)
        return Moment(100.0 + number, _BEGIN + number * 7.5)

    chain = Chain.open(folder / FILE, SECRET, boot=_BOOT, now=now, new_id=lambda: f"{next(ids):08x}")
    try:
        while (missing := entries - chain.head.number) > 0:
            chain.append([_note(chance, now()) for _ in range(min(at_once, missing))])
        return chain.head
    finally:
        chain.close()


def damage_chain(trials: int = 500, entries: int = 4000, progress: Progress = quiet) -> Damaged:
    """Damages an audit log so often, each time a fresh copy in one way drawn at random, and has it verified."""
    chance = random.Random(20)  # noqa: S311  not for secrets
    tried: Counter[str] = Counter()
    found: Counter[str] = Counter()
    named: Counter[str] = Counter()
    seconds = 0.0
    with tempfile.TemporaryDirectory(prefix="edged-audit-") as name:
        intact = false_alarms = 0
        young, grown = Path(name) / "young", Path(name) / "grown"
        young.mkdir()
        write_chain(young, entries - chance.randrange(1, 50))
        shutil.copytree(young, grown)
        noted = write_chain(grown, entries)
        for trial in range(trials):
            progress("damaging audit logs", trial / trials)
            damage = chance.choice([*_DAMAGES, "rolled back"])
            place = Path(name) / "damaged"
            shutil.copytree(young if damage == "rolled back" else grown, place)
            if damage in _DAMAGES:
                with closing(without_triggers(place / FILE)) as connection:
                    _DAMAGES[damage][0](connection, chance, noted.number)
                    connection.execute("COMMIT")
            began = time.perf_counter()
            with closing(Records.open(place / FILE, SECRET)) as records:
                # Only an older copy of everything needs the head that somebody has noted elsewhere.
                verification = records.verify(noted if damage == "rolled back" else None)
            seconds += time.perf_counter() - began
            kinds = {fault.kind for fault in verification.faults}
            tried[damage] += 1
            found[damage] += bool(kinds)
            named[damage] += (_DAMAGES[damage][1] if damage in _DAMAGES else Kind.ROLLED_BACK) in kinds
            shutil.rmtree(place)
            if trial % 10 == 0:
                intact += 1
                false_alarms += not _is_whole(grown, place, young if trial % 20 else None)
    progress("damaged", 1.0)
    return Damaged(entries, dict(tried), dict(found), dict(named), intact, false_alarms, seconds / trials)


def without_triggers(path: Path) -> sqlite3.Connection:
    """A connection to a chain that lets everything be done to it, in a transaction; for somebody who has the file."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    for trigger in _TRIGGERS:
        connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    return connection


def _is_whole(folder: Path, place: Path, behind: Path | None) -> bool:
    """Whether a copy is called whole; with the head of a log that was cut off before, where there is one."""
    shutil.copytree(folder, place)
    if behind is not None:
        shutil.copy(behind / HEAD_FILE, place / HEAD_FILE)
    with closing(Records.open(place / FILE, SECRET)) as records:
        is_whole = records.verify().is_whole
    shutil.rmtree(place)
    return is_whole


def sample_note() -> Callable[[Moment], Note]:
    """Makes notes as a busy door does, for a moment each."""
    chance = random.Random(8)  # noqa: S311  not for secrets
    return lambda at: _note(chance, at)


def _note(chance: random.Random, at: Moment) -> Note:
    person = f"0190{chance.getrandbits(48):012x}-7000-8000-{chance.getrandbits(48):012x}"
    about = {
        "door": chance.choice(("front", "store", "lab")),
        "verdict": chance.choice(("granted", "refused")),
        "rule": "schedule",
        "person": person,
        "similarity": round(chance.random(), 4),
        "knock": f"{chance.getrandbits(128):032x}",
    }
    return Note(Act.DECISION, "device", about, at)


def _alter_field(connection: sqlite3.Connection, chance: random.Random, last: int) -> None:
    column = chance.choice(_TEXTS + _NUMBERS)
    number = chance.randint(1, last)
    if column in _NUMBERS:
        change = f"{column} = {column} + {chance.choice((-1, 1, 3_600_000))}"
    else:
        # One letter more, or one less.
        change = f"{column} = {column} || 'x'" if chance.random() < 0.5 else f"{column} = substr({column}, 2)"
    connection.execute(f"UPDATE entry SET {change} WHERE number = ?", (number,))  # noqa: S608  our own words


def _alter_hash(connection: sqlite3.Connection, chance: random.Random, last: int) -> None:
    column = chance.choice(("hash", "mark"))
    forged = chance.randbytes(32)
    connection.execute(f"UPDATE entry SET {column} = ? WHERE number = ?", (forged, chance.randint(1, last)))  # noqa: S608  our own words


def _rewrite(connection: sqlite3.Connection, chance: random.Random, last: int) -> None:
    """Alters an entry and makes every hash after it anew; marks nobody can make without the key."""
    begin = chance.randint(2, last)
    rows = connection.execute(f"SELECT {COLUMNS} FROM entry WHERE number >= ? ORDER BY number", (begin - 1,)).fetchall()  # noqa: S608  our own words
    previous = rows[0][7]
    for place, row in enumerate(rows[1:]):
        entry = Entry(*row[:8])
        if place == 0:
            entry = replace(entry, about=entry.about.replace("refused", "granted") + " ")
        previous = hash_of(entry, previous)
        connection.execute(
            "UPDATE entry SET about = ?, hash = ? WHERE number = ?", (entry.about, previous, entry.number)
        )


def _remove(connection: sqlite3.Connection, chance: random.Random, last: int) -> None:
    number = chance.randint(1, last - 1)
    connection.execute("DELETE FROM entry WHERE number = ?", (number,))
    if chance.random() < 0.5:  # and hides the gap
        connection.execute("UPDATE entry SET number = -number WHERE number > ?", (number,))
        connection.execute("UPDATE entry SET number = -number - 1 WHERE number < 0")


def _remove_tail(connection: sqlite3.Connection, chance: random.Random, last: int) -> None:
    connection.execute("DELETE FROM entry WHERE number > ?", (last - chance.randint(1, 20),))


def _swap(connection: sqlite3.Connection, chance: random.Random, last: int) -> None:
    one, other = chance.sample(range(1, last + 1), 2)
    if chance.random() < 0.5:
        other = one + 1 if one < last else one - 1
    connection.execute("UPDATE entry SET number = -1 WHERE number = ?", (one,))
    connection.execute("UPDATE entry SET number = ? WHERE number = ?", (one, other))
    connection.execute("UPDATE entry SET number = ? WHERE number = -1", (other,))


def _insert(connection: sqlite3.Connection, chance: random.Random, last: int) -> None:
    """A forged entry or a copy of a real one, at the end or among the others, which then move on by one."""
    number = chance.choice((last + 1, chance.randint(2, last)))
    source = chance.randint(1, last)
    row = list(connection.execute(f"SELECT {COLUMNS} FROM entry WHERE number = ?", (source,)).fetchone())  # noqa: S608  our own words
    connection.execute("UPDATE entry SET number = -number WHERE number >= ?", (number,))
    connection.execute("UPDATE entry SET number = -number + 1 WHERE number < 0")
    row[0] = number
    if chance.random() < 0.5:
        (previous,) = connection.execute("SELECT hash FROM entry WHERE number = ?", (number - 1,)).fetchone()
        row[6] = row[6].replace("refused", "granted")
        row[7] = hash_of(Entry(*row[:8]), previous)
    connection.execute(INSERT, row)


_DAMAGES: Final[Mapping[str, tuple[Damage, Kind]]] = {
    "field altered": (_alter_field, Kind.ALTERED),
    "hash or mark altered": (_alter_hash, Kind.ALTERED),
    "altered, hashes made anew": (_rewrite, Kind.ALTERED),
    "entry removed": (_remove, Kind.REMOVED),
    "end removed": (_remove_tail, Kind.TAIL_REMOVED),
    "two swapped": (_swap, Kind.SWAPPED),
    "inserted": (_insert, Kind.INSERTED),
}
