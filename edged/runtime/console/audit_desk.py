"""What the console's audit page asks of the device."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from edged.api.console.audit import AuditList, AuditPart, AuditQuery, ExportQuery, VerificationPart
from edged.audit.act import Act
from edged.audit.entry import Fact
from edged.audit.noting import Noting
from edged.audit.records import Records
from edged.audit.selection import Selection
from edged.audit.statement import Exporter
from edged.domain.person import Person
from edged.runtime.clock import Clock
from edged.wire.payload import instant

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from edged.audit.entry import Entry

_IN_MEMORY: Final = 4 * 1024 * 1024
_PIECE: Final = 64 * 1024
_KINDS: Final = ("account:", "shell:", "mqtt:", "sync:")


class DeviceAuditDesk:
    """The device's audit log: `edged.api.console.audit.AuditDesk`. Any thread; each question opens it for itself.

    Args:
        path: of the log; secret: of the device, for this purpose; key: what it signs exports with.
        device: its name.
        people: whoever is enrolled.
        notes: takes note of who verified and who exported.
    """

    def __init__(
        self,
        path: Path,
        secret: bytes,
        key: Ed25519PrivateKey,
        *,
        device: str,
        people: Callable[[], Iterable[Person]],
        notes: Noting,
        clock: Clock,
    ) -> None:
        self._path = path
        self._secret = secret
        self._key = key
        self._device = device
        self._people = people
        self._notes = notes
        self._clock = clock
        self._verified: VerificationPart | None = None

    def entries(self, query: AuditQuery) -> AuditList:
        with self._records() as records:
            found = records.entries(_selection(query), limit=query.limit + 1, before=query.before)
        names = self._names(found)
        return AuditList(
            entries=tuple(_part(entry, names) for entry in found[: query.limit]),
            more=len(found) > query.limit,
            verified=self._verified,
            acts=tuple(Act),
        )

    def verify(self, by: str) -> VerificationPart:
        with self._records() as records:
            verification = records.verify()
        findings = [fault.what for fault in verification.faults]
        if verification.more:
            findings.append(f"and {verification.more} more")
        now = self._clock.now()
        self._verified = VerificationPart(
            at=instant(now.utc),
            whole=verification.is_whole,
            first=verification.first,
            last=verification.last,
            findings=tuple(findings),
        )
        about: dict[str, Fact] = {
            "whole": verification.is_whole,
            "entries": verification.entries,
            "through": verification.last,
        }
        if verification.faults:
            about["faults"] = len(verification.faults) + verification.more
        self._notes.note(Act.VERIFICATION, by=f"account:{by}", about=about)
        return self._verified

    def export(self, query: ExportQuery, by: str) -> Iterator[bytes]:
        file = tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(self._path.parent))  # noqa: SIM115  `_pieces` closes it
        try:
            count = self._write(query, file)
        except BaseException:
            file.close()
            raise
        since = query.since.isoformat() if query.since else ""
        self._notes.note(Act.EXPORT, by=f"account:{by}", about={"format": query.form, "entries": count, "since": since})
        return _pieces(file)

    def _write(self, query: ExportQuery, file: IO[bytes]) -> int:
        """Writes what is exported, and returns how many entries that are."""
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        with self._records() as records:
            faults = records.verify()
            with records.whole(query.since.timestamp() if query.since else None) as (begin, count, entries):
                exporter = Exporter(begin)
                if query.form == "csv":
                    exporter.as_csv(text, entries)
                else:
                    exporter.as_json(text, entries)
                    found = len(faults.faults) + faults.more
                    exporter.end_json(text, exporter.statement(self._device, self._clock.now().utc, found, self._key))
        text.detach()
        return count

    @contextmanager
    def _records(self) -> Iterator[Records]:
        with closing(Records.open(self._path, self._secret)) as records:
            yield records

    def _names(self, entries: Iterable[Entry]) -> Mapping[str, str]:
        there = {person for entry in entries if isinstance(person := entry.facts.get("person"), str)}
        if not there:
            return {}
        return {one.id: one.name or one.customer_person_id for one in self._people() if one.id in there}


def _selection(query: AuditQuery) -> Selection:
    by = query.by
    if by and by != "device" and not by.startswith(_KINDS):
        by = f"account:{by}"
    return Selection(
        acts=(query.act,) if query.act else (),
        by=by,
        since=query.since.timestamp() if query.since else None,
        until=query.until.timestamp() if query.until else None,
        text=query.text,
    )


def _part(entry: Entry, names: Mapping[str, str]) -> AuditPart:
    facts = entry.facts
    return AuditPart(
        number=entry.number,
        at=entry.at,
        by=entry.by,
        act=entry.act,
        about=facts,
        person=names.get(str(facts.get("person", "")), ""),
        hash=entry.hash.hex(),
    )


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece
