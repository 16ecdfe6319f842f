"""What leaves the device can be checked by others, with its public key alone."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edged.audit.act import Act
from edged.audit.entry import Note
from edged.audit.export_check import verify_export
from edged.audit.ledger_file import FILE
from edged.audit.records import Records
from edged.audit.statement import Exporter, read_csv_export, read_json_export
from edged.audit.verification import Kind
from edged.domain.errors import Refused
from edged.domain.frame import Moment
from edged.vault.receipt import sign
from tests.audit.audit_log import BEGIN, SECRET, opened, written

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw().hex()


def _exported(folder: Path, since: float | None = None) -> tuple[str, str, dict[str, Any]]:
    """As JSON, as CSV, and the statement."""
    with closing(Records.open(folder / FILE, SECRET)) as records:
        as_json, as_csv = io.StringIO(), io.StringIO(newline="")
        with records.whole(since) as (begin, _, found):
            exporter = Exporter(begin)
            exporter.as_json(as_json, found)
            statement = exporter.statement("door", BEGIN, 0, KEY)
            exporter.end_json(as_json, statement)
        with records.whole(since) as (begin, _, found):
            Exporter(begin).as_csv(as_csv, found)
    return as_json.getvalue(), as_csv.getvalue(), statement


def _checked(text: str) -> list[tuple[Kind, int, int]]:
    found = verify_export(*read_json_export(text.encode()), PUBLIC)
    return [(fault.kind, fault.number, fault.through) for fault in found.faults]


def test_both_formats_hold_the_chain_and_can_be_checked_apart(tmp_path: Path) -> None:
    head = written(tmp_path, 5)
    as_json, as_csv, statement = _exported(tmp_path)
    for read in (
        read_json_export(as_json.encode()),
        read_csv_export(as_csv.encode(), json.dumps(statement).encode()),
    ):
        found = verify_export(*read, PUBLIC, head)
        assert (found.is_whole, found.entries, found.last, found.remarks) == (True, 6, 6, ())


def test_a_part_of_the_chain_can_be_exported_and_checked(tmp_path: Path) -> None:
    written(tmp_path, 5)
    as_json, _, statement = _exported(tmp_path, since=BEGIN + 52.0)
    assert (statement["after"], statement["through"], statement["entries"]) == (3, 6, 3)
    assert _checked(as_json) == []
    nothing, _, statement = _exported(tmp_path, since=BEGIN + 1e6)
    assert (statement["after"], statement["through"], statement["entries"]) == (6, 6, 0)
    assert _checked(nothing) == []


def _altered(document: dict[str, Any]) -> None:
    document["entries"][2]["by"] = "account:eve"


def _later(document: dict[str, Any]) -> None:
    document["entries"][2]["at"] = document["entries"][2]["at"].replace("Z", "+00:00")


def _removed(document: dict[str, Any]) -> None:
    del document["entries"][2]


def _shortened(document: dict[str, Any]) -> None:
    del document["entries"][-2:]


def _swapped(document: dict[str, Any]) -> None:
    entries = document["entries"]
    entries[1], entries[3] = entries[3], entries[1]


def _doubled(document: dict[str, Any]) -> None:
    document["entries"].insert(3, document["entries"][2])


def _resigned(document: dict[str, Any]) -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    document["statement"] = sign({**document["statement"], "entries": 3}, stranger)


def _changed(document: dict[str, Any]) -> None:
    document["statement"]["device"] = "another"


def _not_an_entry(document: dict[str, Any]) -> None:
    document["entries"][2] = ["nothing"]


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (_altered, Kind.ALTERED),
        (_later, Kind.ALTERED),
        (_removed, Kind.REMOVED),
        (_shortened, Kind.TAIL_REMOVED),
        (_swapped, Kind.SWAPPED),
        (_doubled, Kind.INSERTED),
        (_resigned, Kind.SIGNATURE),
        (_changed, Kind.SIGNATURE),
        (_not_an_entry, Kind.SWAPPED),
    ],
)
def test_each_damage_of_an_export_is_found(
    tmp_path: Path, damage: Callable[[dict[str, Any]], None], kind: Kind
) -> None:
    written(tmp_path, 5)
    document = json.loads(_exported(tmp_path)[0])
    damage(document)
    assert kind in [found for found, _, _ in _checked(json.dumps(document))]


def test_nothing_in_a_table_is_a_formula(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as chain:
        for by in ("=cmd|' /C calc'!A0", "+1", "-1", "@x", "'quoted", "account:anna"):
            chain.append([Note(Act.CONFIG, by, {}, Moment(1.0, BEGIN))])
    _, as_csv, statement = _exported(tmp_path)
    cells = [cell for row in csv.reader(io.StringIO(as_csv.removeprefix("\ufeff"), newline="")) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    read = read_csv_export(as_csv.encode(), json.dumps(statement).encode())
    assert [entry.by for entry in read[0]][1:3] == ["=cmd|' /C calc'!A0", "+1"]
    assert verify_export(*read, PUBLIC).is_whole


def test_without_the_key_at_hand_it_is_said_whose_word_it_is(tmp_path: Path) -> None:
    written(tmp_path, 1)
    found = verify_export(*read_json_export(_exported(tmp_path)[0].encode()))
    assert found.is_whole
    assert PUBLIC in found.remarks[0]


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b"\xff", b'{"entries": {}, "statement": {}}', b'{"entries": [], "statement": {"chain": 1}}'],
)
def test_what_is_no_export_is_refused(content: bytes) -> None:
    with pytest.raises(Refused, match="export"):
        verify_export(*read_json_export(content))
