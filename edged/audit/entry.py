"""One entry of the audit log, and its place in the chain."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

from edged.audit.act import Act
from edged.domain.frame import Moment

Fact: TypeAlias = str | int | float | bool | None
"""What an entry says under one name."""

MOST_FACTS: Final = 32
MOST_LETTERS: Final = 500
"""Of one fact that is a text; a longer one is cut off, and ends in `…`."""
MOST_BY: Final = 128
"""Letters of who did it."""
_MOST_NAME: Final = 64
_MOST_NUMBER: Final = 2**53 - 1
"""What every reader of JSON keeps exactly."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MS: Final = 253_402_300_799_999
"""The last millisecond of the year 9999."""


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be noted.

    Attributes:
        act: what was done.
        by: who did it, as `<kind>:<name>`: `account:anna`, `shell:root`, `mqtt:<key>`, `sync:hub`; `device` for the
            device itself.
        about: what it was about. People by our id (`person`), never by name or customer's key: whoever is deleted must
            not live on here. Never a face, never a secret.
        at: when it was done.
    """

    act: Act
    by: str
    about: Mapping[str, Fact]
    at: Moment


@dataclass(frozen=True, slots=True)
class Entry:
    """What was noted, as it lies on the disk.

    Attributes:
        number: the first is 1, each one more than the one before.
        at_ms: UTC milliseconds since the epoch; mono_ms: milliseconds of the kernel's clock that nobody sets, to be
            compared within one `boot`.
        boot: the kernel's name for the time between two starts of the machine.
        by, act: see `Note`; `act` is text, since a newer edged may have noted what this one does not know.
        about: what it was about, JSON exactly as it was hashed.
        hash: of all of this and of the entry before, 32 bytes; see `hash_of`.
    """

    number: int
    at_ms: int
    mono_ms: int
    boot: str
    by: str
    act: str
    about: str
    hash: bytes

    @property
    def facts(self) -> dict[str, Any]:
        """What it was about, read. Empty where it is not JSON any more."""
        try:
            facts = json.loads(self.about)
        except ValueError:
            return {}
        return facts if isinstance(facts, dict) else {}

    @property
    def at(self) -> str:
        """When, as `2026-11-25T23:15:32.123Z`."""
        return written(self.at_ms)


def entry_of(note: Note, number: int, previous: bytes, boot: str) -> Entry:
    """The entry that a note becomes.

    Args:
        number: its own; previous: the hash of the one before; boot: of the machine.
    """
    entry = Entry(
        number=number,
        at_ms=min(max(round(note.at.utc * 1000), 0), _LAST_MS),
        mono_ms=max(round(note.at.mono * 1000), 0),
        boot=_line(boot, MOST_BY),
        by=_line(note.by, MOST_BY),
        act=str(note.act),
        about=_canonical(note.about),
        hash=b"",
    )
    return with_hash(entry, hash_of(entry, previous))


def with_hash(entry: Entry, hash_: bytes) -> Entry:
    """The entry with another hash."""
    return Entry(entry.number, entry.at_ms, entry.mono_ms, entry.boot, entry.by, entry.act, entry.about, hash_)


def hash_of(entry: Entry, previous: bytes, number: int | None = None) -> bytes:
    """SHA-256 over eight lines of UTF-8, a line feed between two: the hash of the entry before in hexadecimal digits,
    the number, the time, the kernel's milliseconds, boot, by, act and about. No line holds a line feed.

    Args:
        number: what to take for the entry's number; None: its own.
    """
    place = entry.number if number is None else number
    lines = (
        f"{previous.hex()}\n{place}\n{entry.at}\n{entry.mono_ms}\n{entry.boot}\n{entry.by}\n{entry.act}\n{entry.about}"
    )
    return hashlib.sha256(lines.encode("utf-8", "surrogatepass")).digest()


def written(at_ms: int) -> str:
    """UTC milliseconds since the epoch as text; what is no time, as a number."""
    if not 0 <= at_ms <= _LAST_MS:
        return str(at_ms)
    text = (_EPOCH + timedelta(milliseconds=at_ms)).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _canonical(about: Mapping[str, Fact]) -> str:
    facts = {_line(str(name), _MOST_NAME): _bounded(fact) for name, fact in list(about.items())[:MOST_FACTS]}
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def _bounded(fact: Fact) -> Fact:
    match fact:
        case bool() | None:
            return fact
        case int():
            return fact if abs(fact) <= _MOST_NUMBER else str(fact)[:MOST_LETTERS]
        case float():
            return fact if math.isfinite(fact) else None
        case _:
            return fact if len(fact) <= MOST_LETTERS else fact[: MOST_LETTERS - 1] + "…"


def _line(text: str, most: int) -> str:
    """The text in one line, without what moves a cursor."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:most])
