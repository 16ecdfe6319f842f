"""The console's audit, over a real log."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edged.api.console.audit import AuditQuery, ExportQuery
from edged.audit.act import Act
from edged.audit.chain import Chain
from edged.audit.entry import Fact, Note
from edged.audit.export_check import verify_export
from edged.audit.statement import read_json_export
from edged.domain.frame import Moment
from edged.domain.person import Person
from edged.runtime.console.audit_desk import DeviceAuditDesk
from tests.runtime.hand_clock import HandClock

ANNA = Person("anna-id", "4711", "Anna Weber")
SECRET = bytes(range(32))
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


class Heard:
    """Takes notes, and keeps them to be looked at."""

    def __init__(self) -> None:
        self.notes: list[tuple[Act, str, Mapping[str, Fact]]] = []

    def note(self, act: Act, *, by: str, about: Mapping[str, Fact], at: Moment | None = None) -> None:
        self.notes.append((act, by, about))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def desk(tmp_path: Path, heard: Heard) -> DeviceAuditDesk:
    """Twelve entries: one that begins the chain, ten passages of Anna's and one opening by olga."""
    path = tmp_path / "audit.db"
    chain = Chain.open(path, SECRET, boot="b", now=lambda: Moment(0.0, 1_799_999_000.0), new_id=lambda: "chain-1")
    with closing(chain):
        for number in range(10):
            about = {"door": "front", "verdict": "granted", "person": ANNA.id, "passage": f"p{number}"}
            chain.append([Note(Act.DECISION, "device", about, Moment(number, 1_800_000_000.0 + number))])
        chain.append([Note(Act.OPENING, "account:olga", {"door": "Store-2"}, Moment(20, 1_800_000_020.0))])
    return DeviceAuditDesk(path, SECRET, KEY, device="entrance", people=lambda: [ANNA], notes=heard, clock=HandClock())


def numbers(desk: DeviceAuditDesk, **query: object) -> list[int]:
    return [entry.number for entry in desk.entries(AuditQuery.model_validate(query)).entries]


def test_entries_come_newest_first_with_the_names_of_whoever_is_still_enrolled(desk: DeviceAuditDesk) -> None:
    page = desk.entries(AuditQuery(limit=3))
    assert [(entry.number, entry.act, entry.person) for entry in page.entries] == [
        (12, "opening", ""),
        (11, "decision", "Anna Weber"),
        (10, "decision", "Anna Weber"),
    ]
    assert page.more
    assert "decision" in page.acts
    assert numbers(desk, before=4) == [3, 2, 1]
    assert not desk.entries(AuditQuery(before=4)).more


def test_filters_leave_what_they_say(desk: DeviceAuditDesk) -> None:
    assert numbers(desk, by="olga") == numbers(desk, by="account:olga") == [12]
    assert numbers(desk, act="opening") == [12]
    assert numbers(desk, text="store") == [12]
    assert numbers(desk, text="P3") == [5]
    assert numbers(desk, text="100%") == numbers(desk, by="ol") == []
    since = datetime.fromtimestamp(1_800_000_008, UTC)
    assert numbers(desk, since=since) == [12, 11, 10]
    assert numbers(desk, since=since, until=datetime.fromtimestamp(1_800_000_009, UTC)) == [10]


def test_what_was_altered_is_found_and_it_is_noted_who_looked(
    desk: DeviceAuditDesk, heard: Heard, tmp_path: Path
) -> None:
    assert desk.entries(AuditQuery()).verified is None
    assert (desk.verify("ines").whole, desk.verify("ines").last) == (True, 12)
    with sqlite3.connect(tmp_path / "audit.db") as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("UPDATE entry SET about = replace(about, 'granted', 'refused') WHERE number = 5")
    connection.close()
    found = desk.verify("ines")
    assert not found.whole
    assert "entry 5" in found.findings[0]
    assert desk.entries(AuditQuery()).verified == found
    act, by, about = heard.notes[-1]
    assert (act, by, about["whole"]) == (Act.VERIFICATION, "account:ines", False)


def test_an_export_can_be_checked_elsewhere(desk: DeviceAuditDesk, heard: Heard) -> None:
    entries, statement = read_json_export(b"".join(desk.export(ExportQuery(form="json"), "adele")))
    assert verify_export(entries, statement).is_whole
    assert [entry.number for entry in entries] == list(range(1, 13))
    assert heard.notes == [(Act.EXPORT, "account:adele", {"format": "json", "entries": 12, "since": ""})]
    table = b"".join(desk.export(ExportQuery(form="csv", since=datetime.fromtimestamp(1_800_000_020, UTC)), "adele"))
    (row,) = csv.DictReader(io.StringIO(table.decode("utf-8-sig"), newline=""))
    assert (row["number"], row["by"]) == ("12", "account:olga")
