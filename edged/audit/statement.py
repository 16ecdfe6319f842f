"""An audit log that leaves the device: entries, and the device's signed word on them, for others to check."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TextIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edged.audit.anchor import Anchor
from edged.audit.entry import Entry
from edged.config.text import read_json
from edged.domain.cell import defused, plain
from edged.domain.errors import ConfigInvalid, Refused
from edged.domain.timestamp import utc
from edged.vault.receipt import sign

MOST_BYTES: Final = 512 * 2**20
"""Of an export that is read again."""
KIND: Final = "edged audit log"
FIELDS: Final = ("number", "at", "mono", "boot", "by", "act", "about", "hash")
"""Of an entry, in both formats; `mono` in milliseconds, `about` the JSON text that was hashed."""

_LONGEST_CELL: Final = 64 * 1024


def statement_file(path: Path) -> Path:
    """Beside a CSV export: its signed statement."""
    return path.with_name(f"{path.name}.statement.json")


class Exporter:
    """Writes entries and keeps what the statement needs to say of them. Belongs to one thread.

    Args:
        begin: what the first entry follows.
    """

    def __init__(self, begin: Anchor) -> None:
        self._begin = begin
        self._count = 0
        self._end = (begin.number, begin.hash)

    def as_json(self, file: TextIO, entries: Iterable[Entry]) -> None:
        """The first part of the JSON document, up to the statement: `end_json` writes that. Blocks for the disk."""
        file.write('{"entries": [')
        for entry in entries:
            file.write(",\n" if self._count else "\n")
            file.write(json.dumps(dict(zip(FIELDS, self._cells(entry), strict=True)), ensure_ascii=True))
        file.write("\n]")

    def end_json(self, file: TextIO, statement: Mapping[str, Any]) -> None:
        """The rest of the document."""
        file.write(f',\n"statement": {json.dumps(statement, indent=1)}}}\n')

    def as_csv(self, file: TextIO, entries: Iterable[Entry]) -> None:
        """A table with headings (RFC 4180), in which nothing is a formula. The statement has a file of its own."""
        file.write("\ufeff")
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        for entry in entries:
            writer.writerow([defused(str(cell)) for cell in self._cells(entry)])

    def statement(self, device: str, exported: float, faults: int, key: Ed25519PrivateKey) -> dict[str, Any]:
        """The device's signed word on what was written: which chain, from where to where, and how it ends.

        Args:
            device: its name; exported: UTC seconds since the epoch.
            faults: how many the device itself found in the whole chain; 0: it is as the device wrote it.
        """
        number, hash_ = self._end
        return sign(
            {
                "v": 1,
                "kind": KIND,
                "device": device,
                "chain": self._begin.chain,
                "after": self._begin.number,
                "after_hash": self._begin.hash.hex(),
                "through": number,
                "hash": hash_.hex(),
                "entries": self._count,
                "faults": faults,
                "exported": utc(exported),
            },
            key,
        )

    def _cells(self, entry: Entry) -> tuple[str | int, ...]:
        self._count += 1
        self._end = (entry.number, entry.hash)
        return (
            entry.number,
            entry.at,
            entry.mono_ms,
            entry.boot,
            entry.by,
            entry.act,
            entry.about,
            entry.hash.hex(),
        )


def read_json_export(data: bytes) -> tuple[list[Entry], dict[str, Any]]:
    """The entries and the statement of a JSON export, whatever they say.

    Raises:
        Refused: `not_an_export`.
    """
    try:
        document = read_json(data, "the export", MOST_BYTES)
    except ConfigInvalid as error:
        raise _none(str(error.problems[0])) from None
    entries, statement = document.get("entries"), document.get("statement")
    if not isinstance(entries, list) or not isinstance(statement, dict):
        raise _none("it has no entries or no statement")
    return list(map(_entry, entries)), statement


def read_csv_export(data: bytes, statement: bytes) -> tuple[list[Entry], dict[str, Any]]:
    """The entries of a CSV export, and its statement.

    Raises:
        Refused: `not_an_export`.
    """
    if len(data) > MOST_BYTES:
        raise _none("it is too large")
    try:
        csv.field_size_limit(_LONGEST_CELL)
        rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        entries = [_entry({name: plain(cell) for name, cell in row.items() if name and cell}) for row in rows]
        return entries, read_json(statement, "the statement")
    except (UnicodeDecodeError, csv.Error, ConfigInvalid, AttributeError) as error:
        raise _none(str(error)) from None


def _entry(row: Any) -> Entry:
    """An entry as it was read; one that cannot be any has number 0 and no hash, which fits nowhere."""
    try:
        at = datetime.fromisoformat(str(row["at"]))
        entry = Entry(
            number=int(row["number"]),
            at_ms=round(at.timestamp() * 1000),
            mono_ms=int(row["mono"]),
            boot=str(row.get("boot", "")),
            by=str(row.get("by", "")),
            act=str(row.get("act", "")),
            about=str(row["about"]),
            hash=bytes.fromhex(row["hash"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
        return Entry(0, 0, 0, "", "", "", "", b"")
    return entry if entry.at == row["at"] else Entry(entry.number, 0, 0, "", "", "", "", b"")


def _none(why: str) -> Refused:
    return Refused("not_an_export", f"this is no export of an audit log: {why}", "See `edged audit export`.")
